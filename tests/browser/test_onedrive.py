"""OneDrive in a real browser, against the stand-in: connect in both ways, choose a folder, export."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage, axe, log_in, picture
from tests.console_process import ConsoleProcess
from tests.standins import microsoft as stand_ins
from tests.standins.microsoft import StandIn
from tests.standins.microsoft.world import FABRIKAM

CONNECT = re.compile("Click here to connect to a new account")
# The documents' example.
QUERY = """SELECT email, first_name, last_name, region, age, gender, website FROM (
VALUES ('kate1@gmail.com', 'Kate', 'Tiny', 'Asia', '41 and above', 'female', 'google.com'),
('ronan@gmail.com', 'R', 'P', 'Americas', '21-30', 'male', 'google.com'),
('michelle@gmail.com', 'M', 'C', 'EMEA', '31-40', 'male', 'facebook.com'))
tbl (email, first_name, last_name, region, age, gender, website)"""


@pytest.fixture(scope="module")
def microsoft() -> Iterator[StandIn]:
    with stand_ins.running() as running:
        yield running


@pytest.fixture(scope="module")
def console_process(
    microsoft: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ConsoleProcess]:
    """A console whose operator has registered it with the stand-in."""
    console = ConsoleProcess(
        tmp_path_factory.mktemp("onedrive"),
        SENDOFF_MICROSOFT_CLIENT_ID=microsoft.app.client_id,
        SENDOFF_MICROSOFT_CLIENT_SECRET=microsoft.app.secret,
        SENDOFF_MICROSOFT_AUTHORITY=microsoft.url,
        SENDOFF_GRAPH_URL=microsoft.url,
    )
    microsoft.app.redirect_uris = {
        f"{console.url}/integrations/authentications/oauth/{name}/" for name in ("callback", "approved")
    }
    with console:
        yield console


@pytest.fixture(autouse=True)
def agreed_before(microsoft: StandIn) -> None:
    """Kate has accepted the permissions once; who wants to see that page says so."""
    microsoft.world.kate.consented = True


def open_dialog(page: Page) -> None:
    page.goto("/integrations/catalog/")
    page.get_by_role("link", name="Create Authentication for OneDrive").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name="New Authentication")).to_be_visible()


def begin(page: Page) -> Page:
    """Clicks the connect button; the popup that opens."""
    with page.expect_popup() as opened:
        page.get_by_role("dialog").get_by_role("button", name=CONNECT).click()
    expect(page.get_by_role("dialog")).to_contain_text("Waiting for Microsoft sign-in")
    return opened.value


def connect(page: Page, account: str) -> None:
    popup = begin(page)
    with popup.expect_event("close"):
        popup.get_by_role("button", name=account).click()
    expect(page.get_by_role("dialog")).to_contain_text(f"{account} is connected.")


def finish(page: Page, name: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog).to_contain_text("Account accepted.")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Done").click()
    page.wait_for_url("**/integrations/authentications/")
    expect(page.get_by_role("main")).to_contain_text(name)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_direct_user_authentication(new_page: NewPage, microsoft: StandIn, theme: str) -> None:
    microsoft.world.kate.consented = theme == "dark"
    page = new_page(theme=theme)
    log_in(page)
    open_dialog(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Continue")).to_be_visible()
    axe(page)
    picture(page, f"onedrive-direct-{theme}")
    popup = begin(page)
    axe(page)
    picture(page, f"onedrive-waiting-{theme}")
    popup.get_by_role("button", name="kate.tiny@contoso.com").click()
    if theme == "light":
        picture(popup, "onedrive-consent")
        popup.get_by_role("button", name="Accept").click()
    expect(dialog).to_contain_text("kate.tiny@contoso.com is connected.")
    chosen = dialog.get_by_label("OAuth connection").locator("option:checked")
    expect(chosen).to_have_text("kate.tiny@contoso.com · Business")
    axe(page)
    picture(page, f"onedrive-connected-{theme}")
    finish(page, f"regional-reports-{theme}")


def test_admin_pre_approval_required(new_page: NewPage, microsoft: StandIn) -> None:
    page = new_page()
    log_in(page)
    open_dialog(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Admin Pre-Approval Required").check()
    expect(dialog).to_contain_text("Not approved yet")
    expect(dialog.get_by_role("button", name=CONNECT)).to_be_disabled()
    axe(page)
    picture(page, "onedrive-admin")

    dialog.get_by_role("button", name="Copy", exact=True).click()
    link = page.evaluate("navigator.clipboard.readText()")
    elsewhere = new_page()  # an administrator, in a browser that knows nothing of this console
    elsewhere.goto(link)
    elsewhere.get_by_label("Administrator").select_option("admin@fabrikam.com")
    elsewhere.get_by_role("button", name="Accept").click()
    expect(elsewhere.get_by_role("heading", name="Approved")).to_be_visible()
    axe(elsewhere)
    picture(elsewhere, "onedrive-approved")

    dialog.get_by_role("button", name="Check again").click()
    expect(dialog).to_contain_text(FABRIKAM)
    axe(page)
    popup = begin(page)
    with popup.expect_event("close"):
        popup.get_by_role("button", name="ronan@fabrikam.com").click()  # and no consent screen follows
    expect(dialog).to_contain_text("ronan@fabrikam.com is connected.")
    picture(page, "onedrive-admin-connected")
    finish(page, "fabrikam-reports")


def test_who_declines_is_told_what_to_do(page: Page) -> None:
    open_dialog(page)
    dialog = page.get_by_role("dialog")
    popup = begin(page)
    popup.get_by_role("button", name="Cancel").click()
    expect(dialog).to_contain_text("Microsoft sent you back without access.")
    axe(page)
    picture(page, "onedrive-declined")
    dialog.get_by_role("link", name="Get the admin approval link").click()
    expect(dialog.get_by_label("Admin Pre-Approval Required")).to_be_checked()
    expect(dialog.get_by_label("Admin approval link")).to_be_visible()


def test_waiting_can_be_stopped(page: Page) -> None:
    open_dialog(page)
    dialog = page.get_by_role("dialog")
    popup = begin(page)
    dialog.get_by_role("button", name="Stop waiting").click()
    expect(dialog).not_to_contain_text("Waiting for Microsoft")
    expect(dialog.get_by_role("button", name=CONNECT)).to_be_visible()
    if not popup.is_closed():
        popup.wait_for_event("close")


def test_a_popup_the_browser_blocks_is_said_and_can_be_opened(page: Page) -> None:
    page.add_init_script("window.realOpen = window.open; window.open = () => null;")
    open_dialog(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=CONNECT).click()
    expect(dialog.get_by_role("alert")).to_contain_text("The browser blocked the popup.")
    axe(page)
    picture(page, "onedrive-blocked")
    page.evaluate("void (window.open = window.realOpen)")
    with page.expect_popup() as opened:
        dialog.get_by_role("link", name="Open popup again").click()
    expect(dialog.get_by_text("The browser blocked the popup.")).to_be_hidden()
    opened.value.get_by_role("button", name="kate.tiny@contoso.com").click()
    expect(dialog).to_contain_text("kate.tiny@contoso.com is connected.")


def test_a_dialog_that_is_cut_off_from_the_popup_finds_out_by_itself(page: Page) -> None:
    open_dialog(page)
    popup = begin(page)
    popup.evaluate("window.opener = null")
    popup.add_init_script("window.opener = null")
    popup.get_by_role("button", name="kate.tiny@contoso.com").click()
    expect(popup.get_by_role("heading", name="Connected")).to_be_visible()
    axe(popup)
    picture(popup, "onedrive-signed-in")
    expect(page.get_by_role("dialog")).to_contain_text("kate.tiny@contoso.com is connected.")


def test_reconnect_keeps_the_authentication(page: Page, microsoft: StandIn) -> None:
    open_dialog(page)
    connect(page, "kate.tiny@contoso.com")
    finish(page, "to-reconnect")
    microsoft.authority.revoke(microsoft.world.kate)
    page.get_by_role("button", name="Actions for to-reconnect").click()
    page.get_by_role("menuitem", name="Test").click()
    expect(page.get_by_role("main")).to_contain_text("Microsoft no longer accepts the refresh token")
    page.get_by_role("link", name="Reconnect to-reconnect").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Done")).to_be_disabled()
    axe(page)
    picture(page, "onedrive-reconnect")
    with page.expect_popup() as opened:
        dialog.get_by_role("button", name="Click here to sign in as kate.tiny@contoso.com").click()
    opened.value.get_by_role("button", name="kate.tiny@contoso.com").click()
    expect(dialog).to_contain_text("kate.tiny@contoso.com is connected.")
    dialog.get_by_role("button", name="Done").click()
    page.wait_for_url("**/integrations/authentications/")
    row = page.get_by_role("row").filter(has_text="to-reconnect")
    expect(row).to_contain_text("Healthy")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_dialogs_fit(new_page: NewPage, width: int) -> None:
    page = new_page(width=width)
    log_in(page)
    page.goto("/integrations/authentications/new/?connector=one_drive&variant=admin")
    expect(page.get_by_role("main")).to_contain_text("Connect your account")
    axe(page)
    picture(page, f"onedrive-admin-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
