"""Data Workbench > Databases: browse, search, make and delete, with a dialog and without JavaScript."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, log_in
from tests.console_process import ConsoleProcess

ROOT = "/workbench/databases/"
FURNISH = """
import tempfile, duckdb
from pathlib import Path
from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
User.objects.create_user("databases@example.com", "correct horse battery staple")
storage.create_database("values_db")
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "rows.parquet"
    duckdb.sql("SELECT 9007199254740993::BIGINT AS id, '' AS note, '<b>x</b>' AS html UNION ALL SELECT 2, NULL, 'y'"
               ).write_parquet(str(file))
    storage.append(TableRef("values_db", "odd"), [file], operation_id="1", create=True)
"""


@pytest.fixture(scope="module", autouse=True)
def furnished(console_process: ConsoleProcess) -> None:
    console_process.run(FURNISH)


@pytest.fixture
def workbench(new_page: NewPage, administrator: Any) -> Page:
    return new_page(storage_state=administrator)


def test_from_the_list_to_the_first_rows_of_a_table(workbench: Page) -> None:
    page = workbench
    page.goto(ROOT)
    expect(page.get_by_role("row", name="values_db")).to_have_text(re.compile(r"^\s*values_db\s*1\s*2"))
    page.get_by_role("searchbox", name="Search databases").fill("SAMPLE")
    expect(page.get_by_role("row", name="values_db")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?q=SAMPLE$"))
    page.get_by_role("link", name="sample_datasets").click()
    expect(page.get_by_role("row", name="www_access")).to_contain_text("5,000")
    page.get_by_role("searchbox", name="Search tables").fill("nothing_like_it")
    expect(page.get_by_role("heading", name="No table matches “nothing_like_it”")).to_be_visible()
    page.get_by_role("link", name="Clear search").click()
    page.get_by_role("link", name="www_access").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("www_access")
    expect(page.get_by_role("main")).to_contain_text("5,000 rows in 1 file")
    columns = page.get_by_role("region", name="Columns").get_by_role("row")
    expect(columns).to_have_count(10)
    expect(columns.nth(1)).to_have_text("timelong")
    expect(columns.nth(9)).to_have_text("methodstring")
    expect(page.get_by_text("100 of 5,000 shown")).to_be_visible()
    expect(page.locator(".gridt tbody tr")).to_have_count(100)
    expect(page.get_by_role("region", name="History")).to_contain_text("5,000")
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("sample_datasets")


def test_values_are_exact_and_null_is_not_an_empty_string(workbench: Page) -> None:
    workbench.goto(f"{ROOT}values_db/odd/")
    rows = workbench.locator(".gridt tbody tr")
    expect(rows.nth(0).locator("td")).to_have_text(["1", "9007199254740993", "", "<b>x</b>"])
    expect(rows.nth(1).locator("td")).to_have_text(["2", "2", "NULL", "y"])
    expect(rows.nth(1).locator("td.null")).to_have_count(1)
    expect(rows.nth(0).locator("td.null")).to_have_count(0)


def test_a_database_and_a_table_from_beginning_to_end(workbench: Page) -> None:
    page = workbench
    page.goto(ROOT)
    page.get_by_role("button", name="New database").focus()
    page.keyboard.press("Space")
    dialog = page.get_by_role("dialog", name="New database")
    expect(dialog.get_by_label("Database name")).to_be_focused()
    for name, words in (("", "Give the database a name."), ("A b", "is not allowed as a name"),
                        ("sample_datasets", "already exists. Choose another name.")):  # fmt: skip
        dialog.get_by_label("Database name").fill(name)
        page.keyboard.press("Enter")
        expect(page.locator("#id_name_error")).to_contain_text(words)
        expect(dialog.get_by_label("Database name")).to_be_focused()
    dialog.get_by_label("Database name").fill("made_here")
    page.keyboard.press("Enter")
    page.wait_for_url("**/databases/made_here/")
    expect(page.get_by_role("heading", name="No tables yet")).to_be_visible()

    page.get_by_role("button", name="New table").click()
    page.get_by_role("dialog").get_by_label("Table name").fill("orders")
    page.get_by_role("button", name="Create table").click()
    page.wait_for_url("**/databases/made_here/orders/")
    expect(page.get_by_text("The table has no rows yet.")).to_be_visible()
    opener = page.get_by_role("button", name="Delete table")
    opener.click()
    question = page.get_by_role("dialog", name="Delete orders?")
    expect(question).to_contain_text("Its 0 rows go. This can't be undone.")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    question.get_by_role("button", name="Delete table").click()
    page.wait_for_url("**/databases/made_here/")
    expect(page.get_by_text("Table made_here.orders is deleted.")).to_be_visible()

    page.get_by_role("button", name="Delete database").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete database").click()
    page.wait_for_url(f"**{ROOT}")
    expect(page.get_by_role("row", name="made_here")).to_have_count(0)


def test_without_javascript_the_dialogs_are_pages(new_page: NewPage, administrator: Any) -> None:
    page = new_page(storage_state=administrator, java_script_enabled=False)
    page.goto(ROOT)
    page.get_by_role("searchbox", name="Search databases").fill("values")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("row", name="sample_datasets")).to_have_count(0)
    page.goto(ROOT)
    page.get_by_role("button", name="New database").click()
    page.get_by_label("Database name").fill("by_hand")
    page.get_by_role("button", name="Create database").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("by_hand")
    page.get_by_role("button", name="Delete database").click()
    page.get_by_role("button", name="Delete database").click()
    expect(page.locator("noscript .note.ok")).to_have_text("Database by_hand is deleted.")


def test_a_member_deletes_no_database(new_page: NewPage) -> None:
    page = new_page(expecting=["status of 403"])
    log_in(page, "databases@example.com")
    page.goto(f"{ROOT}values_db/")
    expect(page.get_by_role("button", name="New table")).to_be_visible()
    expect(page.get_by_role("button", name="Delete database")).to_have_count(0)
    page.goto(f"{ROOT}values_db/delete-database/")
    expect(page.get_by_role("main")).to_contain_text("Only administrators can delete a database.")
