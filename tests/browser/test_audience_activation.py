"""Create Activation in a browser, once by pointer and once by keys alone, to a table of this console; what arrives is
what the preview showed."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.activations import (
    add_columns,
    begin,
    create,
    fill_details,
    finished,
    make_segments,
    previewed,
)
from tests.browser.conftest import NewPage, look
from tests.browser.workbench import DATABASE, post, tab_to, table_rows
from tests.console_process import EMAIL, ConsoleProcess

# What the list of steps says of each choice.
STEPS = {
    "weekly": "Repeat every week",
    "monthly": "Repeat every month",
    "none": "Does not repeat",
    "custom": "Repeat every day",  # 0 0 * * *
}
# A scheduled activation with a name, an authentication and a table; prints its number.
ACTIVATION = f"""
from activations import activating, scheduled
from activations.models import Segment
from console.accounts.models import User
from integrations.models import Authentication
owner, segment = User.objects.get(email=sys.argv[1]), Segment.objects.get(pk=sys.argv[2])
mapping = {{"columns": [{{"source": "customer_id", "name": "customer_id"}}, {{"source": "amount", "name": "spent"}}],
           "strings": [{{"type": "segment_name", "name": "segment"}}]}}
content = activating.Content("Spent, every day", Authentication.objects.get(pk=sys.argv[3]), {{
    "user_database_name": "{DATABASE}", "user_table_name": "act_daily", "mode": "append"}}, mapping)
