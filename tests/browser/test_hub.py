"""Integrations Hub: search in the catalog, a new authentication, and the list of the saved ones."""

import re
from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from integrations import registry
from tests.browser.conftest import NewPage
from tests.console_process import EMAIL, ConsoleProcess

NEW = "/integrations/authentications/new/?connector=treasure_data"
LIST = "/integrations/authentications/"
KEYS = """
from console.accounts import keys
from console.accounts.models import User
for key in User.objects.get(email=sys.argv[1]).api_keys.order_by("kind"):
    print(keys.reveal(key))
"""
FURNISH = """
from console.accounts.models import User
from console.workbench.models import Query
from integrations.models import Authentication
owner, url, key = User.objects.get(email=sys.argv[1]), *sys.argv[2:]
def make(name, **fields):
    one = Authentication(name=name, owner=owner, connector="treasure_data", keys={"endpoint": url}, **fields)
    one.seal({"apikey": key}); one.save(); print(one.pk)
    return one
used = make("reports-us", health="healthy", account="1 · reports", detail="master key", health_ms=20)
make("partner-jp", health="slow", health_ms=4812, account="7731 · api.treasuredata.co.jp", detail="write-only key")
make("revoked-eu", health="reconnect", health_message="The key was revoked.", account="10843 · eu")
for name in ("Daily <codes>", "Weekly"):
    Query.objects.create(name=name, database="sample_datasets", owner=owner, saved_by=owner,
                         export_authentication=used)
"""


@pytest.fixture(scope="module")
def keys(console_process: ConsoleProcess) -> tuple[str, str]:
    """The administrator's master and write-only key of this console."""
    master, write_only = console_process.run(KEYS, EMAIL).split()
    return master, write_only


@pytest.fixture(scope="module")
def furnished(console_process: ConsoleProcess, keys: tuple[str, str]) -> dict[str, int]:
    """Three saved authentications in three states of health; two queries use the first. Name -> id."""
    numbers = console_process.run(FURNISH, EMAIL, console_process.url, keys[0]).split()
    return dict(zip(("reports-us", "partner-jp", "revoked-eu"), map(int, numbers), strict=True))


@pytest.fixture
def hub(new_page: NewPage, administrator: Any) -> Page:
    return new_page(storage_state=administrator)


def test_the_catalog_is_searched_while_one_types(hub: Page) -> None:
    hub.goto("/integrations/catalog/")
    tiles = [connector.tile for connector in registry.connectors()]
    categories = Counter(tile.category for tile in tiles)
    shown = [f"All{len(tiles)}", *(f"{name}{count}" for name, count in categories.items())]
    expect(hub.get_by_role("navigation", name="Category").get_by_role("link")).to_have_text(shown)
    hub.get_by_label("Search integrations").fill("sharepont")
    expect(hub.get_by_role("heading", name="No integration matches “sharepont”")).to_be_visible()
    expect(hub.locator("#found")).to_have_text("0 integrations")
    expect(hub).to_have_url(re.compile(r"/catalog/\?q=sharepont$"))
    hub.reload()
    expect(hub.get_by_label("Search integrations")).to_have_value("sharepont")
    hub.get_by_role("link", name="Clear search").click()
    expect(hub.get_by_role("article")).to_have_count(len(tiles))
    hub.get_by_label("Search integrations").fill("zzz")
    expect(hub.get_by_role("article")).to_have_count(0)
    hub.go_back()
    expect(hub.get_by_role("article")).to_have_count(len(tiles))
    hub.get_by_role("link", name="Create Authentication for Treasure Data").click()
    expect(hub.get_by_role("dialog", name="New Authentication")).to_be_visible()
    hub.keyboard.press("Escape")
    hub.get_by_label("Search integrations").fill("TREASURE append")
    expect(hub).to_have_url(re.compile(r"\?q=TREASURE\+append$|\?q=TREASURE%20append$"))
    expect(hub.get_by_role("article")).to_have_count(1)
    expect(hub.get_by_role("article")).to_contain_text("Treasure Data")
    category = hub.get_by_role("navigation", name="Category")
    category.get_by_role("link", name="Databases").click()
    expect(category.get_by_role("link", name="Databases")).to_have_attribute("aria-current", "true")
    hub.go_back()
    expect(category.get_by_role("link", name="All")).to_have_attribute("aria-current", "true")


