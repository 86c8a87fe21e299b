"""Segments as people make them: in the tree, with the rule builder, by pointer and with the keyboard alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser.conftest import NewPage, look
from tests.browser.workbench import post
from tests.console_process import EMAIL, ConsoleProcess

# A parent segment of its own over the sample tables, with a folder, two segments and rules of every kind; prints its
# number and those of the segments.
FURNISH = """
from activations import definitions, folders, measuring, parents, segments, sizing
from activations.samples import CDNOW
from console.accounts.models import User
user = User.objects.get(email=sys.argv[1])
parent = parents.create(definitions.read({**CDNOW, "name": sys.argv[2]}), user)
parents.refresh(parent)
group = lambda *rules: {"type": "group", "match": "any", "rules": list(rules)}
amount = {"type": "attribute", "attribute": "amount", "operator": "at_least", "value": 500}
often = {"type": "behavior", "behavior": "Purchases", "measure": "count", "operator": "at_least", "value": 3,
         "where": group({"type": "column", "column": "quantity", "operator": "at_least", "value": 2}),
         "window": {"from": "1997-01-01", "to": "1998-12-31"}}
loyalty = folders.create(parent, "Loyalty")
big = segments.create(parent, "Big spenders", group(amount, group(often, amount)), user, folder=loyalty)
few = segments.create(parent, "Few", group({"type": "segment", "segment": big.pk, "include": False}), user)
measuring.work(sizing.measure_segment(big, user).pk)
print(parent.pk, big.pk, few.pk)
"""


class Studio:
    def __init__(self, console: ConsoleProcess, name: str) -> None:
        self.name = name
        self.audience, self.big, self.few = console.run(FURNISH, EMAIL, name).split()[-3:]
        self.tree = f"/audience/{self.audience}/"


@pytest.fixture
def studio(console_process: ConsoleProcess, request: pytest.FixtureRequest) -> Studio:
    return Studio(console_process, f"Studio of {request.node.name}")


def row(page: Page, name: str) -> Locator:
    return page.locator(f"[role=treeitem][data-name='{name}']")


def test_a_segment_is_made_with_the_keyboard_alone(
    new_page: NewPage, administrator: Any, studio: Studio
) -> None:
    page = new_page(storage_state=administrator)
    page.goto(studio.tree)
    page.get_by_role("button", name="New segment").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Frequent buyers")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Rules of Frequent buyers")).to_be_visible()

    page.get_by_role("button", name="Attribute", exact=True).focus()
    page.keyboard.press("Enter")
    attribute = page.get_by_label("Attribute")
    expect(attribute).to_be_focused()
    page.keyboard.type("purch")  # a select finds its choice by the letters
    expect(page.get_by_label("Operator")).to_contain_text("is at least")
    expect(attribute).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("is at l")
    expect(page.locator("[name='rules.0.was']")).to_have_value("purchases")
    page.get_by_label("Value").focus()
    page.keyboard.type("many")
    expect(page.get_by_text("'many' is no number")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("20")
    size = page.locator("#rules-look .stat-v")
    expect(size).to_have_text(re.compile(r"^[\d,]+$"))
    counted = size.inner_text()
    expect(page.locator("#rules-look .gridt tbody tr").first).to_be_visible()

    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Frequent buyers")).to_be_visible()
    expect(page.locator("#segment-size .stat-v").first).to_have_text(counted)
    expect(page.locator(".as-rules")).to_contain_text("purchases")


def test_the_trees_keys_and_its_menu(new_page: NewPage, administrator: Any, studio: Studio) -> None:
    page = new_page(storage_state=administrator)
    page.goto(studio.tree)
    row(page, "Loyalty").focus()
    page.keyboard.press("ArrowRight")
    expect(row(page, "Big spenders")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(row(page, "Big spenders")).to_be_hidden()
    page.keyboard.press("f")
    expect(row(page, "Few")).to_be_focused()

    page.keyboard.press("Shift+F10")
    menu = page.get_by_role("menu", name="Few")
    expect(menu.get_by_role("menuitem", name="Open", exact=False).first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(row(page, "Few")).to_be_focused()

    page.keyboard.press("F2")
    dialog = page.get_by_role("dialog")
    name = dialog.get_by_label("Name")
    expect(name).to_be_focused()
    name.fill("Only a few")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Only a few")).to_be_visible()
    expect(row(page, "Big spenders")).to_be_hidden()  # the folder that was closed

    row(page, "Only a few").click(button="right")
    menu = page.get_by_role("menu", name="Only a few")
    create = menu.get_by_role("menuitem", name="Create Activation")
    expect(create).to_be_visible()
    action = create.evaluate("button => button.form.getAttribute('action')")
    assert action == f"/audience/segments/{studio.few}/activations/new/"
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Rules of Only a few")).to_be_visible()

    page.goto(studio.tree)
    page.get_by_label("Filter segments").fill("big")
    expect(row(page, "Big spenders")).to_be_visible()
    expect(row(page, "Only a few")).to_be_hidden()
    page.get_by_label("Filter segments").fill("nobody")
    expect(page.get_by_text("No segment matches.")).to_be_visible()
    page.get_by_label("Filter segments").fill("")
    row(page, "Only a few").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Delete segment").click()
    expect(page.get_by_role("heading", name=studio.name)).to_be_visible()
    expect(row(page, "Only a few")).to_have_count(0)


def test_leaving_with_changed_rules_asks_and_a_conflict_keeps_them(
    new_page: NewPage, administrator: Any, studio: Studio
) -> None:
    page = new_page(storage_state=administrator)
    rules = f"/audience/segments/{studio.big}/rules/"
    page.goto(rules)
    page.locator("#rules-0-value").fill("700")
    expect(page.locator("#rules-look [data-poll]")).to_have_count(0)
    post(page, rules, match="all", version="1", do="save")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("You saved these rules in another window")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("nothing you typed is lost")
    expect(page.locator("#rules-0-value")).to_have_value("700")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name=studio.name).click()
    expect(page.get_by_role("heading", name=studio.name)).to_be_visible()
    assert asked == ["beforeunload"]


def choose(page: Page, field: Locator, text: str) -> None:
    """In a field that searches its choices."""
    field.click()
    field.fill(text)
    page.keyboard.press("Enter")


def test_a_parent_segment_is_defined_and_counted(new_page: NewPage, administrator: Any) -> None:
    page = new_page(storage_state=administrator)
    page.goto("/audience/")
    page.get_by_role("link", name="New parent segment").click()
    expect(page.get_by_role("button", name="Behavior table")).to_be_disabled()
    page.get_by_role("textbox", name="Name").fill("Defined by hand")
    choose(page, page.get_by_role("combobox", name="Table"), "cdnow customers")
    expect(page.get_by_label("Name of last_purchase")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name *")).to_have_value("Defined by hand")
    page.get_by_label("Type of last_purchase").select_option("number")
    page.get_by_role("button", name="Behavior table").click()
    choose(page, page.locator("#behavior_tables-0-table"), "cdnow transactions")
    expect(page.locator("#behavior_tables-0-name")).to_have_value("Cdnow transactions")
    page.get_by_label("Schedule", exact=True).select_option("daily")
    expect(page.get_by_text("Next ", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Create parent segment").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_text("last_purchase is string, which is no number. Choose text.")).to_be_visible()
    page.get_by_label("Type of last_purchase").select_option("text")
    page.get_by_role("button", name="Create parent segment").click()
    expect(page.get_by_role("heading", name="Defined by hand")).to_be_visible()
    expect(page.locator("#parent-facts .stat-v").first).to_have_text("23,570")
    expect(page.locator("#parent-facts")).to_contain_text("@daily (midnight)")


@pytest.fixture(scope="module")
def seen(console_process: ConsoleProcess) -> Studio:
    return Studio(console_process, "Seen studio")


def test_the_pages_look_right(looked: Page, seen: Studio) -> None:
    pages = {
        "list": "/audience/",
        "parent": seen.tree,
        "parent-edit": f"{seen.tree}edit/",
        "segment": f"/audience/segments/{seen.big}/",
        "rules": f"/audience/segments/{seen.big}/rules/",
    }
    for name, address in pages.items():
        looked.goto(address)
        expect(looked.locator("[data-poll]")).to_have_count(0)
        look(looked, f"audience-{name}")
    looked.goto(seen.tree)
    row(looked, "Few").click(button="right")
    look(looked, "audience-menu")
    looked.keyboard.press("Escape")
    looked.get_by_role("button", name="New folder").click()
    expect(looked.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    look(looked, "audience-dialog")