made = activating.create(activating.begin(segment, owner, afresh=True), content, owner)
scheduled.set_rule(made, owner, cron="@daily", zone="Asia/Tokyo", delay=600)
print(made.pk)
"""


@pytest.fixture(scope="module")
def daily(console_process: ConsoleProcess, segments: list[str], destination: int) -> str:
    return console_process.run(ACTIVATION, EMAIL, segments[2], str(destination)).strip()


@pytest.fixture(scope="module")
def segments(console_process: ConsoleProcess) -> list[str]:
    return make_segments(console_process, 25, "By pointer", "By keys", "To look at")


@pytest.fixture
def page(new_page: NewPage, administrator: Any, destination: int) -> Page:
    return new_page(storage_state=administrator)


def arrived(page: Page, table: str, columns: list[str]) -> list[dict[str, str | None]]:
    rows = [{name: row[name] for name in columns} for row in table_rows(page, table)]
    return sorted(rows, key=lambda row: str(row[columns[0]]))


def written(page: Page) -> list[str]:
    names: list[str] = page.locator("[name=column_name]").evaluate_all("all => all.map(one => one.value)")
    return names


def test_by_pointer_what_arrives_is_what_the_preview_showed(page: Page, segments: list[str]) -> None:
    begin(page, segments[0])
    fill_details(page, "Pointer to partner", "workbench here", to_table)
    add_columns(page, "customer_id", "purchases", "amount")
    page.get_by_label("Output Column Name 2").fill("customer_id")
    expect(page.locator("#mapping-problems")).to_have_text(re.compile("1 problem to fix"))
    expect(page.get_by_label("Output Column Name 2")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Output Column Name 2").fill("times")
    expect(page.locator("#mapping-problems")).to_have_text("")
    page.get_by_role("button", name="+ Add string").click()
    page.get_by_role("menuitem", name=re.compile("^Segment Name")).click()
    expect(page.get_by_label("Output Column Name, string 1")).to_have_value("segment_name")
    drag(
        page,
        page.get_by_role("button", name=re.compile("^Move amount")),
        page.get_by_role("button", name=re.compile("^Move customer_id")),
    )
    expect(page.get_by_label("Output Column Name 1")).to_have_value("amount")
    assert written(page) == ["amount", "customer_id", "times"]
    page.reload()
    assert written(page) == ["amount", "customer_id", "times"]
    shown = previewed(page)
    page.get_by_role("radio", name="Table").check()
    expect(page.get_by_role("region", name="Columns of the table")).to_contain_text("segment_name")
    create(page)
    columns = ["customer_id", "amount", "times", "segment_name"]
    rows = arrived(page, "act_pointer", columns)
    assert rows[: len(shown)] == [{name: row[name] for name in columns} for row in shown]
    assert {row["segment_name"] for row in rows} == {"By pointer"}


def to_table(page: Page) -> None:
    page.get_by_label("Database name").fill(DATABASE)
    page.get_by_label("Table name").fill("act_pointer")


def drag(page: Page, handle: Locator, onto: Locator) -> None:
    start, end = handle.bounding_box(), onto.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 8, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(end["x"] + 8, end["y"] + 4, steps=8)
    page.mouse.up()


def test_by_keys_alone(page: Page, segments: list[str]) -> None:
    begin(page, segments[1])
    name = page.get_by_label("Activation name")
    tab_to(page, name)
    page.keyboard.insert_text("Keys to partner")
    press(page, page.get_by_role("button", name="Choose Integration"))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Search saved authentications")).to_be_focused()
    page.keyboard.insert_text("workbench here")
    expect(dialog.get_by_role("status")).to_contain_text("1 of")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Database name"))
    page.keyboard.insert_text(DATABASE)
    tab_to(page, page.get_by_label("Table name"))
    page.keyboard.insert_text("act_keys")
    press(page, page.get_by_role("button", name="Continue to Output Mapping"))
    press(page, page.get_by_role("button", name="+ Add Columns"))
    for column in ("customer_id", "last_purchase"):
        tab_to(page, page.get_by_role("checkbox", name=re.compile(f"^{column}")))
        page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Add", exact=True))
    expect(page.get_by_label("Output Column Name 1")).to_be_focused()
    press(page, page.get_by_role("button", name="+ Add string"))
    expect(page.get_by_role("menuitem", name=re.compile("^String"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Value 1")).to_be_focused()
    page.keyboard.insert_text("winter-2026")
    tab_to(page, page.get_by_label("Output Column Name, string 1"))
    page.keyboard.insert_text("campaign")
    handle = page.get_by_role("button", name=re.compile("^Move last_purchase"))
    tab_to(page, handle, key="Shift+Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    expect(page.locator("#said")).to_have_text("last_purchase, position 1 of 2")
    page.keyboard.press("Space")
    expect(page.get_by_label("Output Column Name 1")).to_have_value("last_purchase")
    expect(handle).to_be_focused()
    page.keyboard.press("Enter")  # its menu
    expect(page.get_by_role("menuitem", name="Move down")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Output Column Name 1")).to_have_value("customer_id")
    expect(page.locator(".ac-grid thead")).to_contain_text("campaign")
    shown = previewed(page)
    press(page, page.get_by_role("button", name="Continue to Schedule"))
    press(page, page.get_by_role("button", name="Create", exact=True))
    finished(page)
    columns = ["customer_id", "last_purchase", "campaign"]
    assert arrived(page, "act_keys", columns)[: len(shown)] == shown


def press(page: Page, button: Locator) -> None:
    tab_to(page, button, most=120)
    page.keyboard.press("Enter")


def test_the_panels_and_pages_in_each_look(looked: Page, segments: list[str], destination: int) -> None:
    begin(looked, segments[2])
    post(looked, urlsplit(looked.url).path.replace("details", "cancel"))  # whatever another look left
    begin(looked, segments[2])
    look(looked, "activation-details")
    looked.get_by_label("Activation name").fill("To look at")
    looked.get_by_role("button", name="Choose Integration").click()
    dialog = looked.get_by_role("dialog")
    dialog.get_by_text("workbench here", exact=True).click()
    dialog.get_by_role("button", name="Next").click()
    looked.get_by_label("Database name").fill(DATABASE)
    looked.get_by_label("Table name").fill("act_look")
    expect(looked.get_by_label("Table name")).to_be_visible()
    look(looked, "activation-settings")
    looked.get_by_role("button", name="Continue to Output Mapping").click()
    looked.get_by_role("switch", name="Export All Columns").check(force=True)
    expect(looked.get_by_text("All 6 columns, unchanged.")).to_be_visible()
    look(looked, "activation-all")
    looked.get_by_role("switch", name="Export All Columns").uncheck(force=True)
    looked.get_by_role("button", name="+ Add Columns").click()
    looked.get_by_role("button", name="Select all").click()
    look(looked, "activation-add")
    looked.get_by_role("button", name="Add", exact=True).click()
    expect(looked.get_by_label("Output Column Name 6")).to_be_visible()
    looked.get_by_role("button", name="+ Add string").click()
    looked.get_by_role("menuitem", name=re.compile("^Timestamp")).click()
    expect(looked.get_by_label("Output Column Name, string 1")).to_be_visible()
    looked.get_by_label("Output Column Name 2").fill("customer_id")
    expect(looked.locator("#mapping-problems")).to_have_text(re.compile("1 problem"))
    previewed(looked)
    look(looked, "activation-mapping")
    looked.get_by_label("Output Column Name 2").fill("first")
    expect(looked.locator("#mapping-problems")).to_have_text("")
    looked.get_by_role("button", name="Continue to Schedule").click()
    for choice in STEPS:
        looked.get_by_label("Schedule", exact=True).select_option(choice)
        expect(looked.locator("#ac-steps")).to_contain_text(STEPS[choice])
    expect(looked.locator("#schedule-readout time")).to_have_count(5)
    look(looked, "activation-schedule")
    looked.get_by_role("button", name="Cancel").click()
    expect(looked.get_by_role("dialog")).to_contain_text("Discard this draft?")
    look(looked, "activation-cancel")
    post(looked, urlsplit(looked.url).path)


def test_the_page_and_the_list_in_each_look(looked: Page, daily: str) -> None:
    looked.goto("/audience/activations/")
    expect(looked.get_by_role("link", name="Spent, every day")).to_be_visible()
    look(looked, "activations")
    looked.get_by_role("link", name="Spent, every day").click()
    expect(looked.get_by_role("heading", name="Spent, every day")).to_be_visible()
    look(looked, "activation")
    looked.get_by_role("button", name="Delete").click()
    expect(looked.get_by_role("dialog")).to_contain_text("Its schedule goes with it.")
    looked.keyboard.press("Escape")
    looked.get_by_role("link", name="Edit Schedule").click()
    expect(looked.get_by_role("heading", name="Schedule", exact=True)).to_be_visible()
    expect(looked.get_by_label("Schedule", exact=True)).to_have_value("@daily")
    look(looked, "activation-edit")
