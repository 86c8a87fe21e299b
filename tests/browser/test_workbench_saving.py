"""Saving a query: the unsaved-changes guard, renaming, versions, Format, and two people at one query."""

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import NewPage, log_in
from tests.browser.workbench import cells, make_query, run, set_export, type_sql
from tests.console_process import ConsoleProcess

COLLEAGUE = "colleague@example.com"
PASSWORD = "a pass phrase of theirs"
MAKE = """
from console.accounts.models import User
User.objects.create_user(email=sys.argv[1], password=sys.argv[2], role=User.Role.ADMINISTRATOR, name="Colleague")
"""


@pytest.fixture
def editor(new_page: NewPage, administrator: Any) -> Page:
    return new_page(storage_state=administrator)


@pytest.fixture(scope="module")
def colleague(console_process: ConsoleProcess) -> str:
    """Another administrator's e-mail address."""
    console_process.run(MAKE, COLLEAGUE, PASSWORD)
    return COLLEAGUE


def dot(page: Page) -> Any:
    return page.get_by_title("Unsaved changes")


def sql(page: Page) -> Any:
    return page.locator("#query-sql")


def test_leaving_with_unsaved_changes_asks_first(editor: Page) -> None:
    query = make_query(editor, "Guarded", "SELECT 1")
    editor.goto(query)
    expect(dot(editor)).to_be_hidden()
    type_sql(editor, "SELECT 2")
    expect(dot(editor)).to_be_visible()
    editor.get_by_label("Breadcrumb").get_by_role("link", name="Queries").click()
    question = editor.get_by_role("dialog")
    expect(question).to_contain_text("Leave without saving?")
    question.get_by_role("button", name="Cancel").click()
    expect(sql(editor)).to_have_value("SELECT 2")

    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    editor.once("dialog", stay)
    editor.evaluate("location.reload()")
    expect(dot(editor)).to_be_visible()
    assert asked == ["beforeunload"]

    editor.keyboard.press("Control+s")
    expect(dot(editor)).to_be_hidden()
    expect(editor.locator("#saved-at")).to_contain_text("Saved just now")
    type_sql(editor, "SELECT 3")
    editor.get_by_label("Breadcrumb").get_by_role("link", name="Queries").click()
    question.get_by_role("button", name="Leave").click()
    editor.wait_for_url("**/workbench/queries/")
    editor.goto(query)
    expect(sql(editor)).to_have_value("SELECT 2")


def test_a_query_is_renamed_in_place(editor: Page) -> None:
    make_query(editor, "Taken name")
    editor.goto(make_query(editor, "First name"))
    editor.get_by_role("button", name="Rename query").click()
    expect(editor.get_by_label("Query name")).to_be_focused()
    editor.keyboard.type("Never mind")
    editor.keyboard.press("Escape")
    expect(editor.get_by_role("heading", name="First name")).to_be_visible()
    expect(dot(editor)).to_be_hidden()
    editor.get_by_role("button", name="Rename query").click()
    editor.keyboard.type("Taken name")
    editor.keyboard.press("Enter")
    expect(editor.get_by_role("alert")).to_have_text("A query with this name exists. Choose another name.")
    expect(editor.get_by_label("Query name")).to_be_focused()
    expect(dot(editor)).to_be_visible()
    editor.get_by_label("Query name").fill("Second name")
    editor.keyboard.press("Enter")
    expect(editor.get_by_role("heading", name="Second name")).to_be_visible()
    expect(editor).to_have_title("Second name · Sendoff")
    editor.reload()
    expect(editor.get_by_role("heading", name="Second name")).to_be_visible()


def test_the_run_beside_a_new_query_becomes_its_own(editor: Page) -> None:
    editor.goto("/workbench/queries/new/?database=sample_datasets")
    type_sql(editor, "SELECT 41 + 1 AS answer")
    job = run(editor)
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.get_by_role("alert")).to_have_text(
        "Give the query a name to save it. Run works without one."
    )
    expect(editor.get_by_label("Query name")).to_be_focused()
    editor.keyboard.type("Answer")
    editor.keyboard.press("Enter")
    editor.wait_for_url(re.compile(rf"/queries/\d+/\?job={job}$"))
    assert cells(editor.locator("#grid")) == [["42"]]
    editor.get_by_role("tab", name="Runs 1").click()
    expect(editor.get_by_role("tabpanel").get_by_role("link", name=job)).to_be_visible()


def test_format_lays_the_sql_out_and_says_where_it_can_not(editor: Page) -> None:
    editor.goto(make_query(editor, "To lay out", "select code,count(1) from www_access group by code"))
    editor.get_by_role("button", name="Format").click()
    expect(sql(editor)).to_have_value(re.compile(r"^SELECT\n  code,\n  COUNT\(1\)\nFROM www_access"))
    expect(dot(editor)).to_be_visible()
    type_sql(editor, "SELECT (1")
    editor.get_by_role("button", name="Format").click()
    expect(editor.get_by_text("Not formatted")).to_be_visible()
    expect(editor.locator(".cm-lint-marker-error")).to_be_visible()
    expect(sql(editor)).to_have_value("SELECT (1")


