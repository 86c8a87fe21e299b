"""What arrives at the bucket: compared byte by byte and counted, whatever fails on the way."""

import dataclasses
import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations import redaction
from integrations.connectors.karte import run as run_module
from integrations.connectors.karte.delivery import deliver, discard
from integrations.connectors.karte.encoding import encode
from integrations.connectors.karte.resumable import UNIT
from integrations.connectors.karte.run import opened
from integrations.errors import CredentialsError, RefusedError, SettingsError, Stopped, TemporaryError
from tests.integrations.karte.conftest import carry_out, make_file, make_rows, make_settings
from tests.integrations.ledger import Dead, Kept, MemoryLedger
from tests.standins.gcs import BUCKET, Fault, StandIn
from tests.standins.gcs.accounts import private_key

pytestmark = pytest.mark.usefixtures("small_fragments")
NAME = "output/test.csv"
ADDRESS = "gs://samplebucket/output/test.csv"
CREATE, DELETE, GET = "storage.objects.create", "storage.objects.delete", "storage.objects.get"
ROWS = make_rows(25_000)
SETTINGS = make_settings()
CHUNKS = list(encode(SETTINGS, ROWS, 0))  # encoded once for the many runs of the kill tests


@pytest.fixture(scope="module")
def file() -> bytes:
    found = b"".join(chunk.data for chunk in CHUNKS)
    assert 2 * UNIT < len(found) < 3 * UNIT
    return found


def arrived(service: StandIn, file: bytes, times: int = 1) -> None:
    assert service.object(NAME) == file
    assert [name for name, _ in service.written] == [NAME] * times


# --- the plain way ------------------------------------------------------------------------------------


def test_the_whole_file_becomes_one_object(service: StandIn, credentials: Any, file: bytes) -> None:
    kept = carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)
    assert kept.delivered == ROWS.total
    assert [receipt.rows_accepted for receipt in kept.receipts.values()] == [0, 0, ROWS.total]
    ranges = [request.rpartition("bytes ")[2] for request in service.requests if "bytes" in request]
    assert ranges == [
        f"{start}-{min(start + UNIT, len(file)) - 1}/{len(file)}" for start in range(0, len(file), UNIT)
    ]
    assert service.buckets[BUCKET][NAME].content_type == "text/csv"
    assert not kept.memory["in_doubt"]


def test_nothing_is_asked_besides_what_is_needed(service: StandIn, credentials: Any) -> None:
    carry_out(credentials, SETTINGS, make_rows(3))
    plain = [re.sub(r"\?.*?(?= |$)", "", request) for request in service.requests]
    assert plain == [
        "POST /token",
        "GET /storage/v1/b/samplebucket/iam/testPermissions",
        "GET /storage/v1/b/samplebucket/o/output%2Ftest.csv",
        "POST /upload/storage/v1/b/samplebucket/o",
        plain[4],
    ]
    assert plain[4].startswith("PUT /upload/storage/v1/b/samplebucket/o bytes 0-")
    assert "ifGenerationMatch=0" in service.requests[3]


def test_an_existing_object_is_replaced_by_its_generation(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    before = service.put_object(NAME, b"old")
    carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)
    assert any(f"ifGenerationMatch={before.generation}" in request for request in service.requests)


@pytest.mark.parametrize(("changes", "content"), [({}, b"code,host\r\n"), ({"header_line": False}, b"")])
def test_an_empty_result_is_a_file_too(
    service: StandIn, credentials: Any, changes: dict[str, Any], content: bytes
) -> None:
    kept = carry_out(credentials, make_settings(**changes), make_rows(0))
    arrived(service, content)
    assert kept.delivered == 0
    assert list(kept.receipts) == [0]


@pytest.mark.parametrize(("changes", "kind"), [
    ({"compression": "gz"}, "application/gzip"), ({"format": "tsv"}, "text/tab-separated-values"),
])  # fmt: skip
def test_the_object_says_what_its_bytes_are(
    service: StandIn, credentials: Any, changes: dict[str, Any], kind: str
) -> None:
    carry_out(credentials, make_settings(**changes), make_rows(3))
    stored = service.buckets[BUCKET][NAME]
    assert stored.content_type == kind
    assert stored.data == make_file(make_rows(3), make_settings(**changes))


def test_a_file_with_other_rows_than_the_result_is_not_sent(service: StandIn, credentials: Any) -> None:
    short = dataclasses.replace(make_rows(4), total=5)
    with pytest.raises(RefusedError, match="holds 4 rows instead of 5"):
        carry_out(credentials, SETTINGS, short)
    assert service.requests == []


# --- what the account may do --------------------------------------------------------------------------


