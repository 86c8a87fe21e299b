"""Jobs in the browser: live progress, Kill, failures and their way out, the log, the list."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.workbench import (
    DATABASE,
    ENDLESS,
    ended,
    make_query,
    run,
    saved_file,
    set_export,
    table_rows,
)
from tests.console_process import ConsoleProcess

REVOKE = """
from integrations.models import Authentication
one = Authentication.objects.get(pk=sys.argv[1])
one.seal({"apikey": sys.argv[2] or "1/" + "f" * 40}); one.save()
"""
KEY = """
from integrations.models import Authentication
print(Authentication.objects.get(pk=sys.argv[1]).secrets()["apikey"], end="")
"""
MANY = "SELECT a.* FROM www_access a, (SELECT code FROM www_access LIMIT 60) b"
STAGES = """() => {
    window.seen = new Set();
    const look = () => window.seen.add(document.querySelector("#job-live [aria-current=step] .nm")?.innerText);
    look();
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true});
}"""


@pytest.fixture
def page(new_page: NewPage, administrator: Any) -> Page:
    return new_page(storage_state=administrator)


@pytest.fixture
def revoked(console_process: ConsoleProcess, destination: int) -> Iterator[Any]:
    """The authentication's key is no longer accepted; the value is a function that mends it."""
    right = console_process.run(KEY, str(destination))
    mend = lambda: console_process.run(REVOKE, str(destination), right)  # noqa: E731
    console_process.run(REVOKE, str(destination), "")
    yield mend
    mend()


def open_job(page: Page, number: str) -> None:
    page.goto(f"/workbench/jobs/{number}/")


def live(page: Page) -> Any:
    return page.get_by_label("Progress")


def test_a_job_is_followed_live_from_queued_to_done(page: Page, destination: int) -> None:
    query = make_query(page, "Many rows", MANY)
    set_export(page, query, destination, "many_rows")
    page.goto(query)
    page.get_by_role("button", name=re.compile("^Run")).click()
    page.locator("#run-status").get_by_role("link", name=re.compile("^Job")).click()
    page.evaluate(STAGES)
    expect(live(page)).to_contain_text("all rows from the query")
    expect(live(page).get_by_text("300,000", exact=True)).to_be_visible()
    seen = page.evaluate("[...window.seen]")
    assert "Exporting" in seen, f"the export was never seen while it went on: {seen}"
    expect(page.locator("#job-live[data-poll]")).to_have_count(0)
    expect(page.locator("#said")).to_have_text(re.compile(r"^Job \d+ is done, 300,000 rows\.$"))
    expect(page.get_by_role("log")).to_contain_text("Query finished: 300,000 rows")
    expect(page.get_by_label("Destination")).to_contain_text("many_rows")
    expect(page.get_by_role("heading", name="Last run")).to_be_visible()
    expect(page.locator("svg.runs rect")).to_have_count(1)


def test_a_running_job_is_killed_on_its_page(page: Page) -> None:
    page.goto(make_query(page, "Endless", ENDLESS))
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.locator("#run-status")).to_contain_text("Running")
    page.locator("#run-status").get_by_role("link", name=re.compile("^Job")).click()
    page.get_by_role("link", name="Kill").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Keep it running").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Kill").click()
    dialog.get_by_role("button", name="Kill").click()
    expect(page.locator("#job-head")).to_contain_text("killed this job")
    expect(page.get_by_role("link", name="Kill")).to_have_count(0)
    expect(live(page).get_by_role("listitem")).to_contain_text(["Queued", "Running", "Done"])
    expect(live(page).get_by_role("listitem").last).to_contain_text("not reached")
    expect(page.get_by_role("log")).to_contain_text("Kill asked for by")


def test_a_running_job_is_killed_from_the_editor(page: Page) -> None:
    page.goto(make_query(page, "Endless, too", ENDLESS))
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.locator("#run-status")).to_contain_text("Running")
    page.locator("#run-status").get_by_role("button", name="Kill").click()
    ended(page)
    expect(page.get_by_role("tabpanel")).to_contain_text("The job was killed by")


def test_sql_that_fails_says_what_is_kept_and_leads_back(page: Page) -> None:
    page.goto(make_query(page, "Failing", "SELECT code\nFROM no_such_table"))
    open_job(page, run(page))
    alert = page.locator("#job-head").get_by_role("alert")
    expect(alert).to_contain_text("Table sample_datasets.no_such_table does not exist.")
    expect(alert).to_contain_text("Nothing was written and nothing was exported.")
    expect(live(page)).to_contain_text("stopped after")
    expect(page.get_by_role("log").locator(".err")).to_contain_text("no_such_table")
    expect(page.get_by_role("button", name="Run export again")).to_have_count(0)
    alert.get_by_role("link", name="Open the query").click()
    expect(page.locator("#query-sql")).to_have_value("SELECT code\nFROM no_such_table")


