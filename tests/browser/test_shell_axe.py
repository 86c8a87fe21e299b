"""Every page, dialog and menu of the Hub, the databases, the settings and the frame, judged by axe-core."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, axe, picture
from tests.console_process import EMAIL, PASSWORD, ConsoleProcess

LOOKS = [("light", 1440), ("dark", 1440), ("dark", 390)]
TABLE = "/workbench/databases/sample_datasets/www_access/"
ADDRESSES = {
    "catalog": "/integrations/catalog/",
    "catalog-no-match": "/integrations/catalog/?q=sharepont",
    "authentications": "/integrations/authentications/",
    "authentications-no-match": "/integrations/authentications/?q=nothing",
    "new-authentication-page": "/integrations/authentications/new/?connector=treasure_data",
    "databases": "/workbench/databases/",
    "database": "/workbench/databases/sample_datasets/",
    "table": TABLE,
    "delete-table-page": f"{TABLE}delete-table/",
    "api-keys": "/settings/api-keys/",
    "users": "/settings/users/",
    "profile": "/settings/profile/",
    "change-password": "/settings/password/",
    "help": "/help/",
    "search": "/search/?q=sample",
    "search-no-match": "/search/?q=nothing_has_this_name",
    "not-found": "/nope/",
}
FURNISH = """
from console.accounts.models import User
from integrations.models import Authentication
owner = User.objects.get(email=sys.argv[1])
for name, health in (("axe-well", "healthy"), ("axe-slow", "slow"), ("axe-broken", "reconnect"),
                     ("axe-away", "unreachable"), ("axe-new", "unknown")):
    one = Authentication(name=name, owner=owner, connector="treasure_data", health=health,
                         health_ms=4812 if health == "slow" else None,
                         account="1 · 127.0.0.1", detail="master key", keys={"endpoint": sys.argv[2]},
                         health_message="Master key for account 1, answered in 20 ms." if health == "healthy" else
                         "127.0.0.1 refused the connection. Check the host in the authentication.")
    one.seal({"apikey": "1/" + "0" * 40}); one.save()
User.objects.create_user("axe@example.com", "x", name="Axel Core", must_change_password=True)
"""


@pytest.fixture(scope="module", autouse=True)
def furnished(console_process: ConsoleProcess) -> None:
    console_process.run(FURNISH, EMAIL, console_process.url)


def looked_at(page: Page, name: str) -> None:
    axe(page)
    theme = page.evaluate("document.documentElement.dataset.bsTheme")
    picture(page, f"{name}-{theme}-{width_of(page)}")


def width_of(page: Page) -> int:
    assert page.viewport_size
    return page.viewport_size["width"]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_pages(new_page: NewPage, administrator: Any, theme: str, width: int) -> None:
    page = new_page(theme=theme, width=width, storage_state=administrator, expecting=["status of 404"])
    for name, address in ADDRESSES.items():
        page.goto(address)
        looked_at(page, name)


@pytest.mark.parametrize("width", [320, 390, 1000, 1440])
def test_no_page_scrolls_sideways(new_page: NewPage, administrator: Any, width: int) -> None:
    page = new_page(width=width, storage_state=administrator, expecting=["status of 404"])
    for address in ADDRESSES.values():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_the_log_in_page_and_its_errors(new_page: NewPage, theme: str, width: int) -> None:
    page = new_page(theme=theme, width=width)
    page.goto("/login/")
    looked_at(page, "log-in")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    looked_at(page, "log-in-errors")


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_dialogs_and_menus(
    new_page: NewPage, theme: str, width: int, console_process: ConsoleProcess
) -> None:
    page = new_page(theme=theme, width=width)
    page.goto("/login/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    for look in (new_authentication, saved_authentications, databases, settings, frame):
        look(page, console_process.url)


def new_authentication(page: Page, url: str) -> None:
    page.goto("/integrations/catalog/")
    page.get_by_role("link", name="Create Authentication for Treasure Data").click()
    expect(page.get_by_label("API Key")).to_be_focused()
    looked_at(page, "dialog-new-authentication")
    page.get_by_label("API Key").fill("nonsense")
    page.locator("#id_endpoint").fill("a b")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    looked_at(page, "dialog-new-authentication-errors")
    page.get_by_label("API Key").fill("1/" + "e" * 40)
    page.locator("#id_endpoint").fill(url)
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_role("button", name="Continue anyway")).to_be_visible()
    looked_at(page, "dialog-new-authentication-refused")
    page.get_by_role("button", name="Continue anyway").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("Name")
    looked_at(page, "dialog-new-authentication-name")
    page.get_by_label("Name").fill("x")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Close without saving?")).to_be_visible()
    looked_at(page, "dialog-close-without-saving")


def saved_authentications(page: Page, url: str) -> None:
    page.goto("/integrations/authentications/")
    actions = page.get_by_role("button", name="Actions for axe-well")
    actions.click()
    expect(page.get_by_role("menu")).to_be_visible()
    looked_at(page, "menu-authentication")
    for verb in ("Edit", "Delete"):
        page.goto("/integrations/authentications/")
        actions.click()
        page.get_by_role("menu").get_by_role("menuitem", name=verb).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        looked_at(page, f"dialog-{verb.lower()}-authentication")


def databases(page: Page, url: str) -> None:
    in_dialog(page, "/workbench/databases/", "New database")
    page.get_by_role("button", name="Create database").click()
    expect(page.locator("#id_name_error")).to_be_visible()
    looked_at(page, "dialog-new-database-error")
    in_dialog(page, "/workbench/databases/sample_datasets/", "New table")
    in_dialog(page, "/workbench/databases/sample_datasets/", "Delete database")
    in_dialog(page, TABLE, "Delete table")


def settings(page: Page, url: str) -> None:
    in_dialog(page, "/settings/users/", "Add user")
    page.goto("/settings/users/")
    page.get_by_role("button", name="Actions for Axel Core").click()
    looked_at(page, "menu-user")
    page.get_by_role("menuitem", name="New one-time password").locator("visible=true").click()
    page.get_by_role("button", name="Make password").click()
    expect(page.get_by_role("heading", name="One-time password", exact=True)).to_be_visible()
    looked_at(page, "dialog-one-time-password")
    page.goto("/settings/api-keys/")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Show Master key").click()
    looked_at(page, "api-keys-shown")
    in_dialog(page, "/settings/api-keys/", "Regenerate Write-only key")


def frame(page: Page, url: str) -> None:
    page.goto("/integrations/catalog/")
    page.get_by_role("button", name="account of").click()
    expect(page.get_by_role("menu", name="Account")).to_be_visible()
    looked_at(page, "menu-account")
    if width_of(page) < 900:
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Open navigation").click()
        expect(page.get_by_role("navigation", name="Primary")).to_be_visible()
        looked_at(page, "menu-navigation")


def in_dialog(page: Page, address: str, opener: str) -> None:
    page.goto(address)
    page.get_by_role("button", name=opener).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    looked_at(page, f"dialog-{opener.lower().replace(' ', '-')}")