def test_an_account_that_may_only_create_makes_a_new_object(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    service.writer.permissions[BUCKET] = {CREATE}
    carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)


@pytest.mark.parametrize("granted", [{CREATE}, {CREATE, GET}])
def test_an_object_that_may_not_be_replaced_is_named(
    service: StandIn, credentials: Any, granted: set[str]
) -> None:
    service.put_object(NAME, b"old")
    service.writer.permissions[BUCKET] = granted
    with pytest.raises(SettingsError, match=f"{ADDRESS} exists, and .* may not replace it") as caught:
        carry_out(credentials, SETTINGS, ROWS)
    assert caught.value.field == "path_prefix"
    assert DELETE in caught.value.action
    assert service.object(NAME) == b"old"
    assert not service.uploads


def test_an_account_that_may_replace_without_looking_replaces(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    service.put_object(NAME, b"old")
    service.writer.permissions[BUCKET] = {CREATE, DELETE}
    carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)
    assert not any("ifGenerationMatch" in request for request in service.requests)


def test_a_right_that_is_taken_away_in_between_is_named(service: StandIn, credentials: Any) -> None:
    service.writer.permissions[BUCKET] = {GET, DELETE}
    with pytest.raises(SettingsError) as caught:
        carry_out(credentials, SETTINGS, ROWS)
    assert str(caught.value) == f"{service.writer.email} has no permission to write to samplebucket."
    assert CREATE in caught.value.action
    assert caught.value.field == "bucket"


def test_a_bucket_that_is_gone_is_named(service: StandIn, credentials: Any) -> None:
    with pytest.raises(SettingsError) as caught:
        carry_out(credentials, make_settings(bucket="nowhere"), make_rows(2))
    assert str(caught.value) == "Bucket nowhere does not exist (or this account cannot see it)."
    assert caught.value.field == "bucket"


def test_a_name_google_does_not_take_stands_beside_the_path(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("POST .*uploadType", status=400, reason="invalid", message="Invalid object name")]
    with pytest.raises(SettingsError, match=r"does not take output/test\.csv as a name") as caught:
        carry_out(credentials, SETTINGS, make_rows(2))
    assert caught.value.field == "path_prefix"


# --- failures that pass -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [
    Fault("POST /token", status=503),
    Fault("GET .*testPermissions", status=500),
    Fault("GET .*/o/output", cut="before"),
    Fault("POST /upload", status=429),
    Fault("POST /upload", status=408),
    Fault("POST /upload", cut="after"),
    Fault("POST /upload", status=403, reason="rateLimitExceeded"),
    Fault("PUT .* bytes 262144-", 2, status=503),
    Fault("PUT .* bytes 262144-", cut="before"),
    Fault("PUT .* bytes 262144-", cut="after"),
    Fault("PUT .* bytes 0-", keep=0),
    Fault("PUT .* bytes 524288-", cut="after"),  # the final answer is lost
    Fault("PUT .* bytes 524288-", status=504),
    Fault("PUT .* bytes 524288-", keep=0),
], ids=lambda fault: f"{fault.pattern} {fault.status or fault.cut or 'partly'}")  # fmt: skip
def test_a_passing_failure_changes_nothing_about_the_object(
    service: StandIn, credentials: Any, file: bytes, fault: Fault
) -> None:
    service.faults = [dataclasses.replace(fault)]
    kept = carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)
    assert kept.delivered == ROWS.total
    assert service.faults[0].times == 0


def test_it_waits_as_long_as_google_asks(service: StandIn, credentials: Any) -> None:
    service.faults = [
        Fault("PUT .* bytes 0-", status=429, reason="rateLimitExceeded", headers={"Retry-After": "7"}),
        Fault("POST /token", status=503, headers={"Retry-After": "3"}),
    ]
    kept = carry_out(credentials, SETTINGS, make_rows(2))
    assert kept.retry_afters == [3.0, 7.0]
    assert kept.retries[1] == "PUT part 1 of output/test.csv: 429 Too Many Requests: A fault on request"


def test_only_what_google_does_not_have_is_sent_again(
    service: StandIn, credentials: Any, file: bytes, monkeypatch: Any
) -> None:
    """The connection breaks in the middle of a fragment; Google has kept a part of it."""
    monkeypatch.setattr(run_module, "FRAGMENT", 2 * UNIT)
    service.faults = [Fault("PUT .* bytes 0-", cut="after", keep=UNIT)]
    carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)
    ranges = [
        request.rpartition("bytes ")[2].split("/")[0] for request in service.requests if "bytes" in request
    ]
    assert ranges == ["0-524287", "*", "262144-524287", f"524288-{len(file) - 1}"]


