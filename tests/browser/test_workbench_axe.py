"""axe-core on every page and open dialog of the workbench: light and dark, wide and 390 px."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import look
from tests.browser.workbench import DATABASE, ENDLESS, make_query, post, run, set_export, type_sql
from tests.console_process import ConsoleProcess

WIDE_SQL = "SELECT *, '' AS empty, NULL AS nothing FROM www_access LIMIT 5"


@dataclass(frozen=True)
class Things:
    query: str  # addresses
    failing: str
    done: str  # numbers of jobs
    failed: str
    killed: str


@pytest.fixture(scope="module")
def things(browser: Browser, console_process: ConsoleProcess, administrator: Any, destination: int) -> Things:
    """A query with an export and rows, one that fails, and a job of each end."""
    context = browser.new_context(base_url=console_process.url, storage_state=administrator)
    page = context.new_page()
    query, failing = (
        make_query(page, "Looked at", WIDE_SQL),
        make_query(page, "Looked at, failing", "SELECT no_such(1)"),
    )
    endless = make_query(page, "Looked at, killed", ENDLESS)
    set_export(page, query, destination, "looked_at")
    page.goto(query)
    done = run(page)
    page.goto(failing)
    failed = run(page)
    page.goto(endless)
    page.get_by_role("button", name=re.compile("^Run")).click()
    page.locator("#run[data-job]").wait_for()
    killed = page.locator("#run").get_attribute("data-job") or ""
    post(page, f"/workbench/jobs/{killed}/kill/")
    expect(page.locator("#run [data-poll]")).to_have_count(0)
    context.close()
    return Things(query, failing, done, failed, killed)


@pytest.fixture
def page(looked: Page) -> Page:
    return looked


def test_the_pages(page: Page, things: Things, destination: int) -> None:
    query = things.query
    pages = {
        "queries": "/workbench/queries/",
        "queries-none": "/workbench/queries/?q=nothing+like+it",
        "editor-new": "/workbench/queries/new/?database=sample_datasets",
        "editor": query,
        "editor-error": things.failing,
        "editor-log": f"{query}?job={things.done}&tab=log",
        "editor-runs": f"{query}?job={things.done}&tab=runs",
        "page-choose": f"{query}export/",
        "page-settings": f"{query}export/{destination}/",
        "page-versions": f"{query}versions/",
        "page-delete": f"{query}delete/",
        "page-kill": f"/workbench/jobs/{things.done}/kill/",
        "jobs": "/workbench/jobs/",
        "jobs-none": "/workbench/jobs/?q=nothing+like+it",
        "job-done": f"/workbench/jobs/{things.done}/",
        "job-failed": f"/workbench/jobs/{things.failed}/",
        "job-killed": f"/workbench/jobs/{things.killed}/",
    }
    for name, address in pages.items():
        page.goto(address)
        look(page, f"workbench-{name}")


def test_the_dialogs_over_the_editor(page: Page, things: Things) -> None:
    page.goto(things.query)
    dialog = page.get_by_role("dialog")
    page.get_by_role("link", name=re.compile("^Export Results")).click()
    expect(dialog.get_by_role("region", name="Table preview").get_by_role("row").nth(5)).to_be_visible()
    look(page, "workbench-dialog-settings")
    dialog.get_by_label("Database name").fill("")
    dialog.get_by_label("Table name").fill("Not Good")
    dialog.get_by_role("button", name="Done").click()
    expect(dialog.get_by_role("alert")).to_contain_text("2 fields need a change")
    look(page, "workbench-dialog-settings-errors")
    dialog.get_by_label("Database name").fill(DATABASE)
    dialog.get_by_label("Table name").fill("looked_at")
    dialog.get_by_role("radio", name="Replace").check()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog.get_by_label("Yes, save these settings")).to_be_visible()
    look(page, "workbench-dialog-settings-question")
    dialog.get_by_role("link", name="Back").click()
    dialog.get_by_role("radio", name="workbench here").wait_for()
    look(page, "workbench-dialog-choose")
    dialog.get_by_label("Search saved authentications").fill("nothing like it")
    expect(dialog.get_by_role("heading", name=re.compile("^No authentication matches"))).to_be_visible()
    look(page, "workbench-dialog-choose-none")
    dialog.get_by_text("Create New Connection", exact=True).click()
    look(page, "workbench-dialog-choose-new")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Versions").click()
    expect(dialog.get_by_role("heading", name="Versions")).to_be_visible()
    look(page, "workbench-dialog-versions")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export settings of this query").click()
    look(page, "workbench-menu-export")
    page.keyboard.press("Escape")


def test_what_comes_up_while_one_works(page: Page, things: Things) -> None:
    page.goto(things.failing)
    type_sql(page, "SELECT code FROM www_access WHERE ")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("metho")
    expect(page.locator(".cm-tooltip-autocomplete")).to_be_visible()
    look(page, "workbench-completion")
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('[name=version]').value = 0")  # as if somebody had saved in between
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Your version")).to_be_visible()
    look(page, "workbench-dialog-conflict")
    page.keyboard.press("Escape")
    page.locator("a[href='/workbench/queries/']").first.evaluate(
        "link => link.click()"
    )  # narrow: behind the menu
    expect(dialog).to_contain_text("Leave without saving?")
    look(page, "workbench-dialog-leave")
    dialog.get_by_role("button", name="Leave").click()
    page.wait_for_url(lambda address: address.endswith("/queries/"))
    page.get_by_role("button", name="Actions for Looked at, failing").click()
    look(page, "workbench-menu-query")
    page.get_by_role("menuitem", name="Delete").click()
    expect(dialog.get_by_role("button", name="Delete")).to_be_visible()
    look(page, "workbench-dialog-delete")
    dialog.get_by_role("button", name="Cancel").click()


def test_a_job_that_runs_and_its_kill(page: Page) -> None:
    width = page.viewport_size["width"]  # type: ignore[index]
    scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    page.goto(make_query(page, f"Runs on {scheme} {width}", ENDLESS))
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.locator("#run-status")).to_contain_text("Running")
    look(page, "workbench-editor-running")
    page.locator("#run-status").get_by_role("link", name=re.compile("^Job")).click()
    page.get_by_role("link", name="Kill").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Kill")).to_be_visible()
    look(page, "workbench-dialog-kill")
    dialog.get_by_role("button", name="Kill").click()
    expect(page.locator("#job-head")).to_contain_text("killed this job")
