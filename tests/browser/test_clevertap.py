"""CleverTap in a real browser: connect, see the requests, send, and what became of every row."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.activations import (
    FEW,
    add_columns,
    begin,
    create,
    fill_details,
    make_segments,
    previewed,
)
from tests.browser.conftest import axe, picture
from tests.browser.workbench import make_query, post, run, saved_file
from tests.console_process import EMAIL, ConsoleProcess
from tests.standins import clevertap
from tests.standins.clevertap import StandIn

ACCOUNT, PASSCODE = "TEST-4KK-444Z", "AAA-BBB-CCCC"
EVENTS = """SELECT * FROM (VALUES
  ('u1', 'Charged', 10, 'books', '2020-08-01T00:00:00Z'),
  ('u2', 'Old', NULL, NULL, NULL),
  ('u3', 'Viewed', NULL, NULL, NULL),
  (NULL, 'Viewed', NULL, NULL, NULL)
) AS t (identity, "evtName", "Amount", "Items[0].Category", ts)"""
# Makes an authentication without the pages under test; prints its number.
FURNISH = f"""
from console.accounts.models import User
from integrations.models import Authentication
one = Authentication(name="clevertap here", owner=User.objects.get(email=sys.argv[1]), connector="clevertap",
                     keys={{"account_id": "{ACCOUNT}", "region": "in1"}}, account="{ACCOUNT}", health="healthy")
