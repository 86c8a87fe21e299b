"""OneDrive in a real browser, against the stand-in: connect in both ways, choose a folder, export."""

import gzip
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import activations
from tests.browser.conftest import NewPage, axe, log_in, picture
from tests.browser.test_first_export import open_query
from tests.browser.workbench import done
from tests.console_process import ConsoleProcess
from tests.integrations.formats.gpg_keys import KeyMaker
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
def console_process(microsoft: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleProcess]:
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
        expect(popup.get_by_role("button", name="Accept")).to_be_visible()
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
    expect(popup.get_by_role("button", name="kate.tiny@contoso.com")).to_be_visible()
    popup.evaluate("window.opener = null")
    popup.add_init_script("window.opener = null")
    popup.get_by_role("button", name="kate.tiny@contoso.com").click()
    expect(page.get_by_role("dialog")).to_contain_text(
        "kate.tiny@contoso.com is connected."
    )  # and closes the popup


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


# --- Export Results -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ready(browser: Browser, console_process: ConsoleProcess, microsoft: StandIn) -> None:
    """An account, and the documents' query with a result."""
    microsoft.world.kate.consented = True
    context = browser.new_context(base_url=console_process.url)
    page = context.new_page()
    log_in(page)
    open_dialog(page)
    connect(page, "kate.tiny@contoso.com")
    finish(page, "documents")
    page.goto("/workbench/queries/new/")
    page.get_by_label("Query name").fill("Regional contacts")
    page.get_by_label("Database", exact=True).select_option("sample_datasets")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(QUERY)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/workbench/queries/\d+/"))
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(page.locator("#grid tbody tr").first).to_be_visible()
    context.close()


@pytest.fixture
def keys() -> Iterator[KeyMaker]:
    maker = KeyMaker.make()
    yield maker
    maker.remove()


def open_settings(page: Page) -> Locator:
    """From the query, or, once its export is set, straight into the settings."""
    open_query(page, "Regional contacts")
    dialog = page.get_by_role("dialog")
    page.get_by_role("link", name="Export Results").click()
    expect(
        dialog.get_by_role("heading", name=re.compile("Choose Integration|Export Results"))
    ).to_be_visible()
    if dialog.get_by_role("heading", name="Choose Integration").is_visible():
        dialog.get_by_text("documents", exact=True).first.click()
        dialog.get_by_role("button", name="Next").click()
        expect(dialog.get_by_role("heading", name="Export Results")).to_be_visible()
    return dialog


def shown_bytes(dialog: Locator) -> str:
    """The preview's text, with its boxes for line ends and tabs put back as what they stand for."""
    return str(
        dialog.locator(".fp-text").evaluate(
            """pre => [...pre.querySelectorAll('.ln')].map(line => [...line.childNodes].map(node =>
              node.classList?.contains('ctl') ? {CR: '\\r', LF: '\\n', TAB: '\\t'}[node.textContent] : node.textContent
            ).join('')).join('')"""
        )
    )


def run_and_wait(page: Page) -> None:
    """Until a new run has exported: the pane still shows the last one's end at first."""
    run = page.locator("#run")
    last = run.get_attribute("data-job") or ""
    page.get_by_role("button", name=re.compile("^Run")).click()
    expect(run).not_to_have_attribute("data-job", last)
    expect(run).to_contain_text("rows exported to")


def test_the_documents_example_as_csv_with_gz(new_page: NewPage, microsoft: StandIn, ready: None) -> None:
    page = new_page()
    log_in(page)
    dialog = open_settings(page)
    dialog.get_by_label("Fill these from a folder address").fill(
        "https://contoso-my.sharepoint.com/personal/kate_tiny_contoso_com/Documents/Reports/Regional"
    )
    dialog.get_by_label("Fill these from a folder address").press("Tab")
    expect(dialog.get_by_label("Domain Name")).to_have_value("contoso-my.sharepoint.com")
    expect(dialog.get_by_label("Relative Path")).to_have_value("/personal/kate_tiny_contoso_com")
    expect(dialog.get_by_label("Folder Path")).to_have_value("/Reports/Regional")
    expect(dialog.get_by_label("Fill these from a folder address")).to_have_value("")
    dialog.get_by_label("File Name").fill("regional_contacts")
    dialog.get_by_label("Encoders").select_option("gz")
    expect(dialog.locator("#export-suffix")).to_have_text(".csv.gz")
    expect(dialog.locator(".fp-where")).to_contain_text("regional_contacts.csv.gz")
    axe(page)
    picture(page, "onedrive-export-business")
    promised = shown_bytes(dialog)
    done(page)
    run_and_wait(page)
    item = microsoft.world.kate.drive.root.find("Reports/Regional/regional_contacts.csv.gz")
    assert item is not None
    assert item.content is not None
    assert gzip.decompress(item.content).decode() == promised
    assert promised.count("\r\n") == 4
    page.get_by_role("link", name=re.compile("^Job")).first.click()
    expect(page.get_by_role("main")).to_contain_text("regional_contacts.csv.gz")
    picture(page, "onedrive-job")