def test_a_new_authentication_by_the_dialog(
    hub: Page, keys: tuple[str, str], console_process: ConsoleProcess
) -> None:
    master, write_only = keys
    hub.goto("/integrations/catalog/")
    hub.get_by_role("link", name="Create Authentication for Treasure Data").click()
    dialog = hub.get_by_role("dialog", name="New Authentication")
    expect(dialog.get_by_label("API Key")).to_be_focused()
    expect(hub).to_have_url(re.compile(re.escape(NEW) + "$"))
    dialog.get_by_role("button", name=re.compile("^This console")).click()
    expect(dialog.locator("#id_endpoint")).to_have_value(console_process.url)
    dialog.get_by_label("API Key").fill(write_only)
    dialog.get_by_role("button", name="Test", exact=True).click()
    note = dialog.get_by_role("status")
    expect(note).to_contain_text(
        re.compile(r"Key accepted\. Write-only key for account 1, answered in \d+ ms\.")
    )
    expect(note).to_contain_text("Append works with this key. Replace needs the master key.")
    expect(note).to_be_focused()
    expect(dialog.get_by_role("button", name=re.compile("^This console"))).to_contain_text(
        re.compile(r"\d ms")
    )
    dialog.get_by_label("API Key").fill(master)
    expect(note).to_be_hidden()  # it was about the other key
    dialog.get_by_role("button", name="Test", exact=True).click()
    expect(note).to_contain_text("Master key for account 1")
    expect(note).to_contain_text("Append and Replace work with this key.")
    assert master not in hub.content()

    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.locator("[aria-current=step]")).to_contain_text("Name")
    expect(dialog.locator("#dlg-title")).to_be_focused()
    hub.go_back()
    expect(dialog.locator("[aria-current=step]")).to_contain_text("Credentials")
    expect(dialog.locator("#id_endpoint")).to_have_value(console_process.url)
    hub.go_forward()
    expect(dialog.locator("[aria-current=step]")).to_contain_text("Name")
    hub.reload()
    expect(hub.get_by_role("heading", level=1)).to_have_text("New Authentication")
    hub.get_by_role("button", name="Create Connection").click()
    expect(hub.locator("#id_name_error")).to_have_text("Give the authentication a name.")
    hub.locator("#id_name").fill("by-dialog")
    hub.keyboard.press("Enter")
    hub.wait_for_url(f"**{LIST}")
    row = hub.get_by_role("row", name="by-dialog")
    for words in ("Treasure Data · master key", "Healthy", "Never", "Not used", EMAIL):
        expect(row).to_contain_text(words)


def test_a_blank_host_is_the_default_server_and_enter_goes_on(hub: Page, keys: tuple[str, str]) -> None:
    hub.goto(NEW)
    hub.get_by_label("API Key").fill(keys[1])
    hub.keyboard.press("Enter")
    expect(hub.locator("[aria-current=step]")).to_contain_text("Name")
    expect(hub.get_by_role("status").first).to_contain_text("Write-only key for account 1")


def test_a_dialog_with_something_typed_asks_before_it_closes(hub: Page) -> None:
    hub.goto("/integrations/catalog/")
    opener = hub.get_by_role("link", name="Create Authentication for Treasure Data")
    opener.focus()
    hub.keyboard.press("Enter")
    dialog = hub.get_by_role("dialog", name="New Authentication")
    expect(dialog.get_by_label("API Key")).to_be_focused()
    hub.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(hub).to_have_url(re.compile("/integrations/catalog/$"))

    hub.keyboard.press("Enter")
    expect(dialog.get_by_label("API Key")).to_be_focused()
    hub.keyboard.type("1/abc")
    hub.keyboard.press("Escape")
    question = hub.get_by_role("dialog", name="Close without saving?")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    hub.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(dialog.get_by_label("API Key")).to_have_value("1/abc")
    hub.keyboard.press("Escape")
    hub.keyboard.press("Tab")
    hub.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_whole_way_without_javascript(
    new_page: NewPage, administrator: Any, keys: tuple[str, str], console_process: ConsoleProcess
) -> None:
    page = new_page(storage_state=administrator, java_script_enabled=False)
    page.goto("/integrations/catalog/?q=treasure")
    page.get_by_role("link", name="Create Authentication for Treasure Data").click()
    page.get_by_label("API Key").fill(keys[0])
    page.locator("#id_endpoint").fill("not a host")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.locator("#id_endpoint_error")).to_contain_text("Enter a host such as api.treasuredata.com")
    page.locator("#id_endpoint").fill(console_process.url)
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Master key for account 1")
    page.get_by_role("button", name="Continue").click()
    page.locator("#id_name").fill("by-hand")
    page.get_by_role("button", name="Create Connection").click()
    page.wait_for_url(f"**{LIST}")
    page.get_by_label("Search authentications").fill("by-hand")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("row")).to_have_count(2)


def test_the_list_tells_health_use_and_what_to_do(hub: Page, furnished: dict[str, int]) -> None:
    hub.goto(LIST)
    row = hub.get_by_role("row", name="reports-us")
    expect(row).to_contain_text("1 · reports")
    row.get_by_role("link", name="2 queries").click()
    hub.wait_for_url(f"**/workbench/queries/?authentication={furnished['reports-us']}")
    expect(hub.get_by_role("link", name="Daily <codes>")).to_be_visible()
    hub.goto(LIST)
    expect(hub.get_by_role("row", name="partner-jp")).to_contain_text("Slow, 4.8 s")
    expect(
        hub.get_by_role("row", name="The credentials no longer work. The key was revoked.")
    ).to_be_visible()
    row.get_by_role("button", name=f"Copy ID {furnished['reports-us']} of reports-us").click()
    expect(hub.locator("#announce")).to_have_text("ID of reports-us copied")
    assert hub.evaluate("navigator.clipboard.readText()") == str(furnished["reports-us"])


