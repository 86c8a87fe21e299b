"""What arrives in OneDrive: compared byte for byte with what the encoder gives, whatever fails on the way."""

from typing import Any

import pytest

from integrations.connector import Chunk
from integrations.connectors.one_drive import upload
from integrations.connectors.one_drive.delivery import deliver, discard
from integrations.connectors.one_drive.encoding import encode
from integrations.errors import (
    CredentialsError,
    DeliveryError,
    RefusedError,
    SettingsError,
    Stopped,
    TemporaryError,
)
from integrations.oauth import Credentials
from integrations.redaction import redact
from integrations.rows import RowStream
from tests.integrations.ledger import Dead, Kept, MemoryLedger
from tests.integrations.one_drive.conftest import make_rows, make_settings, tokens_of
from tests.standins.microsoft import Fault, StandIn
from tests.standins.microsoft.state import Account, Item

TIME = 1_700_000_000
PERSONAL = {"account_type": "personal", "domain_name": None, "server_relative_path": None}


@pytest.fixture
def small_fragments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file goes by an upload session, in the smallest fragments that OneDrive allows."""
    monkeypatch.setattr(upload, "SMALL", 0)
    monkeypatch.setattr(upload, "FRAGMENT", 320 * 1024)


@pytest.fixture
def kate(microsoft: StandIn) -> dict[str, Any]:
    return tokens_of(microsoft, microsoft.world.kate)


@pytest.fixture
def michelle(microsoft: StandIn) -> dict[str, Any]:
    return tokens_of(microsoft, microsoft.world.michelle)


def carry_out(
    credentials: Any, settings: Any, rows: RowStream, kept: Kept | None = None, **options: Any
) -> Kept:
    kept = kept or Kept()
    stop_when = options.pop("stop_when", None)
    budget = options.pop("budget", 5)
    ledger = MemoryLedger(kept, rows.total, **options)
    ledger.stop_when = stop_when or ledger.stop_when
    ledger.budget = budget

    deliver(credentials, settings, lambda: iter(made(settings, rows)), rows.columns, ledger)
    return kept


_made: dict[str, list[Chunk]] = {}


def made(settings: Any, rows: RowStream) -> list[Chunk]:
    """The encoder's own chunks, made once: the same settings and rows give the same ones."""
    key = f"{settings} {rows.total}"
    if key not in _made:
        _made[key] = list(encode(settings, rows, TIME))
    return _made[key]


def encoded(settings: Any, rows: RowStream) -> bytes:
    return b"".join(chunk.data for chunk in made(settings, rows))


def landed(account: Account, path: str) -> Item:
    item = account.drive.root.find(path)
    assert item is not None, f"{path} is not there"
    assert item.content is not None, f"{path} is a folder"
    return item


def big() -> RowStream:
    """More than two fragments of 320 KiB."""
    return make_rows(60_000)


# --- what is sent ---------------------------------------------------------------------------------


@pytest.mark.parametrize("changes", [
    {}, {"format": "tsv"}, {"compression": "gz"}, {"compression": "bzip2"},
    {"header_line": False, "newline": "LF", "null_string": "\\N", "quote_policy": "ALL"},
], ids=str)  # fmt: skip
def test_a_small_file_is_sent_in_one_request(microsoft: StandIn, kate: Any, changes: Any) -> None:
    settings, rows = make_settings(**changes), make_rows(6)
    kept = carry_out(kate, settings, rows)
    suffix = {"gz": ".gz", "bzip2": ".bz2"}.get(changes.get("compression", ""), "")
    item = landed(microsoft.world.kate, f"Reports/Regional/contacts.{changes.get('format', 'csv')}{suffix}")
    assert item.content == encoded(settings, rows)
    assert kept.delivered == 6
    assert kept.memory["phase"] == "arrived"
    assert microsoft.count("createUploadSession") == 0


