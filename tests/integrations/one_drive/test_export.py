"""The Export Results form of OneDrive: keys, labels, defaults, names, addresses; what is known before sending."""

import json
from typing import Any

import pytest
from django.http import QueryDict

from integrations.connectors.one_drive import CONNECTOR
from integrations.connectors.one_drive.encoding import encode, preview
from integrations.connectors.one_drive.export import ExportForm, destination, file_name, retries
from integrations.connectors.one_drive.precheck import browse, precheck
from integrations.errors import RefusedError, SettingsError
from tests.integrations.one_drive.conftest import make_rows, make_settings, tokens_of
from tests.standins.microsoft import StandIn

KEYS = {
    "account_type": "business", "domain_name": "contoso-my.sharepoint.com",
    "server_relative_path": "/personal/kate_tiny_contoso_com", "folder_path": "/Reports", "file_name": "contacts",
}  # fmt: skip
# The documents' command line, letter for letter, without what belongs to the authentication.
DOCUMENTED = json.loads(
    '{"account_type":"personal","domain_name":null,"server_relative_path":null,"folder_path":"/abc",'
    '"is_shared_folder":false,"file_name":"test_file","replace_existing":null,"format":"csv","compression":"",'
    '"header_line":true,"null_string":"default","newline":"CRLF","quote_policy":null,"retry_count":"5",'
    '"retry_initial_wait_millis":"1000","max_retry_wait_millis":"300000"}'
)


def errors(**changes: Any) -> dict[str, str]:
    form = ExportForm.from_keys({**KEYS, **changes})
    return {} if form.is_valid() else {name: str(found[0]) for name, found in form.errors.items()}


def test_the_labels_are_the_documents() -> None:
    labels = {name: field.label for name, field in ExportForm.base_fields.items()}
    assert labels == {
        "account_type": "OneDrive Account Plan", "domain_name": "Domain Name",
        "server_relative_path": "Relative Path", "folder_path": "Folder Path",
        "is_shared_folder": "This is a shared folder", "folder_address": "Fill these from a folder address",
        "file_name": "File Name", "replace_existing": "Replace existing file", "format": "Format",
        "compression": "Encoders", "null_string": "Null String", "newline": "End-of-line character",
        "quote_policy": "Quote Policy", "header_line": "Header line", "public_key": "Public Key",
        "key_identifier": "Key Identifier", "armor": "Amor", "compression_type": "Compression Type",
        "retry_count": "Max Retries", "retry_initial_wait_millis": "Initial Retry Time Wait In Millies",
        "max_retry_wait_millis": "Max Retry Wait In Millies",
    }  # fmt: skip


def test_the_documents_example_is_taken_as_it_is() -> None:
    form = ExportForm.from_keys(DOCUMENTED)
    assert form.is_valid(), form.errors
    assert form.settings() == {
        "account_type": "personal", "folder_path": "/abc", "is_shared_folder": False, "file_name": "test_file",
        "replace_existing": True, "format": "csv", "compression": "", "header_line": True, "null_string": "default",
        "newline": "CRLF", "quote_policy": "MINIMAL", "retry_count": 5, "retry_initial_wait_millis": 1000,
        "max_retry_wait_millis": 300_000,
    }  # fmt: skip


def test_sections_are_those_of_the_dialog() -> None:
    layout = ExportForm.shown({}).layout()
    assert [section.title for section in layout] == ["Destination", "File", "Format", "Encryption", "Retries"]
    assert sum(len(section.fields) for section in layout) == len(ExportForm.base_fields)


@pytest.mark.parametrize("missing", ["domain_name", "server_relative_path", "folder_path", "file_name"])
def test_business_needs_them_all(missing: str) -> None:
    assert errors(**{missing: ""}) == {missing: "This field is required."}


def test_personal_needs_no_site_and_drops_what_is_hidden() -> None:
    form = ExportForm.from_keys({**KEYS, "account_type": "personal"})
    assert form.is_valid(), form.errors
    assert {"domain_name", "server_relative_path", "folder_address", "public_key"} & set(
        form.settings()
    ) == set()


@pytest.mark.parametrize(("given", "kept"), [
    ("contoso.sharepoint.com", "contoso.sharepoint.com"),
    ("https://contoso.sharepoint.com/sites/x", "contoso.sharepoint.com"),
    (" Contoso.SharePoint.com ", "contoso.sharepoint.com"), ("agency.sharepoint.us", "agency.sharepoint.us"),
])  # fmt: skip
def test_a_domain_may_be_pasted_with_more_around_it(given: str, kept: str) -> None:
    form = ExportForm.from_keys({**KEYS, "domain_name": given, "server_relative_path": "/sites/x"})
    assert form.is_valid(), form.errors
    assert form.settings()["domain_name"] == kept


