"""The query editor: the list, the schema browser, completion, Run, and the values of the result grid."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.workbench import CODES, cells, make_query, run, saved_file, type_sql

VALUES = """SELECT NULL AS nothing, '' AS empty, 'NULL' AS word, 9223372036854775807 AS big,
  CAST('12345678901234567890123456789012345678' AS DECIMAL(38, 0)) AS exact, 1e7 AS dbl,
  'a  b' AS gap, '"q", r' AS quoted"""
SHOWN = [
    None,
    "",
    "NULL",
    "9223372036854775807",
    "12345678901234567890123456789012345678",
    "1.0E7",
    "a  b",
    '"q", r',
]


@pytest.fixture
def editor(new_page: NewPage, administrator: Any) -> Page:
    """A new query on the sample data."""
    page = new_page(storage_state=administrator)
    page.goto("/workbench/queries/new/?database=sample_datasets")
    return page


def test_the_list_is_searched_while_one_types(editor: Page) -> None:
    make_query(editor, "Visits by <path>")
    make_query(editor, "Orders by month")
    editor.goto("/workbench/queries/")
    editor.get_by_label("Search queries", exact=True).fill("<PA")
    names = editor.get_by_role("table").get_by_role("link", name=re.compile("by"))
    expect(names).to_have_text(["Visits by <path>"])
    expect(editor.locator("mark")).to_have_text("<pa")
    expect(editor).to_have_url(re.compile(r"\?q=%3CPA$"))
    editor.reload()
    expect(editor.get_by_label("Search queries", exact=True)).to_have_value("<PA")
    editor.get_by_label("Search queries", exact=True).fill("nothing like it")
    expect(editor.get_by_role("heading", name="No query matches “nothing like it”")).to_be_visible()
    editor.go_back()
    expect(names).to_have_text(["Visits by <path>"])
    editor.get_by_role("button", name="Actions for Visits by <path>").click()
    editor.get_by_role("menuitem", name="Duplicate").click()
    expect(editor.get_by_role("heading", name="Visits by <path> copy")).to_be_visible()
    editor.goto("/workbench/queries/?q=copy")
    editor.get_by_role("button", name="Actions for Visits by <path> copy").click()
    editor.get_by_role("menuitem", name="Delete").click()
    dialog = editor.get_by_role("dialog")
    expect(dialog).to_contain_text("This can't be undone.")
    dialog.get_by_role("button", name="Delete").click()
    editor.wait_for_url("**/workbench/queries/")
    expect(editor.get_by_role("link", name="Visits by <path> copy")).to_have_count(0)


def test_what_is_typed_completes_to_tables_and_their_columns(editor: Page) -> None:
    options = editor.locator(".cm-tooltip-autocomplete [role=option]")
    editor.locator(".cm-content").click()
    editor.keyboard.type("SELECT method, COUNT(1) AS n FROM www")
    expect(options).to_have_text(["www_access"])
    accept(editor)
    editor.keyboard.type(" GROUP BY met")
    expect(options.first).to_have_text("methodwww_access")
    accept(editor)
    editor.keyboard.type(" ORDER BY 'wha")
    expect(options).to_have_count(0)
    written = "SELECT method, COUNT(1) AS n FROM www_access GROUP BY method ORDER BY 'wha'"
    expect(editor.locator("#query-sql")).to_have_value(written)
    type_sql(editor, "")
    editor.locator(".cm-content").click()
    editor.keyboard.type("SELECT * FROM sample_datasets.cdnow_cu")
    expect(options.first).to_have_text("cdnow_customers")
    accept(editor)
    expect(editor.locator("#query-sql")).to_have_value("SELECT * FROM sample_datasets.cdnow_customers")
    editor.keyboard.type(" c WHERE c.am")
    expect(options.first).to_have_text("amount")


def accept(editor: Page) -> None:
    """Enter on a list that has just opened is a line break: the editor waits 75 ms, a person longer."""
    editor.wait_for_timeout(150)
    editor.keyboard.press("Enter")


def test_typing_over_a_selection_replaces_it_once(editor: Page) -> None:
    """Chromium's own way of doing it breaks the content security policy; the page's problems are watched."""
    type_sql(editor, "SELECT 1\nFROM first\nWHERE x")
    editor.locator(".cm-content").click()
    editor.keyboard.press("Control+a")
    editor.keyboard.type("VALUES (1")
    expect(editor.locator("#query-sql")).to_have_value("VALUES (1)")
    editor.keyboard.press("Control+z")
    editor.keyboard.press("Control+z")
    expect(editor.locator("#query-sql")).not_to_have_value("VALUES (1)")


def test_the_schema_browser_filters_and_writes_names(editor: Page) -> None:
    items = editor.get_by_role("treeitem")
    editor.get_by_label("Filter tables and columns").fill("refer")
    expect(items.filter(visible=True)).to_have_text(["www_access 5,000", "referer string"])
    items.filter(has_text="referer").click()
    expect(editor.locator("#query-sql")).to_have_value("referer")
    editor.get_by_label("Filter tables and columns").fill("no such")
    expect(editor.get_by_text("No table or column matches.")).to_be_visible()
    editor.get_by_label("Filter tables and columns").fill("")
    table = items.filter(has_text="www_access")
    table.focus()
    editor.keyboard.press("ArrowLeft")
    expect(table).to_have_attribute("aria-expanded", "false")
    editor.keyboard.press("ArrowRight")
    editor.keyboard.press("ArrowRight")
    editor.keyboard.type("me")
    expect(items.filter(has_text="method")).to_be_focused()


def test_null_an_empty_string_and_big_numbers_stay_what_they_are(editor: Page) -> None:
    type_sql(editor, VALUES)
    run(editor)
    grid = editor.locator("#grid")
    assert cells(grid) == [SHOWN]
    heads = [
        "nothing integer",
        "empty varchar",
        "word varchar",
        "big bigint",
        "exact decimal(38,0)",
        "dbl double",
    ]
    typed = grid.locator("thead th").filter(has_not_text=re.compile("Row|gap|quoted"))
    expect(typed).to_have_text(heads)
    italic = "one => getComputedStyle(one).fontStyle"
    assert grid.locator("td.null").evaluate(italic) == "italic"
    assert grid.get_by_text("NULL", exact=True).last.evaluate(italic) == "normal", "the word NULL is a value"
    editor.get_by_role("button", name="Copy").click()
    expect(editor.locator("#said")).to_have_text("1 rows copied")
    copied = editor.evaluate("navigator.clipboard.readText()").split("\n")[1]
    assert copied.split("\t")[:5] == ["", '""', "NULL", *SHOWN[3:5]]
    name, data = saved_file(editor, editor.get_by_role("link", name="Download CSV"))
    assert re.fullmatch(r"job-\d+\.csv", name)
    first, second = data.decode().split("\r\n")[:2]
    assert first == "nothing,empty,word,big,exact,dbl,gap,quoted"
    assert second == f',"",NULL,{SHOWN[3]},{SHOWN[4]},1.0E7,a  b,"""q"", r"'


