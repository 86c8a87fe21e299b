"""axe-core on the picker and on every page and dialog of schedules: light and dark, wide and 390 px."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import look
from tests.browser.schedules import give_history, make_schedule, pause
from tests.browser.workbench import make_query
from tests.console_process import ConsoleProcess


@dataclass(frozen=True)
class Things:
    query: str  # addresses
    schedule: str
    paused: str
    paused_query: str
    unscheduled: str


@pytest.fixture(scope="module")
def things(browser: Browser, console_process: ConsoleProcess, administrator: Any) -> Things:
    context = browser.new_context(base_url=console_process.url, storage_state=administrator)
    page = context.new_page()
    query, schedule = make_schedule(page, console_process, "Scheduled, looked at", "0 0 1 * 1", 600)
    give_history(console_process, schedule)
    for number, cron in enumerate(("*/20 * * * *", "15 4 * * *", "@daily")):
        make_schedule(page, console_process, f"Scheduled, looked at {number}", cron)
    paused_query, paused = make_schedule(
        page, console_process, "Scheduled, looked at, paused", "30 6 * * 1-5"
    )
    pause(page, paused, "The partner moves house.")
    unscheduled = make_query(page, "Not scheduled, looked at")
    context.close()
    return Things(query, schedule, paused, paused_query, unscheduled)


@pytest.fixture
def page(looked: Page) -> Page:
    return looked


def test_the_pages(page: Page, things: Things) -> None:
    pages = {
        "list": "/workbench/schedules/",
        "list-paused": "/workbench/schedules/?show=paused",
        "list-none": "/workbench/schedules/?q=nothing+like+it",
        "history": things.schedule,
        "history-missed": f"{things.schedule}?state=missed",
        "history-queued": f"{things.schedule}?state=queued",
        "history-paused": things.paused,
        "page-picker": f"{things.query}schedule/",
        "page-picker-none": f"{things.unscheduled}schedule/",
        "page-pause": f"{things.schedule}pause/",
        "page-backfill": f"{things.schedule}backfill/",
        "page-backfill-paused": f"{things.paused}backfill/",
        "queries": "/workbench/queries/?q=looked",
    }
    for name, address in pages.items():
        page.goto(address)
        look(page, f"schedules-{name}")
    page.goto("/workbench/schedules/")
    page.get_by_text("As a table").click()
    look(page, "schedules-list-table")


def test_the_picker_over_the_editor(page: Page, things: Things) -> None:
    page.goto(things.query)
    page.locator("#schedule-button").click()
    picker = page.get_by_role("dialog", name="Schedule")
    expect(picker.get_by_text("At 00:00 every Monday")).to_be_visible()
    look(page, "schedules-picker")
    picker.get_by_role("combobox", name="Time zone").fill("berl")
    expect(picker.get_by_role("option", name=re.compile("Berlin"))).to_be_visible()
    look(page, "schedules-picker-zones")
    picker.get_by_role("combobox", name="Time zone").fill("nothing like it")
    look(page, "schedules-picker-zones-none")
    page.keyboard.press("Escape")
    picker.get_by_label("Cron", exact=True).fill("0 25 * * *")
    expect(picker.get_by_text("“25” is not one of 0 to 23.")).to_be_visible()
    look(page, "schedules-picker-error")
    picker.get_by_text("@hourly (:00)").click()
    expect(picker.get_by_text("Every hour at :00")).to_be_visible()
    look(page, "schedules-picker-hourly")
    picker.get_by_text("None", exact=True).click()
    expect(picker.get_by_text("It runs only when somebody presses Run.")).to_be_visible()
    look(page, "schedules-picker-none")
    page.goto(things.paused_query)
    page.locator("#schedule-button").click()
    expect(picker.get_by_role("button", name="Resume")).to_be_visible()
    look(page, "schedules-picker-paused")


def test_menu_and_dialogs(page: Page, things: Things) -> None:
    page.goto("/workbench/schedules/")
    page.get_by_role("button", name="Actions for Scheduled, looked at", exact=True).click()
    look(page, "schedules-menu")
    page.get_by_role("menuitem", name="Backfill...").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("4 missed or skipped")).to_be_visible()
    look(page, "schedules-dialog-backfill")
    dialog.get_by_text("A range of time").click()
    look(page, "schedules-dialog-backfill-range")
    dialog.get_by_text("Runs that were left out").first.click()
    dialog.get_by_role("button", name="List the runs").click()
    expect(dialog.get_by_role("heading", name="Run 2 runs of Scheduled, looked at?")).to_be_visible()
    look(page, "schedules-dialog-backfill-listed")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Actions for Scheduled, looked at", exact=True).click()
    page.get_by_role("menuitem", name="Pause").click()
    expect(dialog.get_by_label("Reason")).to_be_visible()
    look(page, "schedules-dialog-pause")