def test_the_list_is_filtered_while_one_types(hub: Page, furnished: dict[str, int]) -> None:
    hub.goto(LIST)
    hub.get_by_label("Search authentications").fill("7731")
    expect(hub.get_by_role("row", name="partner-jp")).to_be_visible()
    expect(hub.get_by_role("row", name="reports-us")).to_have_count(0)
    expect(hub.get_by_label("Search authentications")).to_be_focused()
    expect(hub.locator("#auth-found")).to_have_text("1 authentication")
    expect(hub.locator("#auth-n-all")).to_have_text("1")
    hub.keyboard.type("x")
    expect(hub.get_by_role("heading", name="No authentication matches “7731x”")).to_be_visible()
    expect(hub.get_by_label("Search authentications")).to_have_value("7731x")
    hub.get_by_role("link", name="Clear search").click()
    hub.get_by_role("radio", name=re.compile("Needs attention")).check(force=True)
    expect(hub.get_by_role("row", name="reports-us")).to_have_count(0)
    expect(hub).to_have_url(re.compile("health=attention"))
    expect(hub.get_by_role("radio", name=re.compile("Needs attention"))).to_be_focused()
    hub.reload()
    expect(hub.get_by_role("radio", name=re.compile("Needs attention"))).to_be_checked()
    expect(hub.get_by_role("row", name="revoked-eu", exact=False).first).to_be_visible()


def test_an_edit_with_a_blank_key_keeps_the_stored_one(
    hub: Page, furnished: dict[str, int], console_process: ConsoleProcess
) -> None:
    hub.goto(LIST)
    act(hub, "partner-jp", "Edit")
    dialog = hub.get_by_role("dialog", name="Edit Authentication")
    expect(dialog.locator("#id_name")).to_be_focused()
    expect(dialog.get_by_label("API Key")).to_have_attribute("placeholder", "Unchanged")
    dialog.locator("#id_name").fill("partner-osaka")
    hub.keyboard.press("Enter")
    expect(hub.get_by_text("partner-osaka is saved")).to_be_visible()
    act(hub, "partner-osaka", "Test")  # the key that was stored still opens the door
    expect(hub.get_by_text("partner-osaka: Master key for account 1")).to_be_visible()


def test_reconnect_takes_only_a_key_that_works(
    hub: Page, furnished: dict[str, int], keys: tuple[str, str]
) -> None:
    hub.goto(LIST)
    hub.get_by_role("link", name="Reconnect revoked-eu").click()
    dialog = hub.get_by_role("dialog", name="Reconnect")
    dialog.get_by_label("API Key").fill("9/" + "e" * 40)
    dialog.get_by_role("button", name="Reconnect").click()
    expect(dialog.locator("#id_apikey_error")).to_contain_text("rejected the API key")
    dialog.get_by_label("API Key").fill(keys[0])
    dialog.get_by_role("button", name="Reconnect").click()
    expect(dialog).to_be_hidden()
    row = hub.get_by_role("row", name="revoked-eu")
    expect(row).to_contain_text("Healthy")
    expect(row).to_contain_text(str(furnished["revoked-eu"]))


def test_what_is_in_use_is_not_deleted_and_its_users_are_named(
    hub: Page, furnished: dict[str, int], new_page: NewPage, administrator: Any
) -> None:
    hub.goto(LIST)
    act(hub, "reports-us", "Delete")
    dialog = hub.get_by_role("dialog", name="reports-us is in use")
    expect(dialog).to_contain_text("Move these to another one first:")
    expect(dialog.get_by_role("link", name="Daily <codes>")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete")).to_have_count(0)
    hub.keyboard.press("Escape")
    expect(hub.get_by_role("button", name="Actions for reports-us")).to_be_focused()


def test_one_that_nobody_uses_is_deleted_after_a_question(
    hub: Page, console_process: ConsoleProcess, keys: tuple[str, str]
) -> None:
    name = "short-lived"
    make = FURNISH.split("used = ")[0] + "make('short-lived')"
    console_process.run(make, EMAIL, console_process.url, keys[0])
    hub.goto(LIST)
    act(hub, name, "Delete")
    dialog = hub.get_by_role("dialog", name=f"Delete {name}?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Delete").click()
    expect(hub.get_by_text(f"{name} is deleted")).to_be_visible()
    expect(hub.get_by_role("row", name=name)).to_have_count(0)


def test_check_all_and_a_single_test_ask_the_destination(hub: Page, furnished: dict[str, int]) -> None:
    hub.goto(LIST)
    act(hub, "reports-us", "Test")
    expect(hub.get_by_text("reports-us: Master key for account 1")).to_be_visible()
    hub.get_by_role("button", name="Check all").click()
    expect(hub.get_by_text(re.compile(r"accepted|need attention")).first).to_be_visible()
    expect(hub.get_by_role("row", name="reports-us")).to_contain_text("Healthy")
    expect(hub.locator("#auth-checked")).to_have_text("Checked just now")


def act(page: Page, name: str, verb: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menu", name=f"Actions for {name}").get_by_role("menuitem", name=verb).click()
