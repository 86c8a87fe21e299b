"""What stands in the way of a new authentication: each with its own sentence beside the field it is about."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.loopback import MOVED, OK, free_port, listening, make_certificate

KEY = "1/" + "0123456789abcdef" * 2 + "01234567"


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Addresses where something goes wrong."""
    certificate = make_certificate(tmp_path / "self.pem", "localhost")
    with ExitStack() as servers:
        ports = {
            "redirect": servers.enter_context(listening(MOVED)),
            "another server": servers.enter_context(listening(OK)),
            "cut off": servers.enter_context(listening(b"")),
            "refused": free_port(),
        }
        secure = servers.enter_context(listening(OK, certificate))
        yield {name: f"http://127.0.0.1:{port}" for name, port in ports.items()} | {
            "certificate": f"https://localhost:{secure}",
            "private": "https://10.1.2.3",
            "plain": "http://api.treasuredata.com",
        }


SAID = {
    "refused": "refused the connection. Check the host in the authentication.",
    "certificate": "is signed by itself, not by an authority this server trusts. Nothing was sent.",
    "redirect": "answers with a redirect, which is not followed. Enter the address it really answers at",
    "another server": "does not answer like a Treasure Data API. Check API Hostname in the authentication.",
    "cut off": "before an answer came.",
    "private": "is an address of a private network, which this console may not connect to.",
    "plain": "api.treasuredata.com is not reached over HTTPS. Use https://, or ask the operator",
}


def test_every_failure_has_its_sentence_beside_the_host(
    new_page: NewPage, administrator: Any, places: dict[str, str]
) -> None:
    page = new_page(storage_state=administrator)
    open_dialog(page)
    page.get_by_label("API Key").fill(KEY)
    for name, words in SAID.items():
        page.locator("#id_endpoint").fill(places[name])
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.locator("#id_endpoint_error")).to_contain_text(words)
        expect(page.locator("#id_endpoint")).to_be_focused()
        expect(page.locator("#id_endpoint")).to_have_attribute(
            "aria-describedby", re.compile("id_endpoint_error")
        )
        expect(page.locator("#id_endpoint")).to_have_value(places[name])
        expect(page.locator("#id_apikey_error")).to_have_count(0)
    assert KEY not in page.content()


def test_a_wrong_key_is_said_beside_the_key_and_one_may_go_on(
    new_page: NewPage, administrator: Any, console_process: Any
) -> None:
    page = new_page(storage_state=administrator)
    open_dialog(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#id_apikey_error")).to_have_text("Paste the API key of the target account.")
    page.get_by_label("API Key").fill("nonsense")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#id_apikey_error")).to_contain_text(
        "This does not look like a Treasure Data API key."
    )
    expect(page.get_by_label("API Key")).to_have_value("")
    page.get_by_label("API Key").fill(KEY)
    page.locator("#id_endpoint").fill(console_process.url)
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#id_apikey_error")).to_contain_text(
        "rejected the API key, or the key belongs to another"
    )
    expect(page.get_by_label("API Key")).to_be_focused()
    page.get_by_role("button", name="Continue anyway").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("Name")
    expect(page.get_by_role("alert")).to_contain_text("Not accepted.")
    page.locator("#id_name").fill("not-yet-valid")
    page.get_by_role("button", name="Create Connection").click()
    expect(page.get_by_role("row", name="not-yet-valid").first).to_contain_text("Reconnect needed")


def open_dialog(page: Page) -> None:
    page.goto("/integrations/catalog/")
    page.get_by_role("link", name="Create Authentication for Treasure Data").click()
    expect(page.get_by_role("dialog").get_by_label("API Key")).to_be_focused()