@pytest.mark.parametrize(("changes", "field", "sentence"), [
    ({"domain_name": "evil.example"}, "domain_name", "Enter the SharePoint domain, e.g. contoso.sharepoint.com."),
    ({"domain_name": "x.sharepoint.com.evil.example"}, "domain_name", "Enter the SharePoint domain"),
    ({"server_relative_path": "/portals/x"}, "server_relative_path", "Only /sites, /teams and /personal paths"),
    ({"server_relative_path": "/sites"}, "server_relative_path", "Only /sites, /teams and /personal paths"),
    ({"server_relative_path": "/sites/a/b"}, "server_relative_path", "Only /sites, /teams and /personal paths"),
    ({"domain_name": "contoso.sharepoint.com"}, "__all__", "A /personal path is on the domain that ends in -my"),
    ({"server_relative_path": "/sites/x"}, "__all__", "/sites and /teams are on the one without"),
    ({"folder_path": "Reports"}, "folder_path", "Folder Path begins with a slash"),
    ({"folder_path": "/a//b"}, "folder_path", "two slashes in a row"),
    ({"folder_path": "/a/b*c"}, "folder_path", "A folder's name cannot contain"),
    ({"folder_path": "/a./b"}, "folder_path", "cannot begin with ~ or end with a full stop"),
    ({"folder_path": "/~temp"}, "folder_path", "cannot begin with ~ or end with a full stop"),
    ({"folder_path": "/forms/a"}, "folder_path", "“forms” is a reserved name in OneDrive"),
    ({"folder_path": "/a/ b"}, "folder_path", "cannot begin or end with a blank"),
    ({"folder_path": "/a/_vti_x"}, "folder_path", "“_vti_x” is a reserved name in OneDrive."),
    ({"file_name": "日本語"}, "file_name", "File names can contain single-byte characters only."),
    ({"file_name": "é"}, "file_name", "File names can contain single-byte characters only."),
    ({"file_name": "a/b"}, "file_name", 'File name cannot contain " * : < > ? / \\ |.'),
    ({"file_name": "a:b"}, "file_name", "File name cannot contain"),
    ({"file_name": "CON"}, "file_name", "“CON” is a reserved name in OneDrive."),
    ({"file_name": "desktop.ini"}, "file_name", "“desktop.ini” is a reserved name"),
    ({"file_name": "lpt7"}, "file_name", "“lpt7” is a reserved name"),
    ({"file_name": "~$a"}, "file_name", "File name cannot begin with ~$."),
    ({"folder_path": "/" + "a" * 398}, "__all__", "has 442 characters with the file's name. OneDrive allows 400."),
    ({"max_retry_wait_millis": 10}, "max_retry_wait_millis", "Enter at least 1000, the initial wait."),
    ({"retry_count": -1}, "retry_count", "greater than or equal to 0"),
    ({"newline": "NEL"}, "newline", "NEL is not one of the available choices"),
    ({"account_type": "family"}, "account_type", "family is not one of the available choices"),
])  # fmt: skip
def test_what_can_not_work_is_said_beside_its_field(changes: Any, field: str, sentence: str) -> None:
    found = errors(**changes)
    assert sentence in found[field], found


@pytest.mark.parametrize("name", ["a b.c", "50%", "a#b", "x" * 100, "trailing-", "a'b(c)!"])
def test_ordinary_names_are_taken(name: str) -> None:
    assert errors(file_name=name, folder_path="/Réports/日本 #1") == {}


@pytest.mark.parametrize(("name", "changes", "full"), [
    ("a", {}, "a.csv"), ("a.csv", {}, "a.csv"), ("a.CSV", {}, "a.CSV"), ("a.b", {}, "a.b.csv"),
    ("a", {"format": "tsv"}, "a.tsv"), ("a", {"compression": "gz"}, "a.csv.gz"),
    ("a.csv", {"compression": "gz"}, "a.csv.gz"), ("a.csv.gz", {"compression": "gz"}, "a.csv.gz"),
    ("a.gz", {"compression": "gz"}, "a.gz.csv.gz"), ("a", {"compression": "bzip2"}, "a.csv.bz2"),
    ("a", {"compression": "encryption_pgp"}, "a.csv.gz.pgp"),
    ("a", {"compression": "encryption_pgp", "armor": True, "compression_type": ""}, "a.csv.asc"),
    ("a.tsv.bz2", {"format": "tsv", "compression": "encryption_pgp", "compression_type": "bzip2"}, "a.tsv.bz2.pgp"),
])  # fmt: skip
def test_the_name_gets_the_extensions_it_lacks(name: str, changes: Any, full: str) -> None:
    assert file_name({"file_name": name, **changes}) == full
    shown = ExportForm.shown({**KEYS, "file_name": name, **changes})
    assert name + shown.suffix() == full