one.seal({{"passcode": "{PASSCODE}"}}); one.save(); print(one.pk)
"""


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    with clevertap.running() as running:
        yield running


@pytest.fixture(scope="module")
def console_process(tmp_path_factory: pytest.TempPathFactory, stand_in: StandIn) -> Iterator[ConsoleProcess]:
    """A console of its own, whose CleverTap is the stand-in."""
    with ConsoleProcess(tmp_path_factory.mktemp("clevertap"), SENDOFF_CLEVERTAP_URL=stand_in.url) as console:
        yield console


@pytest.fixture(scope="module")
def authentication(console_process: ConsoleProcess) -> int:
    return int(console_process.run(FURNISH, EMAIL))


@pytest.fixture
def service(stand_in: StandIn) -> StandIn:
    stand_in.reset()
    stand_in.discarded_events = {"nothing"}
    return stand_in


def test_events_with_rejected_rows_from_the_catalog_to_sending_them_again(
    page: Page, service: StandIn
) -> None:
    service.discarded_events = {"Old"}
    connect(page)
    page.goto(make_query(page, "Purchases", EVENTS))
    run(page)
    choose(page, "My CleverTap")

    dialog = page.get_by_role("dialog")
    preview = dialog.get_by_role("region", name="Requests preview")
    shown = set_of_fields(dialog)
    assert {"User Profiles Operation", "Array Property Operation", "Thread Count Number"} <= shown
    dialog.get_by_role("radio", name="User Audiences - Custom List").check()
    shown = set_of_fields(dialog)
    assert {"Name for Custom List Upload", "Custom List Upload User Email", "Segment Operation Mode"} <= shown
    assert not {"User Profiles Operation", "Array Property Operation", "Thread Count Number"} & shown
    dialog.get_by_role("radio", name="User Events").check()
    shown = set_of_fields(dialog)
    assert "Thread Count Number" in shown
    assert not {"Array Property Operation", "Name for Custom List Upload"} & shown

    expect(preview).to_contain_text("1 of 4 rows breaks a rule. A run stops before anything is sent.")
    dialog.get_by_label("Skip on Invalid Record").check()
    expect(preview).to_contain_text("They will be set aside.")
    expect(preview.get_by_role("row", name="4 identity identity is missing.")).to_be_visible()
    expect(preview).to_contain_text("POST https://in1.api.clevertap.com/1/upload")
    expect(preview).to_contain_text("No other request follows.")
    assert PASSCODE not in page.content()
    laid_out = json.loads(preview.get_by_label("Body, laid out").inner_text())
    assert [event["evtName"] for event in laid_out["d"]] == ["Charged", "Old", "Viewed"]
    preview.get_by_text("Raw body").click()
    raw = preview.get_by_label("Body as it is sent").text_content() or ""
    axe(page)
    picture(page, "clevertap-export")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)

    number = run(page)
    expect(page.locator("#run")).to_contain_text("2 rows exported to My CleverTap, 2 rejected")
    expect(page.locator("#run-status")).to_contain_text("Done with rejected rows")
    sent = json.loads(service.bodies[-1])["d"]
    assert [without_ts(event) for event in sent] == [without_ts(event) for event in json.loads(raw)["d"]]

    page.goto(f"/workbench/jobs/{number}/")
    rejected = page.get_by_role("region", name="Rejected rows", exact=True)
    expect(rejected).to_contain_text("2 of 4")
    expect(rejected.get_by_role("row", name="2 evtName Old")).to_contain_text("528")
    expect(rejected.get_by_role("row", name="4 identity")).to_contain_text("identity is missing.")
    axe(page)
    picture(page, "clevertap-rejected")
    name, data = saved_file(page, rejected.get_by_role("link", name="Download CSV"))
    assert name == f"job-{number}-rejected.csv"
    assert [row[:2] for row in csv.reader(io.StringIO(data.decode()))] == [
        ["row", "column"],
        ["2", "evtName"],
        ["4", "identity"],
    ]
    page.goto("/workbench/jobs/?status=rejected")
    expect(page.get_by_role("row", name=f"{number} Done with rejected rows")).to_be_visible()
    page.goto(f"/workbench/jobs/{number}/rejected/")
    expect(page.get_by_role("heading", name="Rejected rows")).to_be_visible()
    axe(page)

    service.discarded_events = {"nothing"}
    page.get_by_role("button", name="Send rejected rows again").click()
    expect(page.get_by_label("Progress")).to_contain_text("1 rejected of 2")
    expect(page.locator("#job-live[data-poll]")).to_have_count(0)
    assert [event["identity"] for event in service.events] == ["u1", "u3", "u2"]
    page.goto(f"/workbench/jobs/{number}/")
    expect(page.get_by_text("Sent again by job")).to_be_visible()
    expect(page.get_by_role("button", name="Send rejected rows again")).to_have_count(0)


def test_columns_that_do_not_fit_are_listed_and_done_asks(
    page: Page, authentication: int, service: StandIn
) -> None:
    query = make_query(page, "Wrong columns", "SELECT 1 AS \"a&b\", 'x' AS name")
    page.goto(query)
    run(page)
    page.goto(f"{query}export/{authentication}/")
    preview = page.get_by_role("region", name="Requests preview")
    expect(preview).to_contain_text("The column identity or objectId is missing.")
    expect(preview).to_contain_text("The column name a&b holds &, which CleverTap does not allow.")
    axe(page)
    page.get_by_role("button", name="Done").last.click()
    expect(page.get_by_role("alert").first).to_contain_text("Save these settings all the same?")


def test_rows_that_stop_a_run_are_listed(page: Page, authentication: int, service: StandIn) -> None:
    query = make_query(page, "Stopped", "SELECT * FROM (VALUES ('u1', 'a'), ('', 'b')) AS t (identity, name)")
    post(page, f"{query}export/{authentication}/", **settings(target="user_profiles"))
    page.goto(query)
    number = run(page)
    page.goto(f"/workbench/jobs/{number}/")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent: 1 of 2 rows breaks a rule.")
    expect(page.get_by_role("region", name="Rejected rows", exact=True)).to_contain_text(
        "Rows that break a rule"
    )
    axe(page)
    assert service.profiles == {}


OPERATIONS: dict[str, tuple[dict[str, str], str, Callable[[StandIn], Any], Any]] = {
    "Upload User Profiles": (
        {"target": "user_profiles", "operation": "upload_profiles", "array_operation": "append"},
        "SELECT 'u1' AS identity, ARRAY['a', 'b'] AS tags, 30 AS \"Age\"",
        lambda service: service.profiles, {"u1": {"tags": ["a", "b"], "Age": 30}},
    ),
    "Upload Device Tokens": (
        {"target": "user_profiles", "operation": "upload_device_tokens"},
        "SELECT 'o1' AS \"objectId\", 't1' AS id, 'FCM' AS type",
        lambda service: service.tokens, [{"type": "token", "objectId": "o1", "tokenData": {"id": "t1", "type": "fcm"}}],
    ),
    "Demerge User Profile": (
        {"target": "user_profiles", "operation": "demerge"}, "SELECT 'u1' AS identity",
        lambda service: service.demerged, ["u1"],
    ),
    "Update Email/Phone Subscription": (
        {"target": "user_profiles", "operation": "update_subscription"},
        "SELECT 'email' AS type, 'a@b.co' AS value, 'unsubscribe' AS status",
        lambda service: service.subscriptions, {("email", "a@b.co"): "Unsubscribe"},
    ),
    "Disassociate a Phone Number": (
        {"target": "user_profiles", "operation": "disassociate_phone"}, "SELECT '+14155551234' AS value",
        lambda service: service.disassociated, ["+14155551234"],
    ),
    "User Events": (
        {"target": "user_events"}, "SELECT 'u1' AS identity, 'Viewed' AS \"evtName\", 5 AS ts",
        lambda service: service.events,
        [{"identity": "u1", "ts": 5, "type": "event", "evtName": "Viewed", "evtData": {}}],
    ),
    "User Audiences - Custom List": (
        {"target": "custom_list", "list_name": "Gold", "list_email": "admin@example.com"},
        "SELECT 'i' AS type, 'u1' AS identity",
        lambda service: service.lists.segments, {"Gold": {("i", "u1")}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("label", OPERATIONS)
def test_each_operation_from_the_dialog_to_clevertap(
    page: Page, authentication: int, service: StandIn, label: str
) -> None:
    chosen, sql, held, expected = OPERATIONS[label]
    page.goto(make_query(page, label, sql))
    choose(page, "clevertap here")
    dialog = page.get_by_role("dialog")
    target = {"user_events": "User Events", "custom_list": "User Audiences - Custom List"}.get(
        chosen["target"]
    )
    if target:
        dialog.get_by_role("radio", name=target).check()
    else:
        dialog.get_by_label("User Profiles Operation").select_option(label=label)
    if "array_operation" in chosen:
        dialog.get_by_role("radio", name="Append").check()
    if "list_name" in chosen:
        dialog.get_by_label("Name for Custom List Upload").fill(chosen["list_name"])
        dialog.get_by_label("Custom List Upload User Email").fill(chosen["list_email"])
    preview = dialog.get_by_role("region", name="Requests preview")
    preview.get_by_role("button", name="Run").click()
    expect(preview).to_contain_text("POST https://in1.api.clevertap.com/")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    run(page)
    expect(page.locator("#run")).to_contain_text("1 row exported to clevertap here")
    assert held(service) == expected


def test_an_activation_sends_the_request_that_was_shown(
    page: Page, authentication: int, service: StandIn, console_process: ConsoleProcess
) -> None:
    begin(page, *make_segments(console_process, FEW, "Often, to CleverTap"))
    fill_details(page, "To CleverTap", "clevertap here", lambda page: None)
    add_columns(page, "customer_id", "amount")
    page.get_by_label("Output Column Name 1").fill("identity")
    expect(page.locator(".ac-grid thead")).to_contain_text("identity")
    rows = previewed(page)
    page.locator("label", has=page.locator("input[name=dock][value=written]")).click()
    preview = page.locator("#mapping-preview")
    preview.get_by_text("Raw body").click()
    raw = preview.get_by_label("Body as it is sent").text_content() or ""
    create(page)
    sent = json.loads(service.bodies[-1])["d"]
    assert [profile["identity"] for profile in sent] == [row["identity"] for row in rows]
    assert [without_ts(one) for one in sent] == [without_ts(one) for one in json.loads(raw)["d"]]


def connect(page: Page) -> None:
    """From the catalog: credentials, Test, Continue, name, Done."""
    page.goto("/integrations/catalog/")
    page.get_by_role("link", name="Create Authentication for CleverTap").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Account ID").fill(ACCOUNT)
    dialog.get_by_label("Account Passcode").fill(PASSCODE)
    dialog.get_by_label("Region").select_option("us1")
    dialog.get_by_role("button", name="Test", exact=True).click()
    expect(dialog).to_contain_text("CleverTap rejected the Account ID or Passcode, or the Region is wrong.")
    axe(page)
    dialog.get_by_label("Region").select_option("in1")
    dialog.get_by_role("button", name="Test", exact=True).click()
    expect(dialog).to_contain_text("Account accepted.")
    expect(dialog).to_contain_text("A test profile was checked and not stored.")
    axe(page)
    picture(page, "clevertap-authentication")
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("textbox", name="Name", exact=True).fill("My CleverTap")
    dialog.get_by_role("button", name="Done").click()
    page.wait_for_url("**/integrations/authentications/**")
    expect(page.get_by_role("main")).to_contain_text(f"{ACCOUNT} · in1.api.clevertap.com")


def choose(page: Page, name: str) -> None:
    page.get_by_role("link", name="Export Results").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search saved authentications").fill(name)
    expect(dialog.locator("mark").first).to_have_text(name)
    dialog.get_by_text(name).first.click()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_role("heading", name="Export Results")).to_be_visible()


def set_of_fields(dialog: Locator) -> set[str]:
    """The labels of the fields that can be seen."""
    labels = dialog.locator("#export-fields .form-label:visible").all_inner_texts()
    return {label.replace("*", "").replace("optional", "").strip() for label in labels}


def settings(**changes: str) -> dict[str, str]:
    """Export settings as the dialog posts them."""
    return {
        "operation": "upload_profiles",
        "array_operation": "replace",
        "thread_count": "5",
        "segment_mode": "create",
        **changes,
    }


def without_ts(event: dict[str, Any]) -> dict[str, Any]:
    """The preview does not know the time of the run."""
    return {name: value for name, value in event.items() if name != "ts"}
