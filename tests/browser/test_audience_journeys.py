"""A journey in a browser: made with two stages, scheduled, started, evaluated, paused. And its pages in every look."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import look
from tests.console_process import EMAIL, ConsoleProcess

FURNISH = """
import os, tempfile, duckdb
from activations import activating, definitions, parents, segments
from activations.activating import Content
from activations.journeys.definitions import Definition, Stage, create
from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from integrations.models import Authentication
user = User.objects.get(email=sys.argv[1])
path = os.path.join(tempfile.mkdtemp(), "people.parquet")
people = ("SELECT i::BIGINT AS id, 'u' || i AS login, CASE WHEN i % 3 = 0 THEN 'new' ELSE 'buyer' END AS kind "
          "FROM range(40) t(i)")
duckdb.execute(f"COPY ({people}) TO '{path}' (FORMAT parquet)")
storage.create_database("journeys_browser")
storage.append(TableRef("journeys_browser", "people"), [path], operation_id="journeys-browser", create=True)
columns = [{"column": "login", "kind": "text"}, {"column": "kind", "kind": "text"}]
audience = parents.create(definitions.read({"name": "Journeys, people", "master": "journeys_browser.people",
                                            "key_column": "id", "attributes": columns}), user)
def rules(value):
    rule = {"type": "attribute", "attribute": "kind", "operator": "equals", "value": value}
    return {"type": "group", "match": "all", "rules": [rule]}
new = segments.create(audience, "New people", rules("new"), user)
segments.create(audience, "Buyers", rules("buyer"), user)
authentication = Authentication(owner=user, name="journeys, here", connector="clevertap",
                                keys={"account_id": "TEST-4KK-444Z", "region": "in1"})
authentication.seal({"passcode": "AAA-BBB-CCCC"})
authentication.save()
mapping = {"all_columns": False, "columns": [{"source": "login", "name": "identity"}], "strings": []}
settings = {"target": "user_profiles", "operation": "upload_profiles"}
content = Content("Greet new people", authentication, settings, mapping)
activation = activating.create(activating.begin(new, user), content, user)
activating.pause(activation, user)
stages = (Stage("First", None, 1), Stage("Second", new, 2, "hours", (activation,)))
create(audience, Definition("Not started", new, None, stages), user)
print(audience.pk)
"""


@pytest.fixture(scope="module")
def journey(browser: Browser, console_process: ConsoleProcess, administrator: Any) -> str:
    """The address of a journey that was made and started by hand."""
    audience = console_process.run(FURNISH, EMAIL).strip()
    context = browser.new_context(base_url=console_process.url, storage_state=administrator)
    page = context.new_page()
    page.goto(f"/audience/journeys/new/?audience={audience}")
    page.get_by_label("Journey name").fill("Welcome new people")
    _choose(page, "Entry segment", "New people")
    first = page.get_by_role("region", name="Stage 1")
    first.get_by_label("Stage name").fill("Greeted")
    first.get_by_label("Wait").fill("2")
    first.get_by_label("Greet new people").check()
    page.get_by_role("button", name="Add stage").click()
    second = page.get_by_role("region", name="Stage 2")
    second.get_by_label("Stage name").fill("Bought")
    _choose(second, "Segment", "Buyers")
    page.get_by_role("button", name="Move stage 2 up").click()
    expect(page.get_by_role("region", name="Stage 1").get_by_label("Stage name")).to_have_value("Bought")
    page.get_by_role("button", name="Move stage 1 down").click()
    expect(page.get_by_role("region", name="Stage 1").get_by_label("Stage name")).to_have_value("Greeted")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("It has no schedule. Set one.")).to_be_visible()
    page.get_by_role("link", name="Set schedule").first.click()
    page.get_by_text("@daily (midnight)").click()
    page.get_by_role("button", name="Apply").last.click()
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Evaluate now").click()
    address = page.url
    expect(page.get_by_text("is being evaluated by job").first).to_be_visible()
    for _ in range(60):
        page.goto(address)
        if page.get_by_text("14 to stage 1").count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_text("14 to stage 1")).to_be_visible()
    context.close()
    return address


def test_a_journey_is_made_started_and_evaluated(page: Page, journey: str) -> None:
    page.goto(journey)
    stage = page.get_by_role("listitem").filter(has_text="Greeted").first
    expect(stage).to_contain_text("14 here")
    expect(page.get_by_text("14 profiles of stage 1 are not sent by Greet new people.")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Nobody enters or moves until it is resumed.")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_the_form_in_every_look(looked: Page, journey: str) -> None:
    looked.goto("/audience/journeys/?q=Not+started")
    looked.get_by_role("link", name="Not started").click()
    look(looked, "journeys-draft")
    looked.get_by_role("link", name="Edit").click()
    look(looked, "journeys-edit")
    looked.get_by_label("Journey name").fill("")
    looked.get_by_role("region", name="Stage 2").get_by_label("Stage name").fill("")
    looked.get_by_role("region", name="Stage 2").get_by_label("Wait").fill("-1")
    looked.get_by_role("button", name="Save").last.click()
    expect(looked.get_by_text("Wait 0 to 366 days.")).to_be_visible()
    look(looked, "journeys-edit-errors")


def test_the_pages_in_every_look(looked: Page, journey: str) -> None:
    for name, address in {
        "list": "/audience/journeys/",
        "journey": journey,
        "new": "/audience/journeys/new/",
        "schedule": f"{journey}schedule/",
        "delete": f"{journey}delete/",
    }.items():
        looked.goto(address)
        look(looked, f"journeys-{name}")


def _choose(scope: Any, label: str, value: str) -> None:
    box = scope.get_by_role("combobox", name=label)
    box.fill(value)
    scope.get_by_role("option", name=value).click()