KATE = ("contoso-my.sharepoint.com", "/personal/kate_tiny_contoso_com")
MARKETING = ("contoso.sharepoint.com", "/sites/Marketing")
HERS = "https://contoso-my.sharepoint.com/personal/kate_tiny_contoso_com"
PAGE = "https://contoso.sharepoint.com/sites/Marketing/Shared%20Documents/Forms/AllItems.aspx"
REPORTS = "%2Fpersonal%2Fkate%5Ftiny%5Fcontoso%5Fcom%2FDocuments%2FReports"
QUARTERS = "%2Fsites%2FMarketing%2FShared%20Documents%2FQ3%20%26%20Q4"
LINK = "https://contoso-my.sharepoint.com/:f:/r/personal/kate_tiny_contoso_com/Documents/Reports?csf=1&web=1"


@pytest.mark.parametrize(("address", "site", "folder"), [
    (f"{HERS}/Documents/Reports/Regional", KATE, "/Reports/Regional"),
    (f"{HERS}/_layouts/15/onedrive.aspx?id={REPORTS}&view=0", KATE, "/Reports"),
    (f"{HERS}/_layouts/15/onedrive.aspx", KATE, "/"),
    (LINK, KATE, "/Reports"),
    (f"{PAGE}?RootFolder={QUARTERS}", MARKETING, "/Shared Documents/Q3 & Q4"),
    (PAGE, MARKETING, "/Shared Documents"),
    (" https://CONTOSO.sharepoint.com/teams/Data/Exports ", ("contoso.sharepoint.com", "/teams/Data"), "/Exports"),
])  # fmt: skip
def test_a_pasted_folder_address_fills_the_paths(address: str, site: tuple[str, str], folder: str) -> None:
    """And acts once: what is changed by hand afterwards stays changed."""
    data = QueryDict(mutable=True)
    data.update(
        {
            "account_type": "personal",
            "folder_address": address,
            "file_name": "a",
            "format": "csv",
            "newline": "CRLF",
        }
    )
    form = ExportForm(data)
    assert form.is_valid(), form.errors
    kept = form.settings()
    assert (kept["account_type"], kept["domain_name"], kept["server_relative_path"]) == ("business", *site)
    assert kept["folder_path"] == folder
    assert "folder_address" not in kept
    assert form["folder_address"].value() == ""
    assert form.aided["folder_path"] == folder


@pytest.mark.parametrize(("address", "sentence"), [
    ("contoso", "Paste the whole address of a SharePoint or OneDrive folder, from https:// on."),
    ("https://evil.example/sites/x", "Paste the whole address of a SharePoint or OneDrive folder"),
    ("https://contoso.sharepoint.com/search/x", "Only /sites, /teams and /personal paths are supported."),
    ("https://contoso-my.sharepoint.com/:f:/g/personal/kate/EabcDEF", "This link hides the folder's path."),
    ("https://onedrive.live.com/?id=ABC%21123", "Choose Personal and enter Folder Path."),
    ("https://1drv.ms/f/s!Abc", "Choose Personal and enter Folder Path."),
])  # fmt: skip
def test_an_address_that_holds_no_path_is_refused_and_stays(address: str, sentence: str) -> None:
    form = ExportForm({**KEYS, "folder_address": address, "format": "csv", "newline": "CRLF"})
    assert not form.is_valid()
    assert sentence in form.errors["folder_address"][0]
    assert form["folder_address"].value() == address
    assert form["folder_path"].value() == "/Reports"


def test_the_aid_is_no_setting() -> None:
    form = ExportForm.from_keys({**KEYS, "folder_address": "https://contoso.sharepoint.com/sites/x"})
    assert not form.is_valid()
    assert form.errors["__all__"] == ["Unknown setting: folder_address."]


def test_the_retry_budget_is_the_one_of_the_settings() -> None:
    policy = retries(make_settings(retry_count=3, retry_initial_wait_millis=10, max_retry_wait_millis=25))
    assert (policy.max_retries, [policy.wait_ms(n) for n in (1, 2, 3)]) == (3, [10, 20, 25])


