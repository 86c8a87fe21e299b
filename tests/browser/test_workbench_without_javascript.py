"""Every step of an export as a plain page: no script runs in this browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.workbench import CODES, COUNTS, DATABASE, make_query


@pytest.fixture
def plain(new_page: NewPage, administrator: Any) -> Page:
    return new_page(storage_state=administrator, java_script_enabled=False)


def refresh_until_ended(page: Page) -> None:
    refresh = page.get_by_role("link", name="Refresh")
    while refresh.count():
        with page.expect_navigation():
            refresh.click()


def run(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("^Run")).click()
    refresh_until_ended(page)


def grid(page: Page) -> dict[str, str]:
    return {row[0]: row[1] for row in rows(page, "#grid")}


def rows(page: Page, table: str) -> list[list[str]]:
    return [row.locator("td").all_inner_texts()[1:] for row in page.locator(f"{table} tbody tr").all()]


def test_a_query_is_written_run_saved_and_exported(plain: Page, destination: int) -> None:
    plain.goto("/workbench/queries/")
    plain.get_by_role("link", name="New query").first.click()
    plain.get_by_label("Database", exact=True).select_option("sample_datasets")
    plain.get_by_label("SQL", exact=True).fill("select code,count(1) from www_access group by code")
    plain.get_by_role("button", name="Format").click()
    expect(plain.get_by_label("SQL", exact=True)).to_have_value(re.compile("^SELECT\n  code,"))
    plain.get_by_label("SQL", exact=True).fill(CODES)
    run(plain)
    assert grid(plain) == COUNTS
    plain.get_by_role("tab", name="Log").click()
    expect(plain.get_by_role("tabpanel")).to_contain_text("Query finished: 4 rows")
    expect(plain.get_by_label("SQL", exact=True)).to_have_value(CODES)

    plain.get_by_role("button", name="Save", exact=True).click()
    expect(plain.get_by_role("alert")).to_have_text(
        "Give the query a name to save it. Run works without one."
    )
    plain.get_by_label("Query name").fill("Without scripts")
    plain.get_by_role("button", name="Export Results").click()

    expect(plain.get_by_role("heading", name="Choose Integration")).to_be_visible()
    plain.get_by_label("Search saved authentications").fill("here")
    plain.keyboard.press("Enter")
    expect(plain.locator("mark").first).to_have_text("here")
    plain.get_by_role("radio", name="workbench here").check(force=True)
    plain.get_by_role("button", name="Next").click()

    expect(plain.get_by_role("heading", name="Export Results")).to_be_visible()
    plain.get_by_role("button", name="Done").click()
    expect(plain.get_by_role("alert")).to_contain_text("2 fields need a change: Database name, Table name.")
    plain.get_by_label("Database name").fill(DATABASE)
    plain.get_by_label("Table name").fill("without_scripts")
    plain.get_by_role("button", name="Show preview").click()
    preview = plain.get_by_role("region", name="Table preview")
    expect(preview.get_by_role("row", name="code long code New")).to_be_visible()
    expect(plain.get_by_label("Table name")).to_have_value("without_scripts")
    plain.get_by_label("Table name").press("Enter")

    expect(plain.get_by_role("heading", name="Without scripts")).to_be_hidden()
    expect(plain.get_by_label("Query name")).to_have_value("Without scripts")
    expect(plain.get_by_role("link", name="Export Results workbench here")).to_be_visible()
    run(plain)
    expect(plain.locator("#run-status")).to_contain_text("4 rows exported to workbench here")
    plain.locator("#run-status").get_by_role("link", name=re.compile("^Job")).click()
    with plain.expect_navigation():
        plain.get_by_role("button", name="Run export again").click()
    refresh_until_ended(plain)
    expect(plain.get_by_label("Progress")).to_contain_text("all rows from the query")
    plain.goto(f"/workbench/databases/{DATABASE}/without_scripts/")
    assert len(rows(plain, ".gridt")) == 8, "twice four rows"


def test_the_other_pages_post_and_lead_on(plain: Page) -> None:
    plain.goto(make_query(plain, "Plain pages", "SELECT 1 AS a"))
    plain.get_by_role("link", name="Versions").click()
    expect(plain.get_by_role("heading", name="Versions")).to_be_visible()
    plain.get_by_role("button", name="Close").last.click()
    plain.get_by_label("SQL", exact=True).fill("SELECT no_such(1)")
    run(plain)
    expect(plain.get_by_role("alert")).to_contain_text("no_such")
    plain.locator("#run-status").get_by_role("link", name=re.compile("^Job")).click()
    plain.get_by_role("link", name="Open the query").click()
    expect(plain.get_by_label("SQL", exact=True)).to_have_value("SELECT no_such(1)")
    plain.goto("/workbench/jobs/")
    plain.get_by_label("Status").select_option("error")
    plain.get_by_label("Search by query name or job number").fill("Plain")
    plain.get_by_role("button", name="Filter").click()
    expect(plain.get_by_text("1 job matches")).to_be_visible()
    plain.goto("/workbench/queries/?q=Plain+pages")
    plain.get_by_role("link", name="Plain pages").click()
    address = plain.url
    plain.goto(f"{address}delete/")
    plain.get_by_role("button", name="Delete").click()
    expect(plain).to_have_url(re.compile("/workbench/queries/$"))
    expect(plain.get_by_role("link", name="Plain pages")).to_have_count(0)
