"""KARTE in a real browser: a key pasted and a key uploaded, a test, an export, and the bytes that were shown."""

import gzip
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.activations import FEW, add_columns, begin, create, fill_details, make_segments
from tests.browser.activations import previewed as activation_rows
from tests.browser.conftest import NewPage, axe, log_in, picture
from tests.browser.workbench import cells, choose, done, make_query, run
from tests.console_process import ConsoleProcess
from tests.standins import gcs
from tests.standins.gcs import BUCKET, StandIn

SQL = "SELECT code, COUNT(1) AS hits FROM www_access GROUP BY code ORDER BY code"
CREATE = "storage.objects.create"


@pytest.fixture(scope="module")
def service() -> Iterator[StandIn]:
    with gcs.running() as running:
        yield running


@pytest.fixture(scope="module")
def console_process(tmp_path_factory: pytest.TempPathFactory, service: StandIn) -> Iterator[ConsoleProcess]:
    """A console of its own, whose Google Cloud Storage is the stand-in."""
    environment = {"SENDOFF_GCS_ENDPOINT": service.url, "SENDOFF_ALLOW_PRIVATE_HOSTS": "127.0.0.1,localhost"}
    with ConsoleProcess(tmp_path_factory.mktemp("karte"), **environment) as console:
        yield console


def test_a_pasted_key_exports_the_bytes_that_were_shown(page: Page, service: StandIn) -> None:
    query = make_query(page, "Hits", SQL)
    page.goto(query)
    run(page)
    file = file_of(page)

    dialog = begin_authentication(page)
    dialog.get_by_label("JSON Credential").fill("{}")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_contain_text("Use a service account key (type service_account).")
    dialog.get_by_label("JSON Credential").fill(service.key_file())
    dialog.get_by_role("button", name="Test").click()
    expect(dialog).to_contain_text(f"Google accepts the key of {service.writer.email}")
    assert "PRIVATE KEY" not in page.content()
    axe(page)
    picture(page, "karte-authentication")
    finish_authentication(page, "Pasted key")

    page.goto(query)
    choose(page, "Pasted key")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Path").fill("/output/hits.csv")
    dialog.get_by_label("Bucket").fill(BUCKET)
    expect(dialog.locator("#export-address")).to_have_text(f"Stored as gs://{BUCKET}/output/hits.csv")
    expect(dialog.locator(".fp-where")).to_have_text(f"gs://{BUCKET}/output/hits.csv")
    axe(page)
    picture(page, "karte-export-results")
    shown = bytes_shown(dialog)
    refuse_once(page, service)
    done(page)
    export(page, "Pasted key")
    assert shown == service.object("output/hits.csv") == file


def test_an_uploaded_key_exports_compressed(page: Page, service: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    path.write_text(service.key_file())
    dialog = begin_authentication(page)
    dialog.get_by_label("Or choose the file").set_input_files(path)
    dialog.get_by_role("button", name="Test").click()
    expect(dialog).to_contain_text("Google accepts the key")
    finish_authentication(page, "Uploaded key")

    page.goto(make_query(page, "Hits, compressed", SQL))
    run(page)
    file = file_of(page)
    choose(page, "Uploaded key")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Bucket").fill(BUCKET)
    dialog.get_by_label("Path").fill("dir/example.csv.gz")
    dialog.get_by_label("Encoders").select_option("gz")
    expect(dialog.locator(".fp-foot")).to_contain_text("Shown before gz")
    shown = bytes_shown(dialog)
    done(page)
    export(page, "Uploaded key")
    stored = service.object("dir/example.csv.gz")
    assert stored is not None
    assert gzip.decompress(stored) == shown == file


def test_the_key_can_be_uploaded_without_javascript(
    new_page: NewPage, service: StandIn, tmp_path: Path
) -> None:
    path = tmp_path / "key.json"
    path.write_text(service.key_file())
    page = new_page(java_script_enabled=False)
    log_in(page)
    page.goto("/integrations/authentications/new/?connector=karte")
    page.get_by_label("Or choose the file").set_input_files(path)
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_label("Name").fill("Without JavaScript")
    page.get_by_role("button", name="Create Connection").click()
    expect(page.get_by_role("main")).to_contain_text("Without JavaScript")
    expect(page.get_by_role("main")).to_contain_text(service.writer.email)


def test_an_activation_sends_the_bytes_that_were_shown(
    page: Page, service: StandIn, console_process: ConsoleProcess
) -> None:
    begin_authentication(page).get_by_label("JSON Credential").fill(service.key_file())
    finish_authentication(page, "Key of the activation")
    begin(page, *make_segments(console_process, FEW, "Often, to KARTE"))
    fill_details(page, "To KARTE", "Key of the activation", to_bucket)
    add_columns(page, "customer_id", "amount")
    assert activation_rows(page)
    page.locator("label", has=page.locator("input[name=dock][value=written]")).click()
    page.locator("label", has=page.locator("input[name=view][value=hex]")).click()
    shown = hex_of(page.locator("#mapping-preview"))
    create(page)
    assert shown == service.object("segments/often.csv")


def to_bucket(page: Page) -> None:
    page.get_by_label("Bucket").fill(BUCKET)
    page.get_by_label("Path").fill("segments/often.csv")


def file_of(page: Page) -> bytes:
    """The result grid as the CSV it is to become."""
    rows = ["code,hits", *(",".join(map(str, row)) for row in cells(page.locator("#grid")))]
    return "".join(f"{row}\r\n" for row in rows).encode()


def begin_authentication(page: Page) -> Locator:
    page.goto("/integrations/catalog/")
    page.get_by_role("link", name="Create Authentication for KARTE").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("JSON Credential")).to_be_visible()
    return dialog


def finish_authentication(page: Page, name: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Continue", exact=True).click()
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create Connection").click()
    page.wait_for_url("**/integrations/authentications/**")
    expect(page.get_by_role("main")).to_contain_text(name)


def bytes_shown(dialog: Locator) -> bytes:
    """What the Hex view says, as bytes."""
    with previewed(dialog.page):
        dialog.locator("label", has=dialog.page.locator("input[name=view][value=hex]")).click()
    return hex_of(dialog)


def hex_of(place: Locator) -> bytes:
    text = place.locator(".fp-hex").inner_text()
    rows = [re.match(r"[0-9a-f]{6}  ((?:[0-9a-f]{2} )+)", line) for line in text.splitlines() if line.strip()]
    assert all(rows), text
    return b"".join(bytes.fromhex(row[1]) for row in rows if row)


def previewed(page: Page) -> AbstractContextManager[object]:
    """Waits for the preview that follows, so that no answer comes to a dialog that is closed."""
    return page.expect_response(re.compile("/preview/$"))


def refuse_once(page: Page, service: StandIn) -> None:
    """Done without the right to write: the missing permission stands beside Bucket."""
    held, service.writer.permissions[BUCKET] = service.writer.permissions[BUCKET], set()
    dialog = page.get_by_role("dialog")
    with previewed(page):
        dialog.get_by_role("button", name="Done").click()
    sentence = f"{service.writer.email} has no permission to write to {BUCKET}."
    expect(dialog.locator("#div_id_bucket")).to_contain_text(sentence)
    expect(dialog.locator("#div_id_bucket")).to_contain_text(CREATE)
    service.writer.permissions[BUCKET] = held


def export(page: Page, authentication: str) -> None:
    run(page)
    expect(page.locator("#run")).to_contain_text(f"rows exported to {authentication}")