def test_a_larger_file_goes_by_an_upload_session(
    microsoft: StandIn, kate: Any, small_fragments: None
) -> None:
    settings, rows = make_settings(), big()
    kept = carry_out(kate, settings, rows)
    item = landed(microsoft.world.kate, "Reports/Regional/contacts.csv")
    assert item.content == encoded(settings, rows)
    assert microsoft.count("PUT /up/") == -(-len(item.content or b"") // (320 * 1024)) > 2
    assert kept.delivered == 60_000
    assert [receipt.rows_accepted for receipt in kept.receipts.values()][:-1] == [0] * (
        len(kept.receipts) - 1
    )


def test_the_sizes_are_those_of_the_documents() -> None:
    assert upload.SMALL == 4 * 1024 * 1024
    assert upload.FRAGMENT == 10 * 1024 * 1024
    assert upload.FRAGMENT % (320 * 1024) == 0


def test_an_empty_file_arrives(microsoft: StandIn, kate: Any) -> None:
    carry_out(kate, make_settings(header_line=False), make_rows(0))
    assert landed(microsoft.world.kate, "Reports/Regional/contacts.csv").content == b""


def test_nothing_is_ever_deleted_but_an_upload_session(
    microsoft: StandIn, kate: Any, small_fragments: None
) -> None:
    carry_out(kate, make_settings(), big())
    carry_out(kate, make_settings(), big())
    deletes = [line for line in microsoft.calls if line.startswith("DELETE") and "/up/" not in line]
    assert deletes == []


def test_the_upload_address_gets_no_token_and_is_kept_sealed(
    microsoft: StandIn, kate: Any, small_fragments: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="integrations")
    kept = Kept()
    with pytest.raises(Stopped):
        carry_out(kate, make_settings(), big(), kept, stop_when=lambda: microsoft.count("PUT /up/") >= 1)
    (address,) = microsoft.graph.uploads
    assert address not in f"{kept.memory} {kept.logs} {kept.retries} {caplog.text}"
    assert redact(f"{microsoft.url}/up/{address}") == "[secret]"
    sent = [request for request in microsoft.requests if request.path.startswith("/up/")]
    assert sent
    assert not [request for request in sent if "authorization" in request.headers]


# --- where it goes --------------------------------------------------------------------------------


def test_missing_folders_are_created_and_existing_ones_are_used(microsoft: StandIn, kate: Any) -> None:
    microsoft.world.kate.drive.root.add("reports")
    carry_out(kate, make_settings(), make_rows())
    assert microsoft.count("POST .*/children") == 1
    landed(microsoft.world.kate, "reports/Regional/contacts.csv")


def test_a_folder_another_run_makes_in_the_same_moment_is_as_good(microsoft: StandIn, kate: Any) -> None:
    microsoft.faults = [Fault("POST .*/children", act="race")]
    carry_out(kate, make_settings(), make_rows())
    landed(microsoft.world.kate, "Reports/Regional/contacts.csv")
    assert len(microsoft.world.kate.drive.root.children) == 1


def test_names_are_encoded_segment_by_segment(microsoft: StandIn, kate: Any) -> None:
    settings = make_settings(folder_path="/50% off/é ñ #1/a&b", file_name="a b%20+c")
    carry_out(kate, settings, make_rows())
    landed(microsoft.world.kate, "50% off/é ñ #1/a&b/a b%20+c.csv")


def test_a_site_s_default_library(microsoft: StandIn, kate: Any) -> None:
    settings = make_settings(
        domain_name="contoso.sharepoint.com", server_relative_path="/sites/Marketing", folder_path="/Q3"
    )
    carry_out(kate, settings, make_rows())
    assert microsoft.world.marketing.drives[0].root.find("Q3/contacts.csv")


@pytest.mark.parametrize(("path", "library"), [
    ("/Shared Documents/Q3", 0), ("/documents/Q3", 0), ("/Reports/Q3", 1),
])  # fmt: skip
def test_a_library_is_found_by_its_name_or_by_its_address(
    microsoft: StandIn, kate: Any, path: str, library: int
) -> None:
    settings = make_settings(
        domain_name="contoso.sharepoint.com", server_relative_path="/sites/Marketing", folder_path=path
    )
    carry_out(kate, settings, make_rows())
    assert microsoft.world.marketing.drives[library].root.find("Q3/contacts.csv")


def test_a_personal_drive(microsoft: StandIn, michelle: Any) -> None:
    carry_out(michelle, make_settings(**PERSONAL, folder_path="/abc"), make_rows())
    landed(microsoft.world.michelle, "abc/contacts.csv")


def test_a_folder_that_somebody_shared(microsoft: StandIn, michelle: Any) -> None:
    settings = make_settings(**PERSONAL, folder_path="/f1/f2", is_shared_folder=True)
    carry_out(michelle, settings, make_rows())
    assert microsoft.world.michelle.shared[0].find("f2/contacts.csv")
    assert microsoft.world.michelle.drive.root.children == {}


def test_a_shortcut_does_where_nothing_is_listed_as_shared(microsoft: StandIn, michelle: Any) -> None:
    shared = microsoft.world.michelle.shared[0]
    microsoft.world.michelle.drive.root.add("f1", remote=shared)
    microsoft.faults = []
    microsoft.graph.hide_shared = True
    settings = make_settings(**PERSONAL, folder_path="/f1/f2", is_shared_folder=True)
    carry_out(michelle, settings, make_rows())
    assert shared.find("f2/contacts.csv")


# --- what is there already ------------------------------------------------------------------------


def test_an_existing_file_is_replaced(microsoft: StandIn, kate: Any) -> None:
    old = microsoft.world.kate.drive.root.add("Reports").add("Regional").add("contacts.csv", b"old")
    carry_out(kate, make_settings(), make_rows())
    assert old.content == encoded(make_settings(), make_rows())


@pytest.mark.parametrize("fragments", [False, True])
def test_without_replace_an_existing_file_stays(
    microsoft: StandIn, kate: Any, fragments: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "SMALL", 0 if fragments else 4 << 20)
    old = microsoft.world.kate.drive.root.add("Reports").add("Regional").add("contacts.csv", b"old")
    settings = make_settings(replace_existing=False)
    with pytest.raises(
        RefusedError, match=r"A file named contacts\.csv already exists in .*/Reports/Regional"
    ):
        carry_out(kate, settings, make_rows())
    assert old.content == b"old"
    assert microsoft.count("^PUT") == 0


def test_without_replace_a_file_that_appears_meanwhile_stays(
    microsoft: StandIn, kate: Any, small_fragments: None
) -> None:
    """Another writer's file, between our look and our last fragment."""
    settings, rows = make_settings(replace_existing=False), big()
    folder = microsoft.world.kate.drive.root.add("Reports").add("Regional")

    def appears() -> bool:
        if microsoft.count("createUploadSession"):
            folder.children.setdefault("contacts.csv", Item("contacts.csv", folder.drive, folder, b"theirs"))
        return False

    with pytest.raises(RefusedError, match=r"A file named contacts\.csv already exists"):
        carry_out(kate, settings, rows, stop_when=appears)
    assert folder.children["contacts.csv"].content == b"theirs"


# --- failures that pass ---------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [
    Fault("PUT .*content", 2, status=503, code="serviceNotAvailable"),
    Fault("PUT .*content", status=500),
    Fault("PUT .*content", status=504),
    Fault("PUT .*content", cut="before"),
    Fault("PUT .*content", cut="middle"),
    Fault("PUT .*content", cut="after"),
    Fault("PUT .*content", 2, status=423, code="resourceLocked"),
    Fault("GET .*/sites/", status=502),
    Fault("POST .*children", cut="after"),
    Fault("GET .*contacts.csv", 1, status=429, code="activityLimitReached"),
], ids=lambda fault: f"{fault.pattern} {fault.cut or fault.status}")  # fmt: skip
@pytest.mark.parametrize("replace", [True, False])
def test_a_passing_failure_changes_nothing_about_a_small_file(
    microsoft: StandIn, kate: Any, fault: Fault, replace: bool
) -> None:
    microsoft.faults = [Fault(**vars(fault))]
    settings, rows = make_settings(replace_existing=replace), make_rows()
    kept = carry_out(kate, settings, rows)
    item = landed(microsoft.world.kate, "Reports/Regional/contacts.csv")
    assert item.content == encoded(settings, rows)
    assert item.writes == 1
    assert kept.delivered == 3
    assert kept.memory["in_doubt"] == ""