def test_a_token_that_ran_out_in_the_middle_is_renewed(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    service.faults = [Fault("PUT .* bytes 262144-", then=lambda service: service.accounts.tokens.clear())]
    carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)
    assert service.accounts.granted == 2


def test_a_key_that_is_revoked_in_the_middle_ends_the_run(service: StandIn, credentials: Any) -> None:
    def revoke(service: StandIn) -> None:
        service.accounts.tokens.clear()
        service.writer.key = private_key("another")

    service.faults = [Fault("PUT .* bytes 262144-", then=revoke)]
    with pytest.raises(CredentialsError, match="Google rejected this key"):
        carry_out(credentials, SETTINGS, ROWS)
    assert service.object(NAME) is None


def test_a_token_that_is_never_accepted_is_for_the_user_to_mend(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("PUT .* bytes", 99, status=401, reason="authError")]
    with pytest.raises(CredentialsError, match=rf"Google does not accept {service.writer.email} any more"):
        carry_out(credentials, SETTINGS, ROWS)


def test_the_budget_ends_a_lasting_failure_and_the_clean_up_leaves_nothing(
    service: StandIn, credentials: Any
) -> None:
    kept = Kept()
    service.faults = [Fault("PUT .* bytes 262144-", 99, status=503)]
    with pytest.raises(TemporaryError, match=r"answered with an error of its own \(503\)"):
        carry_out(credentials, SETTINGS, ROWS, kept)
    assert len(kept.retries) == 6
    assert not kept.memory.get("in_doubt")
    assert discard(credentials, SETTINGS, kept.memory) == f"{ADDRESS} is unchanged."
    assert {upload.state for upload in service.uploads.values()} == {"cancelled"}
    assert service.object(NAME) is None


def test_a_server_that_takes_bytes_and_keeps_none_costs_the_budget(
    service: StandIn, credentials: Any
) -> None:
    service.faults = [Fault("PUT .* bytes 262144-", 99, keep=0)]
    kept = Kept()
    with pytest.raises(TemporaryError, match="Google kept none of the bytes"):
        carry_out(credentials, SETTINGS, ROWS, kept)
    assert len(kept.retries) == 6


@pytest.mark.parametrize(("status", "message"), [
    (302, "answers with a redirect, which is not followed"), (418, "Google refused to write"),
])  # fmt: skip
def test_other_answers_are_told_in_google_s_words(
    service: StandIn, credentials: Any, status: int, message: str
) -> None:
    service.faults = [Fault("POST /upload", status=status, headers={"Location": "http://127.0.0.1:9/"})]
    with pytest.raises(RefusedError, match=message) as caught:
        carry_out(credentials, SETTINGS, make_rows(2))
    assert str(status) in caught.value.response


def test_an_upload_that_would_leave_https_is_not_begun(service: StandIn, credentials: Any) -> None:
    elsewhere = {"Location": "http://storage.example/upload?upload_id=1"}
    service.faults = [Fault("POST /upload", status=200, headers=elsewhere)]
    with pytest.raises(CredentialsError, match=r"storage\.example is not reached over HTTPS"):
        carry_out(credentials, SETTINGS, make_rows(2))


def test_neither_a_proxy_nor_a_netrc_of_the_machine_is_used(
    service: StandIn, credentials: Any, file: bytes, monkeypatch: Any, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)


def test_a_server_that_is_none_of_google_s_is_named(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("GET .*testPermissions", status=200)]
    service.faults[0].body = b"<html>Hello</html>"
    with pytest.raises(RefusedError, match="does not answer like Google Cloud Storage"):
        carry_out(credentials, SETTINGS, make_rows(2))


# --- the upload's own ends ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["expired", "cancelled"])
def test_an_upload_that_is_lost_is_begun_again(
    service: StandIn, credentials: Any, file: bytes, state: str
) -> None:
    service.faults = [Fault("PUT .* bytes 524288-", session=state)]
    kept = carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)
    assert kept.delivered == ROWS.total
    assert ("warn", "The upload session expired. The upload begins again") in kept.logs


def test_an_upload_that_is_lost_again_and_again_is_given_up(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("PUT .* bytes", 99, session="expired")]
    with pytest.raises(RefusedError, match="Google lost the upload 4 times"):
        carry_out(credentials, SETTINGS, ROWS)
    assert len(service.uploads) == 4


def test_an_upload_that_was_finished_before_it_was_lost_is_not_made_twice(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    service.faults = [
        Fault("PUT .* bytes 524288-", cut="after"),
        Fault(r"PUT .* bytes \*", then=lambda service: service.uploads.clear()),
    ]
    carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)