def test_the_documents_example_as_tsv_with_pgp(
    new_page: NewPage, microsoft: StandIn, ready: None, keys: KeyMaker
) -> None:
    page = new_page(theme="dark")
    log_in(page)
    dialog = open_settings(page)
    dialog.get_by_label("Domain Name").fill("contoso.sharepoint.com")
    dialog.get_by_label("Relative Path").fill("/sites/Marketing")
    dialog.get_by_label("Folder Path").fill("/Reports/Q3")
    dialog.get_by_label("File Name").fill("regional_contacts")
    dialog.get_by_label("TSV", exact=True).check()
    dialog.get_by_label("Encoders").select_option("encryption_pgp")
    primary = keys.primary("regional")
    subkey = keys.subkey(primary)
    dialog.get_by_label("Public Key").fill(keys.public(primary))
    dialog.get_by_label("Key Identifier").fill(subkey)
    dialog.get_by_label("Key Identifier").press("Tab")
    expect(dialog.locator("#export-suffix")).to_have_text(".tsv.gz.pgp")
    expect(dialog.locator(".fp-where")).to_contain_text("regional_contacts.tsv.gz.pgp")
    axe(page)
    picture(page, "onedrive-export-pgp-dark")
    promised = shown_bytes(dialog)
    done(page)
    run_and_wait(page)
    item = microsoft.world.marketing.drives[1].root.find("Q3/regional_contacts.tsv.gz.pgp")
    assert item is not None
    assert item.content is not None
    assert gzip.decompress(keys.decrypt(item.content)).decode() == promised
    assert "kate1@gmail.com\tKate\tTiny" in promised


def test_personal_and_shared_folders_are_browsed(new_page: NewPage, microsoft: StandIn, ready: None) -> None:
    microsoft.world.kate.drive.root.add("Archive").add("2026")
    page = new_page()
    log_in(page)
    dialog = open_settings(page)
    dialog.get_by_label("Domain Name").fill("contoso-my.sharepoint.com")
    dialog.get_by_label("Relative Path").fill("/personal/kate_tiny_contoso_com")
    dialog.get_by_label("Folder Path").fill("/")
    dialog.get_by_role("button", name="Browse").click()
    dialog.get_by_role("button", name="Archive", exact=True).click()
    expect(dialog.get_by_label("Folder Path")).to_have_value("/Archive")
    dialog.get_by_role("button", name="2026", exact=True).click()
    expect(dialog.get_by_label("Folder Path")).to_have_value("/Archive/2026")
    expect(dialog.get_by_role("group", name="Folders")).to_contain_text("There are no folders in here.")
    axe(page)
    picture(page, "onedrive-browse")
    dialog.get_by_label("Personal", exact=True).check()
    expect(dialog.get_by_label("Domain Name")).to_be_hidden()
    expect(dialog.get_by_label("This is a shared folder")).to_be_visible()
    dialog.get_by_label("This is a shared folder").check()
    expect(dialog.locator(".fp")).to_be_visible()
    axe(page)
    picture(page, "onedrive-export-personal")


def test_an_activation_sends_the_bytes_that_were_shown(
    new_page: NewPage, microsoft: StandIn, ready: None, console_process: ConsoleProcess
) -> None:
    page = new_page()
    log_in(page)
    activations.begin(
        page, *activations.make_segments(console_process, activations.FEW, "Often, to OneDrive")
    )
    activations.fill_details(page, "To OneDrive", "documents", to_folder)
    activations.add_columns(page, "customer_id", "last_purchase")
    assert activations.previewed(page)
    page.locator("label", has=page.locator("input[name=dock][value=written]")).click()
    promised = shown_bytes(page.locator("#mapping-preview"))
    activations.create(page)
    item = microsoft.world.kate.drive.root.find("Segments/often.csv")
    assert item is not None
    assert item.content is not None
    assert item.content.decode() == promised


def to_folder(page: Page) -> None:
    page.get_by_label("Domain Name").fill("contoso-my.sharepoint.com")
    page.get_by_label("Relative Path").fill("/personal/kate_tiny_contoso_com")
    page.get_by_label("Folder Path").fill("/Segments")
    page.get_by_label("File Name").fill("often")
