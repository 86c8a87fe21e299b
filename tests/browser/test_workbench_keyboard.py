"""A query written, run, saved and exported with the keyboard alone."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.workbench import COUNTS, DATABASE, cells, ended, tab_to, table_rows


def test_the_whole_way_without_a_mouse(new_page: NewPage, administrator: Any, destination: int) -> None:
    page = new_page(storage_state=administrator)
    page.goto("/workbench/queries/")
    press(page, page.get_by_role("link", name="New query").first)
    page.wait_for_url("**/queries/new/")
    choose_database(page)
    write(page)
    page.keyboard.press("Control+Enter")
    ended(page)
    assert {row[0]: row[1] for row in cells(page.locator("#grid"))} == COUNTS
    look_at_the_tabs(page)
    save(page)
    press(page, page.get_by_role("link", name="Export Results"))
    choose_integration(page)
    fill_settings(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^Export Results workbench here"))).to_be_focused()
    press(page, page.get_by_role("button", name=re.compile("^Run")))
    expect(page.locator("#run-status")).to_contain_text("4 rows exported to workbench here")
    press(page, page.locator("#run-status").get_by_role("link", name=re.compile("^Job")))
    expect(page.get_by_role("heading", name=re.compile(r"^Job \d+$"))).to_be_visible()
    assert {row["code"]: row["_col1"] for row in table_rows(page, "by_keyboard")} == COUNTS


def press(page: Page, target: Locator) -> None:
    tab_to(page, target)
    page.keyboard.press("Enter")


def choose_database(page: Page) -> None:
    tab_to(page, page.get_by_label("Database", exact=True))
    page.keyboard.type("sample")
    expect(page.get_by_label("Database", exact=True)).to_have_value("sample_datasets")
    expect(page.get_by_role("treeitem", name=re.compile("www_access"))).to_be_visible()


def write(page: Page) -> None:
    """The table's name comes from the schema browser, the rest is typed; Escape leaves the editor, Tab moves on."""
    editor = page.locator(".cm-content")
    tab_to(page, editor)
    page.keyboard.type("SELECT code, COUNT(1) FROM ")
    page.keyboard.press("Escape")
    tab_to(page, page.get_by_role("treeitem").first, key="Shift+Tab")
    page.keyboard.type("www")
    expect(page.get_by_role("treeitem", name=re.compile("www_access"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(editor).to_be_focused()
    page.keyboard.type(" GROUP BY code")
    page.keyboard.press("Escape")
    expect(page.locator("#query-sql")).to_have_value("SELECT code, COUNT(1) FROM www_access GROUP BY code")


def look_at_the_tabs(page: Page) -> None:
    tab_to(page, page.get_by_role("tab", name="Results"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Log")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Log")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_contain_text("Query finished: 4 rows")
    expect(page.get_by_role("tab", name="Log")).to_be_focused()


def save(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.get_by_label("Query name")).to_be_focused()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="By keyboard")).to_be_visible()


def choose_integration(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Search saved authentications")).to_be_focused()
    page.keyboard.type("here")
    expect(dialog.locator("mark").first).to_have_text("here")
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("radio", name="workbench here")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="Export Results")).to_be_focused()


def fill_settings(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    tab_to(page, dialog.get_by_label("Database name"))
    page.keyboard.type("Wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("2 fields need a change")
    expect(dialog.get_by_role("alert")).to_be_focused()
    press(page, dialog.get_by_role("alert").get_by_role("link", name="Database name"))
    expect(dialog.get_by_label("Database name")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type(DATABASE)
    page.keyboard.press("Tab")
    expect(dialog.get_by_label("Table name")).to_be_focused()
    page.keyboard.type("by_keyboard")
    page.keyboard.press("Enter")