def test_an_object_that_changed_meanwhile_is_left_alone(service: StandIn, credentials: Any) -> None:
    def theirs(service: StandIn) -> None:
        service.put_object(NAME, b"theirs")

    service.faults = [Fault("PUT .* bytes 524288-", then=theirs)]
    kept = Kept()
    with pytest.raises(RefusedError, match=r"^The object changed during export\.") as caught:
        carry_out(credentials, SETTINGS, ROWS, kept)
    assert "Run the export again" in caught.value.action
    assert service.object(NAME) == b"theirs"
    assert not kept.memory["in_doubt"]


def test_a_bit_that_turned_on_the_way_is_refused_by_google_and_sent_again(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    service.faults = [Fault("PUT .* bytes 262144-", flip=True)]
    kept = carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file)
    assert any("arrived damaged" in message for _, message in kept.logs)


def test_bits_that_keep_turning_end_the_run(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("PUT .* bytes 262144-", 99, flip=True)]
    kept = Kept()
    with pytest.raises(RefusedError, match="arrived at Google twice with other bytes"):
        carry_out(credentials, SETTINGS, ROWS, kept)
    assert service.object(NAME) is None
    assert discard(credentials, SETTINGS, kept.memory) == f"{ADDRESS} is unchanged."


def test_an_object_that_differs_afterwards_is_replaced_once(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    service.damage = 1
    carry_out(credentials, SETTINGS, ROWS)
    arrived(service, file, times=2)


def test_an_object_that_differs_twice_is_named_as_damaged(service: StandIn, credentials: Any) -> None:
    service.damage, kept = 99, Kept()
    with pytest.raises(RefusedError, match=r"has \d+,\d+ bytes and CRC32C \S+; the file has"):
        carry_out(credentials, SETTINGS, ROWS, kept)
    assert discard(credentials, SETTINGS, kept.memory) == f"{ADDRESS} is damaged."


# --- death and kill -----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, b"old"], ids=["new", "replaced"])
def test_a_worker_killed_at_any_point_loses_nothing_and_doubles_nothing(
    service: StandIn, credentials: Any, file: bytes, before: bytes | None
) -> None:
    died = 0
    for point in range(1, 400):
        service.buckets[BUCKET].clear()
        service.written.clear()
        if before:
            service.put_object(NAME, before)
        kept = Kept()
        run = partial(carry_out, credentials, SETTINGS, ROWS, kept, chunks=lambda: iter(CHUNKS))
        try:
            run(die_at=point)
        except Dead:
            died += 1
            assert service.object(NAME) in (before, file), point
            try:
                run(die_at=point % 7 + 1)
            except Dead:
                run()
        arrived(service, file)
        assert kept.delivered == ROWS.total, point
        shutil.rmtree(kept.spool)
        if died < point:
            break
    assert died > 15
    assert died == point - 1


@pytest.mark.parametrize("fault", [
    Fault("PUT .* bytes 0-", cut="after", keep=UNIT),
    Fault("PUT .* bytes 524288-", cut="after"),
    Fault("PUT .* bytes 524288-", session="expired"),
    Fault("PUT .* bytes 262144-", flip=True),
], ids=["middle of a fragment", "final answer lost", "expired", "damaged"])  # fmt: skip
def test_a_worker_killed_around_a_failure_loses_nothing_and_doubles_nothing(
    service: StandIn, credentials: Any, file: bytes, fault: Fault, monkeypatch: Any
) -> None:
    if fault.keep >= 0:
        monkeypatch.setattr(run_module, "FRAGMENT", 2 * UNIT)
    died = 0
    for point in range(1, 400):
        service.buckets[BUCKET].clear()
        service.written.clear()
        service.faults = [dataclasses.replace(fault)]
        kept = Kept()
        run = partial(carry_out, credentials, SETTINGS, ROWS, kept, chunks=lambda: iter(CHUNKS))
        try:
            run(die_at=point)
        except Dead:
            died += 1
            run()
        arrived(service, file)
        assert kept.delivered == ROWS.total, point
        shutil.rmtree(kept.spool)
        if died < point:
            break
    assert died == point - 1


def test_it_goes_on_from_google_s_offset_after_a_death(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    kept = Kept()
    service.faults = [Fault("PUT .* bytes 524288-", 99, cut="before")]
    with pytest.raises(TemporaryError):
        carry_out(credentials, SETTINGS, ROWS, kept)
    service.faults, service.requests, kept.retries = [], [], []
    carry_out(credentials, SETTINGS, ROWS, kept)
    arrived(service, file)
    assert [request.rpartition("bytes ")[2] for request in service.requests if "bytes" in request] == [
        "*/*", f"524288-{len(file) - 1}/{len(file)}",
    ]  # fmt: skip
    assert len(service.uploads) == 1


def test_a_last_part_without_an_answer_is_in_doubt_and_is_continued(
    service: StandIn, credentials: Any, file: bytes
) -> None:
    service.faults = [
        Fault("PUT .* bytes 524288-", cut="after"),
        Fault(r"PUT .* bytes \*", 99, status=503),
    ]
    kept = Kept()
    with pytest.raises(TemporaryError):
        carry_out(credentials, SETTINGS, ROWS, kept)
    assert f"{ADDRESS} may hold the whole result, or what was there before" in kept.memory["in_doubt"]
    service.faults = []
    kept.retries.clear()
    carry_out(credentials, SETTINGS, ROWS, kept)
    arrived(service, file)
    assert kept.memory["in_doubt"] == ""


def test_a_kill_is_heeded_between_two_pieces(service: StandIn, credentials: Any) -> None:
    kept = Kept()

    def half_way() -> bool:
        return any("bytes 262144-" in request for request in service.requests)

    service.put_object(NAME, b"old")
    with pytest.raises(Stopped):
        carry_out(credentials, SETTINGS, ROWS, kept, stop_when=half_way)
    assert discard(credentials, SETTINGS, kept.memory) == f"{ADDRESS} is unchanged."
    assert {upload.state for upload in service.uploads.values()} == {"cancelled"}
    assert service.object(NAME) == b"old"
    assert discard(credentials, SETTINGS, kept.memory) == f"{ADDRESS} is unchanged."


def test_the_clean_up_says_what_is_there_and_where_it_fails(service: StandIn, credentials: Any) -> None:
    kept = Kept()
    assert discard(credentials, SETTINGS, {"generation": 0}) == f"{ADDRESS} is unchanged."
    carry_out(credentials, SETTINGS, ROWS, kept)
    assert discard(credentials, SETTINGS, kept.memory) == f"{ADDRESS} holds the whole result."
    unsettled = {**kept.memory, "phase": ""}
    assert discard(credentials, SETTINGS, unsettled) == f"{ADDRESS} holds the whole result."
    service.faults = [Fault("PUT", 9, status=503)]
    sentence = discard(credentials, SETTINGS, unsettled)
    assert sentence.startswith(f"{ADDRESS} is unchanged. The upload could not be cancelled (")
    assert sentence.endswith("Google forgets it within a week.")


# --- the spool ----------------------------------------------------------------------------------------


def other_bytes() -> Any:
    """An encoder like PGP: never the same bytes twice."""
    number = iter(range(100))

    def chunks() -> Any:
        mark = f"{next(number):02}".encode()
        for chunk in CHUNKS:
            yield dataclasses.replace(chunk, data=mark + chunk.data)

    return chunks


@pytest.mark.parametrize("lose", [True, False], ids=["lost", "kept"])
def test_a_file_that_never_comes_out_the_same_is_resumed_or_begun_again(
    service: StandIn, credentials: Any, file: bytes, lose: bool
) -> None:
    died = 0
    for point in range(1, 400):
        service.buckets[BUCKET].clear()
        service.written.clear()
        chunks, kept = other_bytes(), Kept()
        try:
            deliver(credentials, SETTINGS, chunks, ROWS.columns, MemoryLedger(kept, ROWS.total, die_at=point))
        except Dead:
            died += 1
            if lose:
                shutil.rmtree(kept.spool)
                kept.spool.mkdir()
            deliver(credentials, SETTINGS, chunks, ROWS.columns, MemoryLedger(kept, ROWS.total))
        found = service.object(NAME)
        assert found is not None
        assert found[2:] == file, point
        assert len(service.written) == 1, point
        assert kept.delivered == ROWS.total, point
        shutil.rmtree(kept.spool)
        if died < point:
            break
    assert died == point - 1


# --- secrets ------------------------------------------------------------------------------------------


def test_the_upload_s_address_is_sealed_and_kept_out_of_logs(
    service: StandIn, credentials: Any, settings: Settings
) -> None:
    kept = Kept()
    service.faults = [Fault("PUT .* bytes 262144-", 99, status=503)]
    with pytest.raises(TemporaryError):
        carry_out(credentials, SETTINGS, ROWS, kept)
    address, key = opened(kept.memory), next(iter(service.uploads))
    assert key in address
    told = str(kept.memory) + str(kept.logs) + str(kept.retries)
    assert key not in told
    assert "PRIVATE KEY" not in told
    assert redaction.redact(f"PUT {address}") == "PUT [secret]"
