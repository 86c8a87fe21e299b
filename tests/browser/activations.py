"""What the tests of Create Activation share: segments of the sample customers, and the steps of its panels."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.workbench import tab_to
from tests.console_process import EMAIL, ConsoleProcess

# Segments of the sample customers who bought at least so often; prints their numbers.
SEGMENTS = """
from activations import samples, segments
from activations.models import ParentSegment
from console.accounts.models import User
owner = User.objects.get(email=sys.argv[1])
parent = ParentSegment.objects.filter(name="CDNOW customers").first() or samples.make_sample()
rule = {"type": "attribute", "attribute": "purchases", "operator": "at_least", "value": int(sys.argv[2])}
for name in sys.argv[3:]:
    print(segments.create(parent, name, {"type": "group", "match": "all", "rules": [rule]}, owner).pk)
"""
FEW = 60  # purchases that so few customers have made that a preview shows them all


def make_segments(console: ConsoleProcess, purchases: int, *names: str) -> list[str]:
    return console.run(SEGMENTS, EMAIL, str(purchases), *names).split()


def begin(page: Page, segment: str) -> None:
    page.goto(f"/audience/segments/{segment}/activations/new/")
    button = page.get_by_role("main").get_by_role("button", name="Create Activation")
    tab_to(page, button)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Details")).to_be_visible()


def fill_details(page: Page, name: str, authentication: str, settings: Callable[[Page], None]) -> None:
    """Details, up to Output Mapping. `settings` fills in those of the destination."""
    page.get_by_label("Activation name").fill(name)
    expect(page.locator("#ac-steps")).to_contain_text(name)  # it is kept
    page.get_by_role("button", name="Choose Integration").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search saved authentications").fill(authentication)
    expect(dialog.get_by_role("status")).to_contain_text("1 of")
    dialog.get_by_role("button", name="Next").click()
    expect(dialog).to_have_count(0)
    settings(page)
    expect(page.get_by_label("Activation name")).to_have_value(name)
    page.get_by_role("button", name="Continue to Output Mapping").click()


def add_columns(page: Page, *names: str) -> None:
    page.get_by_role("button", name="+ Add Columns").click()
    for name in names:
        page.get_by_role("checkbox", name=re.compile(f"^{name}")).check()
    page.get_by_role("button", name="Add", exact=True).click()


def previewed(page: Page) -> list[dict[str, str | None]]:
    """The rows of the preview, once they are there."""
    expect(page.locator(".ac-grid tbody tr").first).to_be_visible()
    names = page.locator(".ac-grid thead th").evaluate_all(
        "all => all.map(one => one.firstChild.textContent.trim())"
    )
    script = """table => [...table.tBodies[0].rows].map(row => [...row.cells].map(
        cell => cell.classList.contains("null") ? null : cell.textContent))"""
    rows: list[list[str | None]] = page.locator(".ac-grid").evaluate(script)
    return [dict(zip(names, row, strict=True)) for row in rows]


def create(page: Page) -> None:
    """From Output Mapping on; ends at the page of the run's job once that is done."""
    page.get_by_role("button", name="Continue to Schedule").click()
    expect(page.get_by_text("Next five runs")).to_be_visible()
    page.get_by_role("button", name="Create", exact=True).click()
    finished(page)


def finished(page: Page) -> None:
    """From the activation's page to its run's job, once that is done."""
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    job = page.locator("table a[href*='/workbench/jobs/']").first.get_attribute("href")
    assert job
    page.goto(job)
    expect(page.locator("#job-head")).to_contain_text("Done")
