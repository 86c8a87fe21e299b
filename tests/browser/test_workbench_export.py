"""Export Results: choosing, settings with their preview, addresses of the steps, what is asked and what is refused."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.workbench import DATABASE, cells, ended, make_query, run, set_export, table_rows, type_sql
from tests.console_process import EMAIL, ConsoleProcess

BROKEN = """
from console.accounts.models import User
from integrations.models import Authentication
one = Authentication(name="crm-handoff", owner=User.objects.get(email=sys.argv[1]), connector="treasure_data",
                     account="7 · eu", health="reconnect", health_message="The key was revoked.")
one.seal({"apikey": "7/" + "b" * 40}); one.save()
"""


@pytest.fixture
def page(new_page: NewPage, administrator: Any) -> Page:
    return new_page(storage_state=administrator)


@pytest.fixture(scope="module")
def broken(console_process: ConsoleProcess) -> str:
    console_process.run(BROKEN, EMAIL)
    return "crm-handoff"


def dialog_of(page: Page) -> Locator:
    return page.get_by_role("dialog")


def open_settings(page: Page, query: str, destination: int) -> Locator:
    """The settings in their dialog over the editor."""
    page.goto(query)
    page.get_by_role("link", name="Export Results").click()
    dialog = dialog_of(page)
    dialog.get_by_role("radio", name="workbench here").check(force=True)
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_role("heading", name="Export Results")).to_be_focused()
    return dialog


def fill(dialog: Locator, database: str, table: str) -> None:
    dialog.get_by_label("Database name").fill(database)
    dialog.get_by_label("Table name").fill(table)
    dialog.get_by_label("Time").focus()


def test_authentications_are_searched_and_broken_ones_can_only_be_reconnected(
    page: Page, destination: int, broken: str
) -> None:
    page.goto(make_query(page, "To choose for"))
    page.get_by_role("link", name="Export Results").click()
    dialog = dialog_of(page)
    expect(dialog.get_by_role("radio", name="workbench here")).to_be_visible()
    expect(dialog.get_by_text("Can't be used right now")).to_be_visible()
    expect(dialog.get_by_role("radio", name=broken)).to_have_count(0)
    expect(dialog).to_contain_text("Reconnect needed")
    search = dialog.get_by_label("Search saved authentications")
    search.fill("no such name")
    expect(dialog.get_by_role("heading", name="No authentication matches “no such name”")).to_be_visible()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Choose an authentication that can be used")
    search.fill("7 · e")
    expect(dialog.locator("mark")).to_have_text("7 · e")
    dialog.get_by_role("link", name="Reconnect").click()
    expect(dialog.get_by_role("heading", name=re.compile("Reconnect"))).to_be_visible()
    page.go_back()
    expect(dialog.get_by_role("heading", name="Choose Integration")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("link", name="Export Results")).to_be_focused()


def test_each_step_has_an_address_for_reload_back_and_forward(page: Page, destination: int) -> None:
    query = make_query(page, "With addresses")
    dialog = open_settings(page, query, destination)
    expect(page).to_have_url(re.compile(rf"{query}export/{destination}/$"))
    dialog.get_by_label("Database name").fill("typed")
    page.go_back()
    expect(dialog.get_by_role("heading", name="Choose Integration")).to_be_visible()
    page.go_back()
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"{query}$"))
    page.go_forward()
    expect(dialog.get_by_role("heading", name="Choose Integration")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"{query}$"))

    open_settings(page, query, destination)
    page.reload()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Export Results")
    expect(dialog).to_have_count(0)
    page.go_back()
    expect(heading).to_have_text("Choose Integration")
    page.go_back()
    expect(heading).to_have_text("With addresses")
    page.goto(f"{query}export/{destination}/")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("radio", name="workbench here")).to_be_checked()
    page.get_by_role("button", name="Close").click()
    expect(heading).to_have_text("With addresses")


def test_what_is_wrong_stands_beside_its_field_as_soon_as_it_is_typed(page: Page, destination: int) -> None:
    dialog = open_settings(page, make_query(page, "With wrong settings"), destination)
    database, table = dialog.get_by_label("Database name"), dialog.get_by_label("Table name")
    fill(dialog, DATABASE, "No Good")
    expect(described(table)).to_have_text("Table name must be 3 to 255 lowercase letters, digits or _.")
    table.fill("good_name")
    database.focus()
    expect(table).not_to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("File split size (KB)").fill("12")
    database.fill("not_there")
    dialog.get_by_role("button", name="Done").click()
    expect(described(dialog.get_by_label("File split size (KB)"))).to_have_text("Enter 16384 to 524288 KB.")
    expect(dialog.get_by_label("File split size (KB)")).to_be_focused()
    dialog.get_by_label("File split size (KB)").fill("16384")
    dialog.get_by_role("button", name="Done").click()
    expect(described(database)).to_contain_text(
        "Database not_there does not exist. Create it in the target account"
    )
    expect(database).to_have_value("not_there")
    database.fill("something else")
    page.keyboard.press("Escape")
    question = dialog_of(page).filter(has_text="Close without saving?")
    question.get_by_role("button", name="Cancel").click()
    expect(database).to_have_value("something else")
    page.keyboard.press("Escape")
    question.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_have_count(0)


def described(field: Locator) -> Locator:
    """The error that the field itself names."""
    expect(field).to_have_attribute("aria-invalid", "true")
    return field.page.locator(f"#{field.get_attribute('id')}_error")


def test_the_preview_shows_the_table_as_it_would_become(page: Page, destination: int) -> None:
    query = make_query(page, "Previewed", "SELECT code, method FROM www_access LIMIT 3")
    dialog = open_settings(page, query, destination)
    preview = dialog.get_by_role("region", name="Table preview")
    expect(preview).to_contain_text("Fill in Database name and Table name to see what will be written.")
    fill(dialog, DATABASE, "previewed")
    expect(preview).to_contain_text("This is your own account. INSERT INTO or CREATE TABLE AS")
    expect(preview).to_contain_text("partner.previewed does not exist yet and will be created.")
    expect(preview).to_contain_text("Run the query once")
    preview.get_by_role("button", name="Run").click()
    rows = preview.locator("tbody").get_by_role("row")
    expect(rows).to_have_text(
        [re.compile("time.*Filled"), re.compile("code.*New"), re.compile("method.*New")]
    )
    dialog.get_by_label("Time").fill("1700000000")
    expect(rows.first).to_contain_text("1700000000 in every row.")
    dialog.get_by_role("link", name="Data", exact=True).click()
    expect(dialog.get_by_role("heading", name="Export Results")).to_be_visible()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    assert run(page)
    expect(page.locator("#run-status")).to_contain_text("3 rows exported")
    type_sql(page, "SELECT code, host FROM www_access LIMIT 3")
    run(page)
    page.get_by_role("link", name="Export Results workbench here").click()
    expect(rows).to_have_text([
        re.compile("time.*Filled"), re.compile("code.*Exists"), re.compile("host.*Exists"),
        re.compile("method.*Only in the tableNULL in the new rows."),
    ])  # fmt: skip
    assert {row["time"] for row in table_rows(page, "previewed")} == {"1700000000"}


def test_replace_asks_before_rows_go(page: Page, destination: int) -> None:
    query = make_query(page, "Replacing", "SELECT 1 AS a")
    set_export(page, query, destination, "replaced")
    page.goto(query)
    run(page)
    run(page)
    assert len(table_rows(page, "replaced")) == 2, "Append adds"
    page.goto(query)
    page.get_by_role("link", name="Export Results workbench here").click()
    dialog = dialog_of(page)
    dialog.get_by_role("radio", name="Replace").check()
    expect(dialog.get_by_role("region", name="Table preview")).to_contain_text("Replace all 2 rows")
    dialog.get_by_role("button", name="Done").click()
    question = dialog.get_by_role("alert").filter(has_text="Replace all 2 rows of partner.replaced")
    expect(question).to_be_focused()
    with page.expect_response(lambda reply: reply.status == 422):
        dialog.get_by_role("button", name="Done").click()
    expect(question).to_be_focused()
    dialog.get_by_label("Yes, save these settings").check()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)
    type_sql(page, "SELECT 2 AS a")
    run(page)
    assert [row["a"] for row in table_rows(page, "replaced")] == ["2"]


def test_an_export_that_is_set_can_be_edited_changed_and_removed(page: Page, destination: int) -> None:
    query = make_query(page, "With an export", "SELECT 1 AS a")
    set_export(page, query, destination, "with_export", file_split_size="20000")
    page.goto(query)
    menu = page.get_by_role("button", name="Export settings of this query")
    menu.click()
    page.get_by_role("menuitem", name="Edit").click()
    expect(dialog_of(page).get_by_label("File split size (KB)")).to_have_value("20000")
    page.keyboard.press("Escape")
    menu.click()
    page.get_by_role("menuitem", name="Change integration").click()
    expect(dialog_of(page).get_by_role("heading", name="Choose Integration")).to_be_visible()
    page.keyboard.press("Escape")
    type_sql(page, "SELECT 2 AS a")
    menu.click()
    page.get_by_role("menuitem", name="Remove").click()
    dialog_of(page).get_by_role("button", name="Remove").click()
    expect(menu).to_have_count(0)
    expect(page.locator("#query-sql")).to_have_value("SELECT 2 AS a")
    run(page)
    expect(page.locator("#run-status")).to_contain_text("Result is not exported")


def test_a_new_query_is_saved_on_the_way_to_its_export(page: Page, destination: int) -> None:
    page.goto("/workbench/queries/new/?database=sample_datasets")
    type_sql(page, "SELECT 1 AS a")
    page.get_by_role("button", name="Export Results").click()
    expect(page.get_by_role("alert")).to_contain_text("Give the query a name to save it.")
    page.get_by_label("Query name").fill("Saved on the way")
    page.get_by_role("button", name="Export Results").click()
    expect(dialog_of(page).get_by_role("heading", name="Choose Integration")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Saved on the way")).to_be_visible()
    page.keyboard.press("Control+Enter")
    ended(page)
    assert cells(page.locator("#grid")) == [["1"]]
