"""What the tests of the workbench share: steps that people do, and things made without the pages under test."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

CODES = "SELECT code, COUNT(1) FROM www_access GROUP BY code"
COUNTS = {"200": "4670", "302": "65", "404": "194", "500": "71"}  # of the 5,000 rows the generator makes
ENDLESS = "SELECT COUNT(*) FROM www_access a, www_access b, www_access c WHERE a.size + b.size < c.size"
DATABASE = "partner"  # where the tests export to
# A database and a saved authentication for this console's own address; prints the authentication's id.
FURNISH = f"""
from console.accounts import keys
from console.accounts.models import User
from console.warehouse import storage
from integrations.models import Authentication
owner, address = User.objects.get(email=sys.argv[1]), sys.argv[2]
key = keys.reveal(owner.api_keys.get(kind="master"))
storage.create_database("{DATABASE}")
one = Authentication(name="workbench here", owner=owner, connector="treasure_data", keys={{"endpoint": address}},
                     account=f"{{owner.pk}} · here", health="healthy")
one.seal({{"apikey": key}}); one.save(); print(one.pk)
"""


def settings(table: str, **changes: str) -> dict[str, str]:
    """Export settings as the dialog posts them."""
    return {
        "user_database_name": DATABASE, "user_table_name": table, "mode": "append", "file_split_size": "16384",
        **changes,
    }  # fmt: skip


def post(page: Page, address: str, **fields: str) -> str:
    """Posts as a form of the page would; returns where it leads."""
    token = next(one["value"] for one in page.context.cookies() if one.get("name") == "csrftoken")
    headers = {"X-CSRFToken": token}
    reply = page.request.post(address, form={**fields}, headers=headers, max_redirects=0)
    assert reply.status == 302, f"{address}: {reply.status} {reply.text()[:2000]}"
    return reply.headers["location"]


def make_query(page: Page, name: str, sql: str = CODES, *, database: str = "sample_datasets") -> str:
    """The address of a new saved query."""
    return post(page, "/workbench/queries/new/save/", name=name, database=database, type="presto", sql=sql)


def set_export(page: Page, query: str, authentication: int, table: str, **changes: str) -> None:
    post(page, f"{query}export/{authentication}/", **settings(table, **changes))


def type_sql(page: Page, sql: str) -> None:
    """Replaces what is in the editor, as a person does; then leaves it."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(sql)
    page.keyboard.press("Escape")


def run(page: Page) -> str:
    """Presses Run and waits until the job has ended; the job's number."""
    before = page.locator("#run").get_attribute("data-job")
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.locator("#run")).not_to_have_attribute("data-job", before or "")
    return ended(page)


def ended(page: Page) -> str:
    """Waits until the job of the result pane has ended; its number."""
    expect(page.locator("#run[data-job]")).to_have_count(1)
    expect(page.locator("#run [data-poll]")).to_have_count(0)
    number = page.locator("#run").get_attribute("data-job")
    assert number
    return number


def cells(grid: Locator) -> list[list[str | None]]:
    """The rows of a result grid without their numbers. None is a cell drawn as NULL."""
    script = """table => [...table.tBodies[0].rows].map(row => [...row.cells].slice(1).map(
        cell => cell.classList.contains("null") ? null : cell.textContent))"""
    rows: list[list[str | None]] = grid.evaluate(script)
    return rows


def table_rows(page: Page, table: str, database: str = DATABASE) -> list[dict[str, str | None]]:
    """The first rows of a warehouse table, as its own page shows them."""
    page.goto(f"/workbench/databases/{database}/{table}/")
    grid = page.locator(".gridt")
    names = grid.locator("thead th").evaluate_all(
        "all => all.slice(1).map(one => one.firstChild?.textContent ?? '')"
    )
    return [dict(zip(names, row, strict=True)) for row in cells(grid)]


def tab_to(page: Page, target: Locator, *, key: str = "Tab", most: int = 80) -> None:
    """Presses Tab until the target has the focus: it can be reached without a mouse."""
    for _ in range(most):
        if target.evaluate(
            "one => one === document.activeElement || one === document.activeElement?.shadowRoot?.activeElement"
        ):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{most} times {key} did not reach {target}")


def saved_file(page: Page, target: Locator) -> tuple[str, bytes]:
    """Name and bytes of what a click downloads."""
    with page.expect_download() as download:
        target.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def choose(page: Page, authentication: str) -> None:
    """Export Results, from the editor to the settings of a saved authentication."""
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