@pytest.mark.parametrize("fault", [
    Fault("PUT /up/", 2, status=503, code="serviceNotAvailable"),
    Fault("PUT /up/", status=500),
    Fault("PUT /up/", cut="before"),
    Fault("PUT /up/", cut="middle"),
    Fault("PUT /up/", cut="after"),
    Fault("PUT /up/", 3, cut="after"),
    Fault("PUT /up/", status=416, code="invalidRange", inner="fragmentOverlap"),
    Fault("POST .*createUploadSession", cut="after"),
    Fault("POST .*createUploadSession", status=429, code="activityLimitReached"),
    Fault("GET /up/", status=500, since="PUT /up/"),
    Fault("PUT /up/", act="expire"),
    Fault("PUT /up/", status=401, code="unauthenticated"),
], ids=lambda fault: f"{fault.pattern} {fault.times} {fault.cut or fault.act or fault.status}")  # fmt: skip
@pytest.mark.parametrize("replace", [True, False])
def test_a_passing_failure_changes_nothing_about_a_file_in_fragments(
    microsoft: StandIn, kate: Any, small_fragments: None, fault: Fault, replace: bool
) -> None:
    microsoft.faults = [Fault(**vars(fault))]
    settings, rows = make_settings(replace_existing=replace), big()
    kept = carry_out(kate, settings, rows)
    item = landed(microsoft.world.kate, "Reports/Regional/contacts.csv")
    assert item.content == encoded(settings, rows)
    assert item.writes == 1
    assert kept.delivered == 60_000
    assert kept.memory["in_doubt"] == ""


