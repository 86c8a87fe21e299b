"""From log-in to rows in another database: what the README promises a stranger, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import picture
from tests.console_process import PASSWORD, ConsoleProcess

SQL = "SELECT code, COUNT(1) FROM www_access GROUP BY code"
CODES = {"200": 4981, "404": 17, "500": 2}  # of the 5,000 rows the sample generator makes


def test_a_query_result_reaches_a_new_table_of_another_database(
    page: Page, console_process: ConsoleProcess
) -> None:
    create_database(page, "exported")
    write_query(page, "Codes")
    counts = run_and_read(page)
    authentication = create_authentication(page, master_key(page), console_process.url)

    open_query(page, "Codes")
    choose(page, authentication)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Database name").fill("exported")
    dialog.get_by_label("Table name").fill("codes")
    expect(dialog.get_by_label("Table preview", exact=True)).to_contain_text("code")
    picture(page, "export-results")
    done(page)

    page.get_by_role("button", name=re.compile("^Run")).click()
    job = page.locator("#run").get_attribute("data-job")
    expect(page.locator("#run")).to_contain_text("rows exported to")
    page.goto(f"/workbench/jobs/{page.locator('#run').get_attribute('data-job') or job}/")
    expect(page.locator("#job-live")).to_contain_text("Done")
    picture(page, "job-done")
    assert rows_of(page, "exported", "codes") == counts


def create_database(page: Page, name: str) -> None:
    page.goto("/workbench/databases/")
    page.get_by_role("link", name="New database").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create database").click()
    page.wait_for_url(f"**/databases/{name}/")


def write_query(page: Page, name: str) -> None:
    page.goto("/workbench/queries/new/")
    page.get_by_label("Query name").fill(name)
    page.get_by_label("Database", exact=True).select_option("sample_datasets")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(SQL)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/workbench/queries/\d+/"))


def open_query(page: Page, name: str) -> None:
    page.goto("/workbench/queries/")
    page.get_by_role("link", name=name, exact=True).click()


def run_and_read(page: Page) -> dict[str, str]:
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.locator("#grid tbody tr").first).to_be_visible()
    return grid(page, "#grid")


def grid(page: Page, table: str) -> dict[str, str]:
    rows = [row.locator("td").all_inner_texts() for row in page.locator(f"{table} tbody tr").all()]
    return {row[1]: row[2] for row in rows}


def master_key(page: Page) -> str:
    page.goto("/settings/api-keys/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Validate access").click()
    page.get_by_role("button", name="Copy Master key").click()
    key: str = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"\d+/[0-9a-f]{40}", key)
    return key


def create_authentication(page: Page, key: str, address: str, name: str = "This console") -> str:
    page.goto("/integrations/catalog/")
    page.get_by_role("link", name="Create Authentication for Treasure Data").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("API Key").fill(key)
    dialog.get_by_role("button", name=re.compile("This console")).click()
    expect(dialog.get_by_label("API Hostname", exact=False).first).to_have_value(address)
    dialog.get_by_role("button", name="Test").click()
    expect(dialog).to_contain_text("Master key")
    dialog.get_by_role("button", name="Continue").click()
    dialog.get_by_role("textbox").first.fill(name)
    dialog.get_by_role("button", name="Create Connection").click()
    page.wait_for_url("**/integrations/authentications/**")
    expect(page.get_by_role("main")).to_contain_text(name)
    return name


def choose(page: Page, authentication: str) -> None:
    page.get_by_role("link", name="Export Results").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Choose Integration")).to_be_visible()
    dialog.get_by_label("Search saved authentications").fill(authentication[:6])
    dialog.get_by_text(authentication).first.click()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_role("heading", name="Export Results")).to_be_visible()


def done(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Done").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def rows_of(page: Page, database: str, table: str) -> dict[str, str]:
    page.goto(f"/workbench/databases/{database}/{table}/")
    head = page.locator(".gridt thead th").all_inner_texts()
    names = [text.split("\n")[0] for text in head]
    rows = [row.locator("td").all_inner_texts() for row in page.locator(".gridt tbody tr").all()]
    other = next(i for i, name in enumerate(names) if i and name not in {"code", "time"})
    return {row[names.index("code")]: row[other] for row in rows}
