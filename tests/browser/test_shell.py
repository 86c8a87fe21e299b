"""The frame around every page: navigation, search, themes, menus, the keyboard, narrow screens, error pages."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage


@pytest.fixture
def framed(new_page: NewPage, administrator: Any) -> Page:
    page = new_page(storage_state=administrator, expecting=["status of 404"])
    page.goto("/integrations/catalog/")
    return page


def test_every_entry_of_the_side_bar_leads_to_a_page_that_says_where_one_is(framed: Page) -> None:
    side = framed.get_by_label("Navigation", exact=True)
    expect(side.get_by_text("Workers 2 of 2")).to_be_visible()
    links = side.get_by_role("link").all()
    addresses = [link.get_attribute("href") or "" for link in links]
    assert "/workbench/databases/" in addresses
    for address in dict.fromkeys(addresses):
        reply = framed.goto(address)
        assert reply
        assert reply.status == 200, address
        expect(framed.locator(".side a.nv[aria-current=page]")).to_have_count(1)


def test_ctrl_k_searches_everything_by_name(framed: Page) -> None:
    framed.keyboard.press("Control+k")
    expect(framed.get_by_label("Search queries, jobs, tables")).to_be_focused()
    framed.keyboard.type("www_acc")
    framed.keyboard.press("Enter")
    expect(framed).to_have_title("www_acc · Search · Sendoff")
    framed.get_by_role("link", name="www_access sample_datasets · 5,000 rows").click()
    expect(framed.get_by_role("heading", level=1)).to_have_text("www_access")
    framed.goto("/search/?q=nothing_has_this_name")
    expect(framed.get_by_role("heading", name="No page matches “nothing_has_this_name”")).to_be_visible()


def test_the_first_tab_skips_to_the_content(framed: Page) -> None:
    framed.keyboard.press("Tab")
    skip = framed.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    framed.keyboard.press("Enter")
    framed.keyboard.press("Tab")
    assert framed.evaluate("document.activeElement.closest('main') !== null")


def test_the_theme_is_chosen_by_keyboard_and_stays(framed: Page) -> None:
    root = framed.locator("html")
    account = framed.get_by_role("button", name="account of")
    account.focus()
    framed.keyboard.press("Enter")
    expect(framed.get_by_role("menuitemradio", name="System")).to_be_focused()
    expect(framed.get_by_role("menuitemradio", name="System")).to_have_attribute("aria-checked", "true")
    framed.keyboard.press("ArrowUp")
    expect(framed.get_by_role("menuitem", name="Log out")).to_be_focused()
    framed.keyboard.press("Escape")
    expect(account).to_be_focused()
    framed.keyboard.press("Enter")
    expect(framed.get_by_role("menuitemradio", name="System")).to_be_focused()
    framed.keyboard.press("d")
    framed.keyboard.press("Enter")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(framed.get_by_role("menu", name="Account")).to_be_hidden()
    framed.goto("/help/")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    framed.get_by_role("button", name="account of").click()
    framed.get_by_role("menuitemradio", name="System").click()
    expect(root).to_have_attribute("data-bs-theme", "light")
    framed.emulate_media(color_scheme="dark")
    expect(root).to_have_attribute("data-bs-theme", "dark")


def test_without_javascript_the_theme_and_the_search_are_forms(new_page: NewPage, administrator: Any) -> None:
    page = new_page(storage_state=administrator, java_script_enabled=False)
    page.goto("/help/")
    page.get_by_role("button", name="account of").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_label("Search queries, jobs, tables").fill("www_access")
    page.get_by_label("Search queries, jobs, tables").press("Enter")
    expect(page.get_by_role("link", name=re.compile("^www_access"))).to_be_visible()


@pytest.mark.parametrize("width", [390, 1000])
def test_on_a_narrow_screen_the_navigation_is_behind_a_button(
    new_page: NewPage, administrator: Any, width: int
) -> None:
    page = new_page(width=width, storage_state=administrator)
    page.goto("/integrations/catalog/")
    side = page.get_by_role("navigation", name="Primary")
    expect(side).to_be_hidden()
    opener = page.get_by_role("button", name="Open navigation")
    opener.click()
    expect(side).to_be_visible()
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    side.get_by_role("link", name="Databases").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Databases")
    if width < 900:
        page.get_by_role("link", name="Search", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Search")


def test_an_address_that_leads_nowhere_says_so(framed: Page) -> None:
    reply = framed.goto("/workbench/databases/no_such_database/")
    assert reply
    assert reply.status == 404
    expect(framed.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")
    expect(framed.get_by_role("main")).to_contain_text(re.compile(r"Request [0-9a-f]{12}"))
    framed.get_by_role("link", name="Search", exact=True).click()
    expect(framed.get_by_role("heading", level=1)).to_have_text("Search")


def test_a_server_that_is_gone_is_told_in_place_and_can_be_tried_again(
    new_page: NewPage, administrator: Any
) -> None:
    page = new_page(storage_state=administrator, expecting=["htmx:", "net::ERR_FAILED"])
    page.goto("/integrations/catalog/")
    page.route("**/integrations/authentications/new/**", lambda route: route.abort())
    page.get_by_role("link", name="Create Authentication for Treasure Data").click()
    note = page.get_by_role("alert").filter(has_text="The server can't be reached. Nothing changed here.")
    expect(note).to_be_visible()
    page.unroute("**/integrations/authentications/new/**")
    note.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("dialog", name="New Authentication")).to_be_visible()
    expect(note).to_have_count(0)