def test_a_session_that_ends_in_the_middle_is_begun_anew_once(
    microsoft: StandIn, kate: Any, small_fragments: None
) -> None:
    microsoft.faults = [Fault("PUT /up/", act="expire", since="PUT /up/")]
    kept = carry_out(kate, make_settings(), big())
    assert kept.delivered == 60_000
    assert microsoft.count("createUploadSession") == 2
    assert any("404" in retry for retry in kept.retries)
    microsoft.faults = [Fault("PUT /up/", 9, act="expire")]
    with pytest.raises(RefusedError, match="ended the upload session twice"):
        carry_out(kate, make_settings(file_name="other"), big())


def test_it_waits_as_long_as_onedrive_asks(microsoft: StandIn, kate: Any) -> None:
    microsoft.faults = [
        Fault("PUT .*content", status=429, code="activityLimitReached", headers={"Retry-After": "17"})
    ]
    kept = carry_out(kate, make_settings(), make_rows())
    assert kept.retry_afters == [17.0]


def test_an_access_token_that_ends_in_the_middle_is_renewed_once(
    microsoft: StandIn, kate: Any, small_fragments: None
) -> None:
    fresh = tokens_of(microsoft, microsoft.world.kate)
    asked: list[str] = []

    def renew(spent: str) -> Any:
        asked.append(spent)
        return fresh

    microsoft.authority.access[kate["access_token"]].expires = 0
    carry_out(Credentials(kate, renew), make_settings(), make_rows())
    assert asked == [kate["access_token"]]
    landed(microsoft.world.kate, "Reports/Regional/contacts.csv")


def test_a_second_401_asks_to_reconnect(microsoft: StandIn, kate: Any) -> None:
    microsoft.authority.end_access(microsoft.world.kate)
    with pytest.raises(CredentialsError, match="no longer accepts") as caught:
        carry_out(Credentials(kate, lambda spent: kate), make_settings(), make_rows())
    assert caught.value.action == "Reconnect the OneDrive account."


# --- failures that stay ---------------------------------------------------------------------------