def test_an_export_that_fails_keeps_the_rows_and_is_run_again(
    page: Page, destination: int, revoked: Any
) -> None:
    query = make_query(page, "Revoked", "SELECT 7 AS a")
    set_export_knowingly(page, query, destination)
    page.goto(query)
    number = run(page)
    expect(page.locator("#run-status")).to_contain_text("The export did not finish")
    open_job(page, number)
    alert = page.locator("#job-head").get_by_role("alert")
    expect(alert).to_contain_text("1 row")
    expect(alert).to_contain_text(
        "Run export again sends the stored rows, without a second run of the query, until "
    )
    expect(alert.get_by_role("link", name="Reconnect workbench here")).to_be_visible()
    expect(live(page).get_by_role("listitem")).to_contain_text(
        ["Queued", "query took", "stopped", "not reached"]
    )
    revoked()
    page.get_by_role("button", name="Run export again").click()
    expect(page.get_by_role("link", name=f"job {number}")).to_be_visible()
    expect(live(page)).to_contain_text("all rows from the query")
    expect(live(page).get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_role("log")).not_to_contain_text("Query started")
    assert [row["a"] for row in table_rows(page, "revoked")] == ["7"]


def set_export_knowingly(page: Page, query: str, destination: int) -> None:
    """Settings that can't be checked are saved all the same, once that is agreed to."""
    page.goto(f"{query}export/{destination}/")
    page.get_by_label("Database name").fill(DATABASE)
    page.get_by_label("Table name").fill("revoked")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("alert").filter(has_text="These settings are not checked")).to_be_focused()
    page.get_by_label("Yes, save these settings").check()
    page.get_by_role("button", name="Done").click()
    page.wait_for_url(f"**{query}")


def test_the_log_is_filtered_followed_and_downloaded(page: Page) -> None:
    page.goto(make_query(page, "Logged", "SELECT no_such(1)"))
    number = run(page)
    open_job(page, number)
    lines = page.get_by_role("log").locator("div")
    expect(lines.filter(visible=True).first).to_contain_text("Queued")
    page.get_by_role("radio", name=re.compile("^Warnings")).check(force=True)
    expect(lines.filter(visible=True)).to_have_text([re.compile("err.*no_such")])
    page.get_by_role("radio", name="All").check(force=True)
    expect(lines.filter(visible=True).first).to_contain_text("Queued")
    expect(page.get_by_label("Follow")).not_to_be_checked()
    page.get_by_label("Follow").focus()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
    page.get_by_label("Follow").check()
    page.get_by_label("Follow").blur()
    page.get_by_label("Follow").focus()
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    name, data = saved_file(page, page.get_by_role("link", name="Download", exact=True))
    assert name == f"job-{number}.log"
    assert re.match(rb"\d{4}-\d\d-\d\dT[\d:.]+Z info Queued\n", data)


def test_the_list_is_filtered_and_back_undoes_it(page: Page) -> None:
    page.goto(make_query(page, "Listed alone", "SELECT 1 AS a"))
    number = run(page)
    page.goto(make_query(page, "Listed beside", "SELECT no_such(1)"))
    run(page)
    page.goto("/workbench/jobs/")
    table = page.get_by_role("table")
    page.get_by_label("Search by query name or job number").fill("listed")
    expect(page.get_by_text("2 jobs match")).to_be_visible()
    page.get_by_label("Status").select_option("success")
    expect(table.get_by_role("row")).to_have_count(2)
    expect(table).to_contain_text("Listed alone")
    page.reload()
    expect(page.get_by_label("Status")).to_have_value("success")
    expect(table.get_by_role("row")).to_have_count(2)
    page.get_by_label("Search by query name or job number").fill("nothing of the kind")
    expect(page.get_by_role("heading", name="No job matches “nothing of the kind”")).to_be_visible()
    page.go_back()
    expect(table.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Clear filters").click()
    expect(page.get_by_label("Status")).to_have_value("")
    page.get_by_label("Search by query name or job number").fill(number)
    table.get_by_role("link", name=number, exact=True).click()
    expect(page.get_by_role("heading", name=f"Job {number}")).to_be_visible()


def test_a_lost_connection_is_said_and_mends_itself(new_page: NewPage, administrator: Any) -> None:
    page = new_page(
        storage_state=administrator, expecting=["net::ERR_FAILED", "htmx:sendError", "htmx:afterRequest"]
    )
    page.goto(make_query(page, "Cut off", ENDLESS))
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.locator("#run-status")).to_contain_text("Running")
    page.locator("#run-status").get_by_role("link", name=re.compile("^Job")).click()
    page.route("**/progress/**", lambda route: route.abort())
    lost = page.get_by_text(re.compile(r"^Not updating\. Last update \d\d:\d\d:\d\d\."))
    expect(lost).to_be_visible()
    expect(page.locator(".region-error")).to_have_count(0)
    page.unroute("**/progress/**")
    expect(lost).to_be_hidden()
    page.get_by_role("link", name="Kill").click()
    page.get_by_role("dialog").get_by_role("button", name="Kill").click()
    expect(page.locator("#job-head")).to_contain_text("killed this job")