def test_the_job_page_says_where_the_file_went() -> None:
    assert destination({}, make_settings(compression="gz")) == {
        "OneDrive Account Plan": "Business", "Domain Name": "contoso-my.sharepoint.com",
        "Relative Path": "/personal/kate_tiny_contoso_com", "Folder Path": "/Reports/Regional",
        "File Name": "contacts.csv.gz", "Replace existing file": "On",
    }  # fmt: skip
    personal = make_settings(
        account_type="personal",
        domain_name=None,
        server_relative_path=None,
        folder_path="/f1",
        is_shared_folder=True,
    )
    assert destination({}, personal)["Folder Path"] == "/f1 (shared with this account)"


def test_the_preview_is_the_file_s_own_beginning() -> None:
    settings, rows = make_settings(compression="gz", null_string="\\N"), make_rows(5)
    shown = preview({}, settings, rows, 0)
    plain = b"".join(chunk.data for chunk in encode({**settings, "compression": ""}, rows, 0))
    assert shown.name == "contacts.csv.gz"
    assert shown.folder.startswith(
        "contoso-my.sharepoint.com/personal/kate_tiny_contoso_com/Reports/Regional"
    )
    assert shown.bytes == len(plain)
    assert shown.shown_before == "gz"


# --- asked of the destination ---------------------------------------------------------------------


def test_a_check_before_a_run_creates_nothing(microsoft: StandIn) -> None:
    precheck(tokens_of(microsoft, microsoft.world.kate), make_settings())
    assert microsoft.world.kate.drive.root.children == {}
    assert {line.split()[0] for line in microsoft.calls} == {"GET"}


@pytest.mark.parametrize(("who", "changes", "sentence", "action"), [
    ("kate", {"account_type": "personal", "domain_name": None, "server_relative_path": None},
     "This connection is a business account.", "Choose Business."),
    ("michelle", {}, "This connection is a personal account.", "Choose Personal."),
])  # fmt: skip
def test_the_plan_has_to_be_that_of_the_account(
    microsoft: StandIn, who: str, changes: Any, sentence: str, action: str
) -> None:
    credentials = tokens_of(microsoft, getattr(microsoft.world, who))
    with pytest.raises(SettingsError, match=sentence) as caught:
        precheck(credentials, make_settings(**changes))
    assert (caught.value.action, caught.value.field) == (action, "account_type")
    assert microsoft.requests == []


def test_a_full_drive_is_refused_before_a_run(microsoft: StandIn) -> None:
    microsoft.world.kate.drive.quota = 0
    with pytest.raises(RefusedError, match="Not enough OneDrive storage"):
        precheck(tokens_of(microsoft, microsoft.world.kate), make_settings())


def test_without_the_permission_for_sites_the_place_is_named(microsoft: StandIn) -> None:
    credentials = tokens_of(microsoft, microsoft.world.kate, "User.Read Files.ReadWrite.All offline_access")
    with pytest.raises(SettingsError, match=r"cannot write to contoso-my\.sharepoint\.com"):
        precheck(credentials, make_settings())


def test_browse_lists_folders_and_no_files(microsoft: StandIn) -> None:
    kate = tokens_of(microsoft, microsoft.world.kate)
    top = microsoft.world.kate.drive.root
    for name in ("Reports", "archive", "Zoo"):  # more than one page of the collection
        top.add(name)
    top.add("a file.csv", b"")
    top.children["reports"].add("Regional")
    assert browse(kate, make_settings(folder_path="/")) == ("archive", "Reports", "Zoo")
    assert browse(kate, make_settings(folder_path="/Reports")) == ("Regional",)
    with pytest.raises(SettingsError, match="/Nowhere does not exist yet") as caught:
        browse(kate, make_settings(folder_path="/Nowhere"))
    assert caught.value.action == "The export creates it."


def test_browse_begins_at_what_was_shared(microsoft: StandIn) -> None:
    michelle = tokens_of(microsoft, microsoft.world.michelle)
    personal = {
        "account_type": "personal",
        "domain_name": None,
        "server_relative_path": None,
        "is_shared_folder": True,
    }
    assert browse(michelle, make_settings(**personal, folder_path="/")) == ("f1",)
    assert browse(michelle, make_settings(**personal, folder_path="/f1")) == ("f2",)


def test_the_connector_names_its_parts() -> None:
    assert CONNECTOR.tile.key == "one_drive"
    assert CONNECTOR.oauth is not None
    from integrations.connectors.one_drive.backends import Business, Personal

    assert [plan.backend for plan in CONNECTOR.oauth.plans] == [Business.name, Personal.name]
    shown = {permission.name for permission in CONNECTOR.oauth.permissions}
    assert shown == set(Business.PERMISSIONS)
    assert shown - {each.name for each in CONNECTOR.oauth.permissions if each.only} == set(
        Personal.PERMISSIONS
    )