def test_the_first_100_rows_scroll_under_their_names(editor: Page) -> None:
    type_sql(editor, "SELECT * FROM www_access")
    run(editor)
    expect(editor.locator("#grid tbody tr")).to_have_count(100)
    expect(editor.locator("#grid tbody tr").last.locator("td").first).to_have_text("100")
    expect(editor.locator("#run-status")).to_contain_text("5,000 rows, first 100 shown")
    head = editor.locator("#grid thead th").nth(1)
    before = head.bounding_box()
    editor.locator("#run-body").evaluate("one => one.scrollTo(0, 800)")
    assert before == head.bounding_box(), "the names stay in sight"
    _, data = saved_file(editor, editor.get_by_role("link", name="Download CSV"))
    assert data.count(b"\r\n") == 5_001
    type_sql(editor, "SELECT * FROM www_access WHERE code = 1")
    run(editor)
    expect(editor.locator("#run-body")).to_contain_text("The query returned no rows.")
    expect(editor.locator("#run-status")).to_contain_text("0 rows")


def test_an_error_stands_at_its_line_and_column(editor: Page) -> None:
    type_sql(editor, "SELECT code,\n  no_such(code)\nFROM www_access")
    run(editor)
    alert = editor.locator("#run").get_by_role("alert")
    expect(alert).to_contain_text("no_such")
    expect(alert).to_contain_text("Nothing was written and nothing was exported.")
    expect(editor.locator(".cm-lintRange-error")).to_have_text("no_such")
    alert.get_by_role("button", name="Line 2, column 3").click()
    expect(editor.locator(".cm-content")).to_be_focused()
    type_sql(editor, "")
    editor.get_by_role("button", name=re.compile("^Run")).click()
    expect(editor.locator("#run").get_by_role("alert")).to_have_text("Write some SQL to run.")
    expect(editor.locator(".cm-lintRange-error")).to_have_count(0)


def test_on_a_narrow_screen_the_tables_are_behind_a_button(new_page: NewPage, administrator: Any) -> None:
    page = new_page(storage_state=administrator, width=390)
    page.goto("/workbench/queries/new/?database=sample_datasets")
    browser = page.get_by_label("Schema browser")
    expect(browser).to_be_hidden()
    page.get_by_role("button", name="Tables").click()
    browser.get_by_role("treeitem", name=re.compile("www_access")).click()
    expect(page.locator("#query-sql")).to_have_value("www_access")
    type_sql(page, CODES)
    run(page)
    assert len(cells(page.locator("#grid"))) == 4
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "the page does not scroll sideways"
    )
