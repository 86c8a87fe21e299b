"""What arrives, whatever fails on the way; and what a run says of it."""

from collections import Counter
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations.connectors.clevertap import CONNECTOR, operations, sending
from integrations.errors import CredentialsError, RefusedError, SettingsError, Stopped, TemporaryError
from integrations.rows import RowStream
from tests.integrations.clevertap.conftest import carry_out, make_settings, people, table
from tests.integrations.ledger import Dead, Kept
from tests.loopback import free_port
from tests.standins.clevertap import Fault, StandIn

EVENTS: dict[str, Any] = {"target": "user_events"}
LIST: dict[str, Any] = {"target": "custom_list", "list_name": "Gold", "list_email": "admin@example.com"}
UPLOAD = "POST /1/upload"


def views(count: int) -> RowStream:
    """`count` events, each of a user of its own."""
    return table(
        {"identity": [f"u{n}" for n in range(1, count + 1)], "evtName": ["Viewed"] * count}, batch=700
    )


def members(count: int) -> RowStream:
    return table({"type": ["i"] * count, "identity": [f"u{n}" for n in range(1, count + 1)]}, batch=700)


def seen(service: StandIn) -> Counter[str]:
    """How often each user's event arrived."""
    return Counter(event["identity"] for event in service.events)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "GRACE", 2.0)


# What CleverTap says of single records ----------------------------------------------------------


def some_wrong(count: int = 3_000) -> RowStream:
    emails = ["ann@example.com"] * count
    emails[6] = emails[1_203] = "no address"
    return people(count, Email=emails)


def test_rows_that_clevertap_refuses_are_listed_with_its_reason(service: StandIn, credentials: Any) -> None:
    kept = carry_out(credentials, make_settings(skip_invalid=True), some_wrong())
    assert len(service.profiles) == kept.delivered == 2_998
    assert [(r.row, r.column, r.value, r.reason, r.code) for r in kept.rejected_rows] == [
        (7, "Email", "no address", "Email is not valid.", "515"),
        (1_204, "Email", "no address", "Email is not valid.", "515"),
    ]
    assert ("warn", "Rejected 2 rows: 2 × Email is not valid. (515)") in kept.logs
    assert not any("no address" in message for _, message in kept.logs)


def test_the_first_refused_row_stops_a_run_that_does_not_skip(service: StandIn, credentials: Any) -> None:
    kept = Kept()
    with pytest.raises(RefusedError) as caught:
        carry_out(credentials, make_settings(thread_count=1), some_wrong(20_000), kept)
    words = f"Stopped at row 7: Email is not valid. {kept.delivered:,} records had already been accepted."
    assert str(caught.value) == words
    assert len(service.profiles) == kept.delivered < 20_000
    assert kept.intents.keys() == kept.receipts.keys(), "what was not sent is not meant to be there"


def test_local_and_remote_faults_of_one_request_keep_their_rows(service: StandIn, credentials: Any) -> None:
    emails = ["a@b.co", "x" * 513, "nothing", "a@b.co"]
    kept = carry_out(credentials, make_settings(skip_invalid=True), people(4, Email=emails))
    assert [(row.row, row.reason) for row in kept.rejected_rows] == [
        (2, "Longer than 512 characters."),
        (3, "Email is not valid."),
    ]
    assert sorted(service.profiles) == ["u1", "u4"]


def test_a_request_of_nothing_but_refused_rows_is_no_error(service: StandIn, credentials: Any) -> None:
    kept = carry_out(credentials, make_settings(skip_invalid=True), people(2, Gender=["x", "y"]))
    assert (kept.delivered, len(kept.rejected_rows), service.profiles) == (0, 2, {})


