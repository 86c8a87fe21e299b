"""From log-in to rows in another database: what the README promises a stranger, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import picture
from tests.browser.workbench import CODES, COUNTS, cells, ended, table_rows
from tests.console_process import PASSWORD, ConsoleProcess


def test_a_query_result_reaches_a_new_table_of_another_database(
    page: Page, console_process: ConsoleProcess
) -> None:
    create_database(page, "exported")
    write_and_save(page, "Codes")
    key = copy_master_key(page)

    open_query(page, "Codes")
    page.get_by_role("link", name="Export Results").click()
    create_connection(page, key, console_process.url, "My first connection")
    choose(page, "My first connection")
    fill_settings(page, "exported", "codes")

    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.locator("#run")).to_contain_text("4 rows exported to My first connection")
    job = ended(page)
    assert {row[0]: row[1] for row in cells(page.locator("#grid"))} == COUNTS

    page.get_by_role("link", name=f"Job {job}").click()
    expect(page.get_by_role("heading", name=f"Job {job}")).to_be_visible()
    expect(page.get_by_label("Progress").get_by_role("listitem")).to_contain_text(
        ["Queued", "Running", "Exporting", "Done"]
    )
    expect(page.get_by_label("Progress")).to_contain_text("all rows from the query")
    expect(page.get_by_label("Destination")).to_contain_text("exported")
    picture(page, "job-done")

    rows = table_rows(page, "codes", "exported")
    assert {row["code"]: row["_col1"] for row in rows} == COUNTS
    assert all(row["time"] and row["time"].isdecimal() for row in rows), "the time column is filled"


def create_database(page: Page, name: str) -> None:
    page.get_by_role("link", name="Databases").click()
    page.get_by_role("button", name="New database").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Database name").fill(name)
    dialog.get_by_role("button", name="Create database").click()
    page.wait_for_url(f"**/databases/{name}/")


def write_and_save(page: Page, name: str) -> None:
    page.get_by_role("link", name="Queries").first.click()
    page.get_by_role("link", name="New query").first.click()
    page.get_by_label("Query name").fill(name)
    page.get_by_label("Database", exact=True).select_option("sample_datasets")
    page.locator(".cm-content").click()
    page.keyboard.type(CODES)
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/workbench/queries/\d+/$"))


def open_query(page: Page, name: str) -> None:
    page.goto("/workbench/queries/")
    page.get_by_role("link", name=name, exact=True).click()


def copy_master_key(page: Page) -> str:
    page.goto("/settings/api-keys/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Validate access").click()
    page.get_by_role("button", name="Copy Master key").click()
    expect(page.locator("#announce")).to_have_text("Master key copied")
    key: str = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"\d+/[0-9a-f]{40}", key)
    return key


def create_connection(page: Page, key: str, address: str, name: str) -> None:
    """Create New Connection in Choose Integration; the dialog comes back with the new one selected."""
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Choose Integration")).to_be_visible()
    dialog.get_by_text("Create New Connection", exact=True).click()
    dialog.get_by_role("radio", name="Treasure Data").check(force=True)
    dialog.get_by_role("button", name="Next").click()
    dialog.get_by_label("API Key").fill(key)
    dialog.get_by_role("button", name="This console").click()
    expect(dialog.get_by_role("textbox", name="API Hostname")).to_have_value(address)
    dialog.get_by_role("button", name="Test", exact=True).click()
    expect(dialog).to_contain_text("Master key")
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("textbox", name="Name", exact=True).fill(name)
    dialog.get_by_role("button", name="Create Connection").click()
    expect(dialog.get_by_role("heading", name="Choose Integration")).to_be_visible()
    expect(dialog.get_by_role("radio", name=name)).to_be_checked()


def choose(page: Page, authentication: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search saved authentications").fill("first")
    expect(dialog.locator("mark")).to_have_text("first")
    expect(dialog.get_by_role("radio", name=authentication)).to_be_checked()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_role("heading", name="Export Results")).to_be_visible()


def fill_settings(page: Page, database: str, table: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Database name").fill(database)
    dialog.get_by_label("Table name").fill(table)
    expect(dialog.get_by_role("radio", name="Append")).to_be_checked()
    preview = dialog.get_by_role("region", name="Table preview")
    expect(preview).to_contain_text("INSERT INTO or CREATE TABLE AS")
    preview.get_by_role("button", name="Run").click()
    expect(preview.get_by_role("row", name="code long code New")).to_be_visible()
    picture(page, "export-results")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="Export Results My first connection")).to_be_visible()
