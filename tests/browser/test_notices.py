"""Notifications of a query and the log of what was told, in a real console: its queue sends, its mailbox keeps."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, look
from tests.browser.workbench import make_query, post, run
from tests.console_process import EMAIL
from tests.notices.conftest import DOCUMENT, SECRET
from tests.standins.webhooks import Receiver, receiver


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    snippet = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert snippet
    names: dict[str, Any] = {}
    exec(snippet[1], names)
    with receiver(SECRET, names["is_from_sendoff"]) as found:
        yield found


def open_from_the_list(page: Page, name: str) -> Any:
    page.goto("/workbench/queries/?q=" + name.replace(" ", "+"))
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name="Notifications").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Notifications")).to_be_visible()
    return dialog


def test_a_run_that_fails_is_told_by_mail_and_webhook_and_the_next_works_again(
    page: Page, hook: Receiver
) -> None:
    query = make_query(page, "Told of", "SELECT no_such(1)")
    dialog = open_from_the_list(page, "Told of")
    expect(dialog.get_by_label("When a run fails")).to_be_checked()
    expect(dialog.get_by_label("Send to")).to_have_value(EMAIL)
    dialog.get_by_label("Webhook address").fill(hook.url)
    dialog.get_by_label("Signing secret").fill(SECRET)
    dialog.get_by_role("button", name="Send a test notice").click()
    expect(dialog.get_by_role("status")).to_contain_text("The test notice was sent.")
    expect(dialog.get_by_role("status")).to_contain_text("200 OK: ok")
    assert hook.told.pop()["test"] is True
    expect(dialog.get_by_label("Webhook address")).to_have_value(hook.url)  # still there to be saved
    page.keyboard.press("Escape")
    expect(page.get_by_text("Close without saving?")).to_be_visible()
    page.locator("#ask").get_by_role("button", name="Cancel").click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.goto(query)
    failed = run(page)
    post(
        page,
        f"{query}save/",
        name="Told of",
        database="sample_datasets",
        type="presto",
        sql="SELECT 1 AS one",
        version="1",
    )
    page.goto(query)
    run(page)
    page.goto("/workbench/notices/")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Told of works again"))
    expect(row).to_have_count(2)
    expect(row.filter(has_text="127.0.0.1")).to_contain_text("Sent")
    expect(row.filter(has_text=EMAIL)).to_contain_text("Sent")
    assert [one["event"] for one in hook.told] == ["failed", "recovered"]
    assert hook.told[0]["facts"]["job"] == int(failed)
    assert "no_such" in hook.told[0]["message"]

    page.goto("/workbench/notices/mailbox/")
    page.get_by_role("link", name="[Sendoff] Told of failed").click()
    page.locator(f".nt-mail a[href$='/workbench/jobs/{failed}/']").click()
    expect(page.get_by_role("heading", name=f"Job {failed}")).to_be_visible()
    expect(page.locator("#job-head")).to_contain_text("no_such")


def test_what_is_wrong_in_the_dialog_is_said_and_nothing_else_is_lost(page: Page) -> None:
    make_query(page, "Told wrongly")
    dialog = open_from_the_list(page, "Told wrongly")
    dialog.get_by_label("Send to").fill("mika@contoso\nMika <mika@contoso.com>")
    dialog.get_by_label("Webhook address").fill("https://hooks.example.com/planted")
    dialog.get_by_role("button", name="Send a test notice").click()
    expect(dialog.get_by_text("mika@contoso: contoso has no ending such as .com.")).to_be_visible()
    expect(dialog.get_by_label("Webhook address")).to_have_value("https://hooks.example.com/planted")
    expect(dialog.get_by_label("Send to")).to_have_value("mika@contoso\nMika <mika@contoso.com>")
    dialog.get_by_label("Send to").fill("mika@contoso.com")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_enter_saves_and_sends_no_test(page: Page) -> None:
    make_query(page, "Told by Enter")
    dialog = open_from_the_list(page, "Told by Enter")
    dialog.get_by_label("Signing secret").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/workbench/notices/")
    expect(page.get_by_role("link", name="Test notice of Told by Enter")).to_have_count(0)


def test_without_javascript(new_page: NewPage, administrator: Any, page: Page, hook: Receiver) -> None:
    query = make_query(page, "Told plainly")
    plain = new_page(java_script_enabled=False, storage_state=administrator)
    plain.goto(f"{query}notifications/")
    plain.get_by_label("Webhook address").fill(hook.url)
    plain.get_by_label("Signing secret").fill(SECRET)
    plain.get_by_role("button", name="Send a test notice").click()
    expect(plain.get_by_text("The test notice was sent.")).to_be_visible()
    plain.get_by_label("Webhook address").fill(hook.url)
    plain.get_by_label("Signing secret").fill(SECRET)
    with plain.expect_navigation():
        plain.get_by_role("button", name="Save").last.click()
    assert plain.url.endswith(query)
    plain.goto(f"{query}notifications/")
    expect(plain.get_by_label("Webhook address")).to_have_attribute(
        "placeholder", re.compile("^Unchanged: http://127")
    )


def test_the_looks(looked: Page, hook: Receiver) -> None:
    page = looked
    page.goto("/workbench/notices/")
    name = (
        f"Looked at {page.viewport_size['width']} {page.evaluate('document.documentElement.dataset.bsTheme')}"  # type: ignore[index]
    )
    query = make_query(page, name, "SELECT no_such(1)")
    page.goto("/workbench/notices/?subject=query:0")
    look(page, "notices-none")
    dialog = open_from_the_list(page, name)
    look(page, "notices-dialog")
    dialog.get_by_label("Send to").fill("mika@contoso\nbad")
    dialog.get_by_label("Webhook address").fill("hooks")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert")).to_contain_text("2 fields need a change")
    look(page, "notices-dialog-errors")
    dialog.get_by_label("Send to").fill(EMAIL)
    dialog.get_by_label("Webhook address").fill(hook.url)
    dialog.get_by_role("button", name="Send a test notice").click()
    expect(dialog.get_by_role("alert")).to_contain_text("did not reach everybody")
    expect(dialog.get_by_role("alert")).to_be_focused()
    expect(dialog.get_by_label("Webhook address")).to_have_value(hook.url)
    look(page, "notices-dialog-tested")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{query}notifications/")
    look(page, "notices-page")
    page.goto("/workbench/notices/")
    look(page, "notices-log")
    page.get_by_role("link", name=f"Test notice of {name}").first.click()
    expect(page.get_by_role("heading", name="Test notice of")).to_be_visible()
    look(page, "notices-one")
    page.goto("/workbench/notices/mailbox/")
    look(page, "notices-mailbox")
    page.get_by_role("link", name=re.compile(f"Test notice of {name}$")).first.click()
    expect(page.locator(".nt-mail")).to_be_visible()
    look(page, "notices-mail")