@pytest.mark.parametrize(("columns", "code", "column"), [
    ({"Gender": ["X"]}, "514", "Gender"), ({"Email": ["x"]}, "515", "Email"), ({"Phone": ["x"]}, "516", "Phone"),
    ({"Employed": ["x"]}, "517", "Employed"), ({"Education": ["x"]}, "518", "Education"),
    ({"Married": ["x"]}, "519", "Married"), ({"Age": ["x"]}, "520", "Age"),
], ids=lambda each: str(each))  # fmt: skip
def test_the_column_of_a_code_is_named(
    service: StandIn, credentials: Any, columns: Any, code: str, column: str
) -> None:
    kept = carry_out(credentials, make_settings(skip_invalid=True), people(1, **columns))
    [row] = kept.rejected_rows
    assert (row.code, row.column, row.value) == (
        code,
        column,
        columns[column][0],
    )


def test_events_are_refused_by_name(service: StandIn, credentials: Any) -> None:
    service.discarded_events = {"Old"}
    rows = table({"identity": list("abc"), "evtName": ["Viewed", "Old", "App Launched"]})
    kept = carry_out(credentials, make_settings(**EVENTS, skip_invalid=True), rows)
    assert [(row.row, row.code, row.value) for row in kept.rejected_rows] == [
        (2, "528", "Old"),
        (3, "513", "App Launched"),
    ]


def test_a_miscellaneous_error_of_a_record_is_tried_once_more(service: StandIn, credentials: Any) -> None:
    entry = {"status": "fail", "code": 555, "error": "Try again.Skipped record number : 2", "record": {}}
    answer = {"status": "partial", "processed": 2, "unprocessed": [entry]}
    service.faults = [Fault(UPLOAD, status=200, body=answer)]
    kept = carry_out(credentials, make_settings(skip_invalid=True), people(3))
    assert (kept.delivered, list(service.profiles)) == (3, ["u2"])
    service.faults = [
        Fault(
            UPLOAD,
            2,
            status=200,
            body=answer | {"unprocessed": [entry | {"error": "Try again.Skipped record number : 1"}]},
        )
    ]
    service.faults[0].body = {
        "status": "fail",
        "processed": 0,
        "unprocessed": [entry | {"error": "Try again.Skipped record number : 1"}],
    }
    again = carry_out(credentials, make_settings(skip_invalid=True), people(1))
    assert [(row.row, row.code) for row in again.rejected_rows] == [(1, "555")]


def test_an_answer_that_does_not_account_for_every_record_is_not_trusted(
    service: StandIn, credentials: Any
) -> None:
    service.faults = [
        Fault(UPLOAD, 9, status=200, body={"status": "success", "processed": 2, "unprocessed": []})
    ]
    with pytest.raises(TemporaryError, match="accounts for 2 of 3 records"):
        carry_out(credentials, make_settings(), people(3))


def test_events_whose_answer_makes_no_sense_are_in_doubt(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault(UPLOAD, status=200, text="<html>a proxy</html>", after=1)]
    kept = carry_out(credentials, make_settings(**EVENTS, thread_count=1), views(3_000))
    assert (kept.delivered, kept.in_doubt) == (2_000, 1_000)


def test_an_answer_of_success_alone_is_enough(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("POST /1/demerge", status=200, body={"status": "success"})]
    kept = carry_out(credentials, make_settings(operation="demerge"), table({"identity": ["a", "b"]}))
    assert kept.delivered == 2


# Failures of requests --------------------------------------------------------------------------

PASSING = [
    Fault(UPLOAD, 3, status=429), Fault(UPLOAD, 2, status=500), Fault(UPLOAD, 2, status=502),
    Fault(UPLOAD, 2, status=503), Fault(UPLOAD, 2, status=504), Fault(UPLOAD, 2, cut="before"),
    Fault(UPLOAD, 2, cut="after"),
]  # fmt: skip


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: f"{fault.cut or fault.status}")
def test_a_passing_failure_changes_nothing_about_profiles(
    service: StandIn, credentials: Any, fault: Fault
) -> None:
    service.faults = [Fault(**{**vars(fault), "after": 3})]
    kept = carry_out(credentials, make_settings(thread_count=3), people(12_000))
    assert (len(service.profiles), kept.delivered) == (12_000, 12_000)
    assert kept.retries
    assert service.most_at_once["/1/upload"] <= 3