THERE = "contoso-my.sharepoint.com/personal/kate_tiny_contoso_com/Reports/Regional"
CLAIMS, THROTTLED = "insufficient_claims", "throttledRequest"
SENTENCES: list[tuple[int, str, str, type[DeliveryError], str]] = [
    (507, "quotaLimitReached", "", RefusedError, "Not enough OneDrive storage."),
    (403, "accessDenied", "", SettingsError, f"The connected account cannot write to {THERE}."),
    (423, "resourceLocked", "", TemporaryError, "The file is locked by another user."),
    (412, "resourceModified", "", TemporaryError, "The file is locked by another user."),
    (413, "maxFileSizeExceeded", "", RefusedError, "contacts.csv is larger than OneDrive allows."),
    (400, "invalidRequest", "invalidPath", SettingsError, "OneDrive does not accept the name contacts.csv in"),
    (400, "invalidRequest", "pathIsTooLong", SettingsError, "OneDrive does not accept the name contacts.csv in"),
    (422, "malwareDetected", "", RefusedError, "OneDrive takes contacts.csv for malware and did not keep it."),
    (409, "nameAlreadyExists", "", RefusedError, f"A file named contacts.csv already exists in {THERE}."),
    (403, "accessDenied", CLAIMS, CredentialsError, "A conditional access policy of the tenant wants"),
    (503, "serviceNotAvailable", "", TemporaryError, "OneDrive is not available (503 serviceNotAvailable"),
    (429, "activityLimitReached", THROTTLED, TemporaryError, "OneDrive is throttling requests (429"),
    (400, "invalidRequest", "", RefusedError, "OneDrive refused the request (invalidRequest)"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "code", "inner", "kind", "sentence"), SENTENCES)
@pytest.mark.parametrize("fragments", [False, True], ids=["small", "session"])
def test_a_lasting_failure_is_said_in_its_own_sentence_and_nothing_is_left(
    microsoft: StandIn,
    kate: Any,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    inner: str,
    kind: type[DeliveryError],
    sentence: str,
    fragments: bool,
) -> None:
    monkeypatch.setattr(upload, "SMALL", 0 if fragments else 4 << 20)
    microsoft.faults = [Fault("PUT", 99, status=status, code=code, inner=inner)]
    kept = Kept()
    with pytest.raises(DeliveryError) as caught:
        carry_out(kate, make_settings(), make_rows(), kept, budget=2)
    assert type(caught.value) is kind or (kind is RefusedError and isinstance(caught.value, RefusedError))
    assert sentence in str(caught.value)
    assert not kept.memory["in_doubt"]
    assert discard(kate, make_settings(), kept.memory).startswith("Nothing was written to contoso-my")
    assert microsoft.graph.uploads == {}
    assert kept.delivered == 0


def test_a_site_that_is_not_there_is_named(microsoft: StandIn, kate: Any) -> None:
    settings = make_settings(domain_name="contoso.sharepoint.com", server_relative_path="/sites/Nowhere")
    with pytest.raises(
        SettingsError, match=r"No site /sites/Nowhere on contoso\.sharepoint\.com\."
    ) as caught:
        carry_out(kate, settings, make_rows())
    assert caught.value.field == "server_relative_path"


def test_a_folder_that_nobody_shared_is_named(microsoft: StandIn, michelle: Any) -> None:
    settings = make_settings(**PERSONAL, folder_path="/f0/f1", is_shared_folder=True)
    with pytest.raises(SettingsError, match="No folder named f0 is shared with this account"):
        carry_out(michelle, settings, make_rows())


def test_a_file_in_the_place_of_a_folder_is_named(microsoft: StandIn, kate: Any) -> None:
    microsoft.world.kate.drive.root.add("Reports", b"a file")
    with pytest.raises(SettingsError, match="Reports in /Reports/Regional is a file, not a folder"):
        carry_out(kate, make_settings(), make_rows())


def test_a_full_drive_is_refused_before_any_byte_of_a_session(
    microsoft: StandIn, kate: Any, small_fragments: None
) -> None:
    microsoft.world.kate.drive.quota = 1000
    with pytest.raises(RefusedError, match="Not enough OneDrive storage"):
        carry_out(kate, make_settings(), big())
    assert microsoft.count("PUT /up/") == 0


