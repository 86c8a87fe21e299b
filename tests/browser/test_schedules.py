"""Schedules as people use them: the picker with keys alone, what it says, saving, pausing, making up for runs."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage, axe, log_in, picture
from tests.browser.schedules import give_history, make_schedule
from tests.browser.workbench import make_query, post, tab_to, type_sql
from tests.console_process import PASSWORD, ConsoleProcess

MEMBER = f"""
from console.accounts.models import User
User.objects.create_user(email="reader@example.com", name="Reader", password="{PASSWORD}")
"""
BUTTON = re.compile("^Schedule: ")


@pytest.fixture
def page(new_page: NewPage, administrator: Any) -> Page:
    return new_page(storage_state=administrator)


def button(page: Page) -> Locator:
    return page.get_by_role("button", name=BUTTON)


def opened(page: Page) -> Locator:
    """The picker, pressed open."""
    button(page).click()
    picker = page.get_by_role("dialog", name="Schedule")
    expect(picker.get_by_role("radio", checked=True)).to_be_focused()
    return picker


def test_a_schedule_is_set_with_the_keyboard_alone(page: Page) -> None:
    page.goto(make_query(page, "Scheduled by keyboard"))
    tab_to(page, button(page))
    page.keyboard.press("Enter")
    picker = page.get_by_role("dialog", name="Schedule")
    expect(picker.get_by_role("radio", name=re.compile("^None"))).to_be_focused()
    page.keyboard.press("ArrowDown")  # from the last to the first
    expect(picker.get_by_role("radio", name=re.compile("^Custom cron..."))).to_be_checked()
    page.keyboard.press("Tab")
    expect(picker.get_by_label("Cron", exact=True)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("0 0 1 * 1")
    expect(picker.get_by_role("status")).to_contain_text("At 00:00 every Monday")
    expect(picker.get_by_role("status")).to_contain_text("day of month is ignored.")
    page.keyboard.press("Tab")
    zone = picker.get_by_role("combobox", name="Time zone")
    expect(zone).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(zone).to_have_attribute("aria-expanded", "true")
    page.keyboard.type("tokyo")
    expect(picker.get_by_role("option")).to_have_text(["Asia/Tokyo (UTC+09:00)"])
    page.keyboard.press("Escape")  # closes the list, not the picker
    expect(zone).to_have_attribute("aria-expanded", "false")
    expect(zone).to_have_value("UTC (UTC+00:00)")
    page.keyboard.press("Control+a")
    page.keyboard.type("asia tok")
    page.keyboard.press("Enter")
    expect(zone).to_have_value("Asia/Tokyo (UTC+09:00)")
    expect(picker.get_by_role("status")).to_contain_text("Scheduled, Asia/Tokyo")
    page.keyboard.press("Tab")
    expect(picker.get_by_role("switch", name="Delay execution")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("600")
    expect(picker.get_by_role("row").nth(1).get_by_role("cell").nth(2)).to_have_text("00:10")
    page.keyboard.press("Enter")
    expect(picker).to_be_hidden()
    expect(page.get_by_role("button", name="Schedule: 0 0 1 * 1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(picker.get_by_role("radio", name=re.compile("^Custom"))).to_be_focused()
    expect(picker.get_by_label("Delay in seconds")).to_have_value("600")
    page.keyboard.press("Escape")
    expect(picker).to_be_hidden()
    expect(page.get_by_role("button", name="Schedule: 0 0 1 * 1")).to_be_focused()


def test_the_picker_follows_every_change_and_says_what_is_wrong_beside_the_field(page: Page) -> None:
    page.goto(make_query(page, "Scheduled, followed"))
    picker = opened(page)
    expect(picker.get_by_role("status")).to_contain_text("It runs only when somebody presses Run.")
    expect(picker.get_by_label("Cron", exact=True)).to_be_hidden()
    picker.get_by_text("@hourly (:00)").click()
    expect(picker.get_by_role("status")).to_contain_text("Every hour at :00")
    expect(picker.get_by_role("row")).to_have_count(6)
    picker.get_by_text("Custom cron...").click()
    cron = picker.get_by_label("Cron", exact=True)
    cron.fill("0 25 * * *")
    expect(cron).to_have_attribute("aria-invalid", "true")
    expect(cron).to_have_accessible_description("Hour: “25” is not one of 0 to 23. Write one of these, or *.")
    expect(picker.get_by_role("row")).to_have_count(0)
    picker.get_by_role("button", name="Apply").last.click()
    expect(cron).to_be_focused()
    cron.fill("0 5 * * *")
    expect(cron).not_to_have_attribute("aria-invalid", "true")
    expect(picker.get_by_role("status")).to_contain_text("At 05:00 every day")
    picker.get_by_role("button", name="Cancel").click()
    expect(picker).to_be_hidden()
    expect(page.get_by_role("button", name="Schedule: None")).to_be_focused()


def test_the_button_closes_what_it_opened_and_a_click_outside_does_too(page: Page) -> None:
    page.goto(make_query(page, "Scheduled, closed"))
    picker = opened(page)
    expect(button(page)).to_have_attribute("aria-expanded", "true")
    button(page).click()
    expect(picker).to_be_hidden()
    expect(button(page)).to_have_attribute("aria-expanded", "false")
    opened(page)
    page.get_by_role("heading", name="Scheduled, closed").click()
    expect(picker).to_be_hidden()


def test_a_new_query_is_saved_first_and_then_the_picker_opens(page: Page) -> None:
    page.goto("/workbench/queries/new/?database=sample_datasets")
    type_sql(page, "SELECT 1")
    button(page).click()
    expect(page.get_by_role("alert")).to_have_text("Give the query a name to save it. Run works without one.")
    page.get_by_label("Query name").fill("Scheduled at once")
    button(page).click()
    picker = page.get_by_role("dialog", name="Schedule")
    picker.get_by_text("@daily (midnight)").click()
    picker.get_by_role("button", name="Apply").last.click()
    expect(page.get_by_role("button", name="Schedule: @daily (midnight)")).to_be_focused()


def test_two_who_choose_at_once_do_not_overwrite_each_other_unseen(
    page: Page, console_process: ConsoleProcess
) -> None:
    query, _ = make_schedule(page, console_process, "Scheduled by two", "0 1 * * *")
    page.goto(query)
    picker = opened(page)
    seen = page.locator("[name=seen]").get_attribute("value") or ""
    post(page, f"{query}schedule/", choice="@hourly", zone="UTC", seen=seen)
    picker.get_by_label("Cron", exact=True).fill("0 2 * * *")
    picker.get_by_role("button", name="Apply").last.click()
    expect(picker.get_by_role("alert")).to_contain_text("It is @hourly (:00) in UTC now.")
    expect(picker.get_by_label("Cron", exact=True)).to_have_value("0 2 * * *")
    picker.get_by_role("button", name="Apply").last.click()
    expect(page.get_by_role("button", name="Schedule: 0 2 * * *")).to_be_focused()


def test_a_schedule_is_paused_with_a_reason_and_resumed_with_one_click(
    page: Page, console_process: ConsoleProcess
) -> None:
    query, schedule = make_schedule(page, console_process, "Scheduled, to be paused", "0 1 * * *")
    page.goto("/workbench/schedules/?q=to+be+paused")
    page.get_by_role("button", name="Actions for Scheduled, to be paused").click()
    page.get_by_role("menuitem", name="Pause").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("The partner moves house.")
    dialog.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("The partner moves house. Nothing starts until it is resumed.")).to_be_visible()
    page.goto(query)
    page.get_by_role("button", name="Schedule: 0 1 * * * Paused").click()
    picker = page.get_by_role("dialog", name="Schedule")
    expect(picker).to_contain_text("The partner moves house.")
    picker.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Schedule: 0 1 * * *", exact=True)).to_be_visible()
    page.goto(schedule)
    expect(page.get_by_text("Active", exact=True)).to_be_visible()


def test_missed_runs_are_listed_agreed_to_and_made(page: Page, console_process: ConsoleProcess) -> None:
    _, schedule = make_schedule(page, console_process, "Scheduled, made up for", "@daily")
    give_history(console_process, schedule)
    page.goto(f"{schedule}?state=missed")
    expect(page.locator("#slot-list tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Backfill...").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("checkbox", checked=True)).to_have_count(2)
    dialog.get_by_role("button", name="List the runs").click()
    expect(dialog.get_by_role("heading", name="Run 2 runs of Scheduled, made up for?")).to_be_visible()
    expect(dialog.get_by_role("row")).to_have_count(3)
    dialog.get_by_role("button", name="Back").click()
    expect(dialog.get_by_role("checkbox", checked=True)).to_have_count(2)
    dialog.get_by_role("button", name="List the runs").click()
    dialog.get_by_role("button", name="Run 2 runs").click()
    expect(dialog).to_have_count(0)
    fired = page.locator("#slot-list tbody tr").filter(has_text="Backfill").filter(has_text="Done")
    expect(fired).to_have_count(2)  # one after the other, by the console itself


def test_run_now_leads_to_the_job(page: Page, console_process: ConsoleProcess) -> None:
    _, schedule = make_schedule(page, console_process, "Scheduled, run now", "0 1 * * *")
    page.goto(schedule)
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url("**/workbench/jobs/*/")
    expect(page.get_by_role("main")).to_contain_text("Scheduled, run now")


def test_who_does_not_own_a_query_sees_its_schedule_and_why_it_is_not_theirs_to_change(
    page: Page, new_page: NewPage, console_process: ConsoleProcess
) -> None:
    query, schedule = make_schedule(page, console_process, "Scheduled by somebody else", "0 6 * * 1")
    console_process.run(MEMBER)
    member = new_page()
    log_in(member, "reader@example.com")
    member.goto(query)
    button(member).click()
    picker = member.get_by_role("dialog", name="Schedule")
    expect(picker).to_contain_text("Only admin@example.com or an administrator may schedule it.")
    expect(picker.get_by_role("status")).to_contain_text("At 06:00 every Monday")
    expect(picker.get_by_label("Cron", exact=True)).to_be_disabled()
    expect(picker.get_by_role("combobox", name="Time zone")).to_be_disabled()
    expect(picker.get_by_role("button", name="Apply")).to_have_count(0)
    expect(picker.get_by_role("button", name="Close")).to_be_focused()
    axe(member)
    picture(member, "schedules-picker-readonly")
    member.keyboard.press("Escape")
    expect(button(member)).to_be_focused()
    member.goto(schedule)
    expect(member.get_by_role("button", name="Run now")).to_be_visible()
    expect(member.get_by_role("button", name="Pause")).to_have_count(0)
    axe(member)


def test_without_javascript_everything_is_a_page(
    new_page: NewPage, administrator: Any, console_process: ConsoleProcess
) -> None:
    page = new_page(storage_state=administrator, java_script_enabled=False)
    page.goto(make_query(page, "Scheduled without scripts"))
    page.get_by_role("button", name="Schedule: None").click()
    page.get_by_role("radio", name=re.compile("^Custom cron")).check(force=True)
    page.get_by_label("Cron", exact=True).fill("0 0 * * 8")
    page.get_by_label("Time zone", exact=True).select_option("Europe/Berlin")
    page.get_by_role("button", name="Show the next runs").click()
    expect(page.locator("#schedule_cron_error")).to_have_text(
        re.compile("^Day of week: “8” is not one of 0 to 6")
    )
    page.get_by_label("Cron", exact=True).fill("0 0 * * 6")
    page.get_by_role("button", name="Show the next runs").click()
    expect(page.locator("#schedule-sentence")).to_have_text("At 00:00 every Saturday")
    page.get_by_role("button", name="Apply").last.click()
    page.get_by_role("button", name="Schedule: 0 0 * * 6").click()
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Reason").fill("No scripts.")
    page.get_by_role("main").get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    page.get_by_role("button", name="Backfill...").click()
    page.get_by_label("From", exact=True).fill("2026-01-01T00:00")
    page.get_by_label("Until, not included", exact=True).fill("2026-01-12T00:00")
    page.get_by_role("button", name="List the runs").click()
    expect(page.get_by_role("row")).to_have_count(3)  # two Saturdays
    page.get_by_role("button", name="Run 2 runs").last.click()
    expect(page.locator("#slot-list tbody tr")).to_have_count(2)