@pytest.mark.parametrize("status", [429, 503])
def test_events_are_sent_again_only_where_they_certainly_were_not_processed(
    service: StandIn, credentials: Any, status: int
) -> None:
    service.faults = [Fault(UPLOAD, 2, status=status, after=1)]
    kept = carry_out(credentials, make_settings(**EVENTS), views(5_000))
    assert set(seen(service).values()) == {1}
    assert (len(service.events), kept.delivered, kept.in_doubt) == (5_000, 5_000, 0)


@pytest.mark.parametrize("fault", [
    Fault(UPLOAD, status=500), Fault(UPLOAD, status=502), Fault(UPLOAD, status=504), Fault(UPLOAD, cut="before"),
    Fault(UPLOAD, cut="after"),
], ids=lambda fault: f"{fault.cut or fault.status}")  # fmt: skip
def test_events_without_an_answer_are_in_doubt_and_are_not_sent_again(
    service: StandIn, credentials: Any, fault: Fault
) -> None:
    service.faults = [Fault(**{**vars(fault), "after": 1})]
    kept = carry_out(credentials, make_settings(**EVENTS, thread_count=1), views(5_000))
    assert (kept.delivered, kept.in_doubt) == (4_000, 1_000)
    assert max(seen(service).values()) == 1
    assert len(service.events) == (5_000 if fault.cut == "after" else 4_000)
    assert any("Rows 1,001 to 2,000 are in doubt" in message for _, message in kept.logs)
    assert "Running this export again sends only the other events" in kept.memory["in_doubt"]


def test_many_requests_without_an_answer_end_the_run(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault(UPLOAD, 99, cut="before")]
    kept = Kept()
    with pytest.raises(RefusedError, match="10 requests got no answer, so nothing more was sent"):
        carry_out(credentials, make_settings(**EVENTS, thread_count=1), views(20_000), kept)
    assert (kept.in_doubt, kept.delivered) == (10_000, 0)
    assert kept.intents.keys() == kept.receipts.keys()


def test_each_429_takes_one_request_out_of_flight(service: StandIn, credentials: Any) -> None:
    service.latency = 0.01
    service.faults = [Fault(UPLOAD, 1, status=429)]
    kept = carry_out(credentials, make_settings(thread_count=3), people(6_000))
    assert ("warn", "CleverTap is busy: from now on at most 2 requests at a time") in kept.logs
    assert kept.delivered == 6_000


def test_a_connection_that_never_came_about_is_tried_again_and_given_up(
    credentials: Any, settings: Settings
) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.CLEVERTAP_URL = f"http://127.0.0.1:{free_port()}"
    kept = Kept()
    with pytest.raises(TemporaryError, match="refused the connection"):
        carry_out(credentials, make_settings(**EVENTS), views(10), kept)
    assert len(kept.retries) == 6
    assert kept.intents == {}, "nothing of it can have arrived"


def test_a_request_that_is_too_large_is_halved(service: StandIn, credentials: Any) -> None:
    service.most_bytes = 30_000
    emails = ["a@b.co"] * 1_000
    emails[998] = "wrong"
    kept = carry_out(credentials, make_settings(skip_invalid=True), people(1_000, Email=emails))
    assert (len(service.profiles), kept.delivered) == (999, 999)
    assert [(row.row, row.value) for row in kept.rejected_rows] == [(999, "wrong")]


def test_a_record_that_is_too_large_by_itself_is_rejected(service: StandIn, credentials: Any) -> None:
    service.most_bytes = 300
    kept = carry_out(credentials, make_settings(skip_invalid=True), people(3, Bio=["x", "y" * 400, "z"]))
    assert [(row.row, row.reason) for row in kept.rejected_rows] == [
        (2, "CleverTap takes no record of this size.")
    ]
    assert sorted(service.profiles) == ["u1", "u3"]