@pytest.mark.parametrize("fragments", [False, True], ids=["small", "session"])
def test_a_file_that_came_out_differently_is_damaged_and_said_so(
    microsoft: StandIn, kate: Any, monkeypatch: pytest.MonkeyPatch, fragments: bool
) -> None:
    monkeypatch.setattr(upload, "SMALL", 0 if fragments else 4 << 20)
    microsoft.graph.damages = True
    kept = Kept()
    with pytest.raises(RefusedError, match=r"hash .* not that of the file that was sent.* damaged"):
        carry_out(kate, make_settings(), make_rows(), kept)
    assert kept.delivered == 0
    assert "is not the file that was sent" in discard(kate, make_settings(), kept.memory)


def test_without_a_hash_the_size_is_compared(microsoft: StandIn, kate: Any) -> None:
    microsoft.world.kate.drive.hashes = ()
    carry_out(kate, make_settings(), make_rows())
    landed(microsoft.world.kate, "Reports/Regional/contacts.csv")
    microsoft.graph.damages = True
    carry_out(kate, make_settings(), make_rows())


# --- kills ----------------------------------------------------------------------------------------


def test_a_kill_in_the_middle_ends_the_session(microsoft: StandIn, kate: Any, small_fragments: None) -> None:
    kept = Kept()
    with pytest.raises(Stopped):
        carry_out(kate, make_settings(), big(), kept, stop_when=lambda: microsoft.count("PUT /up/") >= 1)
    assert len(microsoft.graph.uploads) == 1
    sentence = discard(kate, make_settings(), kept.memory)
    assert sentence.startswith("Nothing was written to contoso-my.sharepoint.com/personal/")
    assert microsoft.graph.uploads == {}
    assert len(microsoft.graph.cancelled) == 1


def test_an_answer_that_never_comes_leaves_the_export_in_doubt_and_it_is_continued(
    microsoft: StandIn, kate: Any
) -> None:
    microsoft.faults = [
        Fault("PUT .*content", cut="after"),
        Fault("GET .*contacts.csv", 99, status=503, since="PUT .*content"),
    ]
    kept = Kept()
    with pytest.raises(TemporaryError):
        carry_out(kate, make_settings(), make_rows(), kept)
    assert "may hold the whole file, or not" in kept.memory["in_doubt"]
    microsoft.faults = []
    kept.retries.clear()
    carry_out(kate, make_settings(), make_rows(), kept)
    item = landed(microsoft.world.kate, "Reports/Regional/contacts.csv")
    assert item.writes == 1
    assert kept.memory["in_doubt"] == ""
    assert kept.delivered == 3


@pytest.mark.parametrize("hashes", [("quickXorHash",), ()], ids=["hash", "no hash"])
@pytest.mark.parametrize("replace", [True, False], ids=["replace", "fail"])
@pytest.mark.parametrize("fragments", [False, True], ids=["small", "session"])
def test_a_worker_killed_at_any_point_loses_nothing_and_doubles_nothing(
    microsoft: StandIn,
    kate: Any,
    monkeypatch: pytest.MonkeyPatch,
    fragments: bool,
    replace: bool,
    hashes: tuple[str, ...],
) -> None:
    monkeypatch.setattr(upload, "SMALL", 0 if fragments else 4 << 20)
    monkeypatch.setattr(upload, "FRAGMENT", 320 * 1024)
    microsoft.world.kate.drive.hashes = hashes
    settings = make_settings(replace_existing=replace)
    rows = big() if fragments else make_rows()
    wanted, died = encoded(settings, rows), 0
    for point in range(1, 400):
        microsoft.world.kate.drive.root.children.clear()
        microsoft.graph.uploads.clear()
        kept = Kept()
        try:
            carry_out(kate, settings, rows, kept, die_at=point)
        except Dead:
            died += 1
            try:
                carry_out(kate, settings, rows, kept, die_at=point % 7 + 1)
            except Dead:
                carry_out(kate, settings, rows, kept)
        item = landed(microsoft.world.kate, "Reports/Regional/contacts.csv")
        assert item.content == wanted, point
        assert kept.delivered == rows.total, point
        assert len(item.parent.children) == 1, point  # type: ignore[union-attr]
        if not replace or (hashes and fragments):
            assert item.writes == 1, point
        if died < point:
            break
    assert died > 10
    assert died == point - 1