def test_an_older_version_opens_in_the_editor(editor: Page) -> None:
    query = make_query(editor, "With versions", "SELECT 'old'")
    editor.goto(query)
    type_sql(editor, "SELECT 'new'")
    editor.keyboard.press("Control+s")
    expect(dot(editor)).to_be_hidden()
    editor.get_by_role("link", name="Versions").click()
    dialog = editor.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Versions")).to_be_visible()
    dialog.get_by_text("Version 1", exact=True).click()
    dialog.get_by_role("link", name="Restore version 1").click()
    expect(sql(editor)).to_have_value("SELECT 'old'")
    expect(dot(editor)).to_be_visible()
    editor.keyboard.press("Control+s")
    expect(dot(editor)).to_be_hidden()
    editor.reload()
    expect(sql(editor)).to_have_value("SELECT 'old'")


def test_of_two_people_the_second_to_save_is_asked(editor: Page, new_page: NewPage, colleague: str) -> None:
    query = make_query(editor, "Shared", "SELECT 0")
    other = new_page()
    log_in(other, colleague, PASSWORD)
    for page in (editor, other):
        page.goto(query)
    type_sql(other, "SELECT 'theirs'")
    other.keyboard.press("Control+s")
    expect(dot(other)).to_be_hidden()

    dialog = conflict(editor, "SELECT 'mine'")
    expect(dialog).to_contain_text("Colleague saved this query in the meantime")
    expect(dialog.get_by_label("Colleague’s SQL")).to_have_text("SELECT 'theirs'")
    expect(dialog.get_by_label("Your version")).to_have_value("SELECT 'mine'")
    expect(dialog).to_contain_text("version 2, saved just now by Colleague")
    editor.keyboard.press("Escape")
    expect(sql(editor)).to_have_value("SELECT 'mine'")

    dialog = conflict(editor, "SELECT 'mine'")
    dialog.get_by_label("Query name").fill("Mine alone")
    dialog.get_by_role("button", name="Save as new").click()
    expect(editor.get_by_role("heading", name="Mine alone")).to_be_visible()
    expect(sql(editor)).to_have_value("SELECT 'mine'")

    dialog = conflict(other, "SELECT 'again'", after=(editor, query))
    expect(dialog).to_contain_text("saved this query in the meantime")
    dialog.get_by_role("button", name="Overwrite").click()
    expect(dialog).to_have_count(0)
    expect(sql(other)).to_have_value("SELECT 'again'")

    dialog = conflict(other, "SELECT 'lost'", after=(editor, query))
    dialog.get_by_role("link", name="Reload").click()
    expect(dialog).to_have_count(0)
    expect(sql(other)).to_have_value("SELECT 'between'")


def conflict(page: Page, text: str, after: tuple[Page, str] | None = None) -> Any:
    """Saves `text`, after somebody else has saved in between; the dialog that comes."""
    if after:
        someone, query = after
        someone.goto(query)
        type_sql(someone, "SELECT 'between'")
        someone.keyboard.press("Control+s")
        expect(dot(someone)).to_be_hidden()
    type_sql(page, text)
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_another_members_query_can_be_run_and_saved_as_a_copy(
    editor: Page, new_page: NewPage, console_process: ConsoleProcess, destination: int
) -> None:
    query = make_query(editor, "Of the administrator", "SELECT 5 AS a")
    set_export(editor, query, destination, "not_theirs")
    console_process.run(MAKE.replace("role=User.Role.ADMINISTRATOR, ", ""), "saver@example.com", PASSWORD)
    member = new_page(expecting=["status of 403"])
    log_in(member, "saver@example.com", PASSWORD)
    member.goto(query)
    expect(member.get_by_role("button", name="Export Results")).to_be_disabled()
    expect(member.get_by_role("button", name="Export Results")).to_have_accessible_description(
        re.compile("^Owned by")
    )
    expect(member.get_by_role("button", name="Rename query")).to_have_count(0)
    type_sql(member, "SELECT 6 AS a")
    member.get_by_role("button", name="Save as new").click()
    expect(member.get_by_role("alert")).to_have_text("A query with this name exists. Choose another name.")
    member.get_by_label("Query name").fill("A member's copy")
    member.keyboard.press("Enter")
    expect(member.get_by_role("heading", name="A member's copy")).to_be_visible()
    expect(member.get_by_role("link", name="Export Results")).to_be_visible()
    assert member.goto(f"{query}export/").status == 403  # type: ignore[union-attr]
    expect(member.get_by_role("main")).to_contain_text("belongs to")