def test_half_of_a_request_of_events_that_was_too_large_is_not_sent_twice(
    service: StandIn, credentials: Any
) -> None:
    service.most_bytes = 60_000
    service.faults = [Fault(UPLOAD, status=503, after=2)]
    kept = carry_out(credentials, make_settings(**EVENTS, thread_count=1), views(1_000))
    assert max(seen(service).values()) == 1
    assert (kept.in_doubt, kept.delivered) == (1_000, 0)


SENTENCES = {
    "400": (Fault(UPLOAD, status=400, body={"status": "fail", "error": "Malformed request"}), RefusedError,
            "CleverTap refused the request: Malformed request."),
    "401": (Fault(UPLOAD, status=401), CredentialsError,
            "CleverTap rejected the Account ID or Passcode, or the Region is wrong."),
    "403": (Fault(UPLOAD, status=403), RefusedError, "This CleverTap account does not allow this operation."),
    "404": (Fault(UPLOAD, status=404), CredentialsError,
            "CleverTap rejected the Account ID or Passcode, or the Region is wrong."),
    "405": (Fault(UPLOAD, status=405), CredentialsError,
            "CleverTap rejected the Account ID or Passcode, or the Region is wrong."),
    "302": (Fault(UPLOAD, status=302), CredentialsError,
            "in1.api.clevertap.com answers with a redirect, which is not followed."),
    "fail": (Fault(UPLOAD, status=200, body={"status": "fail", "error": "No such account"}), RefusedError,
             "CleverTap refused the request: No such account."),
    "429": (Fault(UPLOAD, 99, status=429), TemporaryError,
            "in1.api.clevertap.com has too many requests of this account at once (429)."),
    "500": (Fault(UPLOAD, 99, status=500), TemporaryError,
            "in1.api.clevertap.com answered with an error of its own (500)."),
    "503": (Fault(UPLOAD, 99, status=503), TemporaryError, "in1.api.clevertap.com is not available (503)."),
    "cut": (Fault(UPLOAD, 99, cut="before"), TemporaryError,
            "in1.api.clevertap.com closed the connection before an answer came."),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "kind", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_each_failure_has_its_sentence(
    service: StandIn, credentials: Any, fault: Fault, kind: type[Exception], sentence: str
) -> None:
    service.faults = [Fault(**vars(fault))]
    kept = Kept()
    with pytest.raises(kind) as caught:
        carry_out(credentials, make_settings(), people(3), kept)
    assert type(caught.value) is kind or kind is TemporaryError
    assert str(caught.value) == sentence
    assert (
        "AAA-BBB" not in f"{caught.value} {getattr(caught.value, 'response', '')} {kept.logs} {kept.retries}"
    )


def test_a_fatal_answer_lets_those_in_flight_finish(service: StandIn, credentials: Any) -> None:
    service.latency = 0.02
    service.faults = [Fault(UPLOAD, status=403, after=4)]
    kept = Kept()
    with pytest.raises(RefusedError, match="does not allow"):
        carry_out(credentials, make_settings(**EVENTS, thread_count=4), views(50_000), kept)
    assert kept.delivered == len(service.events) < 50_000
    assert kept.in_doubt == 0
    assert kept.intents.keys() == kept.receipts.keys()


def test_the_passcode_of_another_account_is_not_let_in(service: StandIn, credentials: Any) -> None:
    with pytest.raises(CredentialsError, match="or the Region is wrong"):
        carry_out({**credentials, "region": "us1"}, make_settings(), people(3))


# Kills -----------------------------------------------------------------------------------------


def test_a_kill_is_heeded_and_what_was_answered_is_known(service: StandIn, credentials: Any) -> None:
    service.latency = 0.02
    kept = Kept()
    with pytest.raises(Stopped):
        carry_out(
            credentials,
            make_settings(**EVENTS),
            views(60_000),
            kept,
            stop_when=lambda: len(service.events) > 5_000,
        )
    assert kept.delivered == len(service.events) < 60_000
    assert kept.in_doubt == 0
    assert CONNECTOR.discard(credentials, make_settings(**EVENTS), kept.memory) == (
        "What CleverTap had accepted by then stays there."
    )


def test_a_kill_does_not_wait_for_an_answer_that_does_not_come(
    service: StandIn, credentials: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "GRACE", 0.05)
    service.faults = [Fault(UPLOAD, delay=3, after=1)]
    kept = Kept()
    with pytest.raises(Stopped):
        carry_out(
            credentials, make_settings(**EVENTS, thread_count=1), views(3_000), kept,
            stop_when=lambda: len(service.requests) > 1,
        )  # fmt: skip
    assert (kept.delivered, kept.in_doubt) == (1_000, 1_000)


def kill_everywhere(
    service: StandIn, credentials: Any, chosen: dict[str, Any], rows: RowStream, check: Any
) -> None:
    """Dies at the first step, begins again, dies at another; then at the second step, and so on to the last."""
    died = 0
    for point in range(1, 400):
        service.reset()
        kept = Kept()
        try:
            carry_out(credentials, make_settings(**chosen), rows, kept, die_at=point)
        except Dead:
            died += 1
            try:
                carry_out(credentials, make_settings(**chosen), rows, kept, die_at=point % 7 + 1)
            except Dead:
                carry_out(credentials, make_settings(**chosen), rows, kept)
        check(kept, point)
        if died < point:
            break
    assert died > 8
    assert died == point - 1


@pytest.fixture
def small_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two records to a request."""
    small = {key: type(each)(**{**vars(each), "records": 2}) for key, each in operations._KNOWN.items()}
    small["custom_list"] = operations.LIST
    monkeypatch.setattr(operations, "_KNOWN", small)


@pytest.mark.usefixtures("small_requests")
def test_a_worker_killed_at_any_point_loses_no_profile(service: StandIn, credentials: Any) -> None:
    def check(kept: Kept, point: int) -> None:
        assert len(service.profiles) == kept.delivered == 9, point
        assert [row.row for row in kept.rejected_rows] == [4], point

    emails = ["a@b.co"] * 3 + ["wrong"] + ["a@b.co"] * 6
    kill_everywhere(
        service, credentials, {"skip_invalid": True, "thread_count": 2}, people(10, Email=emails), check
    )


@pytest.mark.usefixtures("small_requests")
def test_a_worker_killed_at_any_point_doubles_no_event_and_says_which_are_in_doubt(
    service: StandIn, credentials: Any
) -> None:
    doubtful = 0

    def check(kept: Kept, point: int) -> None:
        nonlocal doubtful
        doubtful += kept.in_doubt
        assert max(seen(service).values()) == 1, point
        assert kept.delivered + kept.in_doubt == 10, point
        assert kept.delivered <= len(service.events) <= 10, point
        assert bool(kept.memory["in_doubt"]) == bool(kept.in_doubt), point

    kill_everywhere(service, credentials, {**EVENTS, "thread_count": 1}, views(10), check)
    assert doubtful > 0


def test_a_worker_killed_at_any_point_updates_the_list(service: StandIn, credentials: Any) -> None:
    service.lists_before = {"Gold": {("i", "old")}}

    def check(kept: Kept, point: int) -> None:
        assert service.lists.segments == {"Gold": {("i", f"u{n}") for n in range(1, 6)}}, point
        assert kept.delivered == 5, point

    kill_everywhere(service, credentials, {**LIST, "segment_mode": "update"}, members(5), check)


def test_a_worker_killed_at_any_point_makes_one_list_or_says_that_it_may_have(
    service: StandIn, credentials: Any
) -> None:
    doubtful = 0
    for point in range(1, 60):
        service.reset()
        kept = Kept()
        try:
            carry_out(credentials, make_settings(**LIST), members(5), kept, die_at=point)
        except Dead:
            try:
                carry_out(credentials, make_settings(**LIST), members(5), kept)
            except RefusedError:
                doubtful += 1
        assert ("got no answer" in kept.memory["in_doubt"]) == (kept.delivered == 0), point
        assert service.lists.segments == {"Gold": {("i", f"u{n}") for n in range(1, 6)}}, point
        assert len(service.lists.completed) == 1, point
        assert kept.delivered == (0 if kept.memory["in_doubt"] else 5), point
    assert 1 <= doubtful <= 3


# Lists -----------------------------------------------------------------------------------------


def test_a_name_that_is_taken_is_for_the_user_to_change(service: StandIn, credentials: Any) -> None:
    service.lists.segments["Gold"] = set()
    kept = Kept()
    with pytest.raises(SettingsError) as caught:
        carry_out(credentials, make_settings(**LIST), members(2), kept)
    assert str(caught.value) == "A segment named Gold already exists. Choose Update Existing Segment."
    assert caught.value.field == "segment_mode"
    assert kept.memory["in_doubt"] == ""


def test_a_segment_that_is_to_be_updated_has_to_exist(service: StandIn, credentials: Any) -> None:
    with pytest.raises(RefusedError, match="CleverTap refused the request: segment_not_found"):
        carry_out(credentials, make_settings(**LIST, segment_mode="update"), members(2))


def test_an_answer_lost_at_the_end_leaves_the_list_in_doubt(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("POST /upload_custom_list", cut="after")]
    kept = Kept()
    with pytest.raises(
        RefusedError, match=r"A segment named Gold exists\. It may be this export's own: an answer was lost"
    ):
        carry_out(credentials, make_settings(**LIST), members(2), kept)
    assert "got no answer" in kept.memory["in_doubt"]
    assert kept.delivered == 0


def test_an_expired_address_is_asked_for_once_more(service: StandIn, credentials: Any) -> None:
    service.lists.seconds = -1
    with pytest.raises(Exception, match="The upload address of the list has expired"):
        carry_out(credentials, make_settings(**LIST), members(2))
    assert service.requests.count("POST /get_custom_list_segment_url") == 2


def test_an_address_that_expires_once_is_no_failure(service: StandIn, credentials: Any) -> None:
    service.faults = [
        Fault("PUT /segments", status=403, text="<Error><Message>Request has expired</Message></Error>")
    ]
    kept = carry_out(credentials, make_settings(**LIST), members(2))
    assert kept.delivered == 2
    assert len(service.lists.uploads) == 2


@pytest.mark.parametrize(("fault", "sentence"), [
    (Fault("PUT /segments", status=400, text="<Error><Code>EntityTooLarge</Code></Error>"), "The list exceeds 5 GB."),
    (Fault("PUT /segments", status=403, text="<Error/>"), "The upload of the list was refused (403)."),
    (Fault("PUT /segments", 99, status=503, text="<Error/>"), "The upload of the list was not taken (503)."),
])  # fmt: skip
def test_what_the_bucket_says_has_its_sentence(
    service: StandIn, credentials: Any, fault: Fault, sentence: str
) -> None:
    service.faults = [Fault(**vars(fault))]
    kept = Kept()
    with pytest.raises(Exception) as caught:
        carry_out(credentials, make_settings(**LIST), members(2), kept)
    assert str(caught.value) == sentence
    assert CONNECTOR.discard(credentials, make_settings(**LIST), kept.memory) == "Nothing reached CleverTap."


def test_a_list_of_more_than_5_gb_is_not_uploaded(
    service: StandIn, credentials: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.connectors.clevertap.custom_list.LARGEST", 20)
    with pytest.raises(RefusedError, match="The list exceeds 5 GB"):
        carry_out(credentials, make_settings(**LIST), members(9))
    assert service.requests == []


def test_a_list_that_was_uploaded_and_not_reported_says_so(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("POST /upload_custom_list", status=400, body={"error": "email has no access"})]
    kept = Kept()
    with pytest.raises(RefusedError, match="email has no access"):
        carry_out(credentials, make_settings(**LIST), members(2), kept)
    assert CONNECTOR.discard(credentials, make_settings(**LIST), kept.memory) == (
        "The CSV was uploaded, but no segment was made of it; CleverTap discards it."
    )
