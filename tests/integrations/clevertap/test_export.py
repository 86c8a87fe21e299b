"""The settings, and the requests as they are shown before anything leaves."""

import importlib
import json
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations.connector import RequestsPreview
from integrations.connectors.clevertap import CONNECTOR
from integrations.connectors.clevertap.export import ExportForm
from integrations.connectors.clevertap.showing import pretty
from integrations.errors import SettingsError
from integrations.rows import RowStream
from tests.integrations.clevertap.conftest import TIME, make_settings, people, table

LIST = {"target": "custom_list", "list_name": "Gold", "list_email": "admin@example.com"}


@pytest.fixture(autouse=True)
def no_other_address(settings: Settings) -> None:
    settings.CLEVERTAP_URL = ""


def shown(settings: dict[str, Any], rows: RowStream) -> RequestsPreview:
    keys = {"account_id": "948-4KK-444Z", "passcode": "AAA-BBB-CCCC", "region": "in1"}
    found = CONNECTOR.preview(keys, make_settings(**settings), rows, TIME)
    assert isinstance(found, RequestsPreview)
    return found


def test_the_labels_are_the_documents() -> None:
    labels = {name: str(field.label) for name, field in ExportForm.base_fields.items()}
    assert labels == {
        "target": "Target Data Entity", "operation": "User Profiles Operation",
        "array_operation": "Array Property Operation", "list_name": "Name for Custom List Upload",
        "list_email": "Custom List Upload User Email", "segment_mode": "Segment Operation Mode",
        "thread_count": "Thread Count Number", "skip_invalid": "Skip on Invalid Record",
        "retry_count": "Max Retries", "retry_initial_wait_millis": "Initial Retry Time Wait In Millies",
        "max_retry_wait_millis": "Max Retry Wait In Millies",
    }  # fmt: skip
    choices = {name: [label for _, label in ExportForm.base_fields[name].choices] for name in (  # type: ignore[attr-defined]
        "target", "operation", "array_operation", "segment_mode")}  # fmt: skip
    assert choices == {
        "target": ["User Profiles", "User Events", "User Audiences - Custom List"],
        "operation": ["Upload User Profiles", "Upload Device Tokens", "Demerge User Profile",
                      "Update Email/Phone Subscription", "Disassociate a Phone Number"],
        "array_operation": ["Replace", "Append", "Remove"],
        "segment_mode": ["Create New Segment", "Update Existing Segment"],
    }  # fmt: skip


def test_the_defaults() -> None:
    assert make_settings() == {
        "target": "user_profiles", "operation": "upload_profiles", "array_operation": "replace", "thread_count": 5,
        "skip_invalid": False, "retry_count": 10, "retry_initial_wait_millis": 1_000, "max_retry_wait_millis": 60_000,
    }  # fmt: skip


@pytest.mark.parametrize(("keys", "visible"), [
    ({}, {"operation", "array_operation", "thread_count"}),
    ({"operation": "demerge"}, {"operation", "thread_count"}),
    ({"target": "user_events"}, {"thread_count"}),
    ({"target": "user_events", "operation": "upload_profiles"}, {"thread_count"}),
    ({"target": "custom_list"}, {"list_name", "list_email", "segment_mode"}),
], ids=lambda value: str(sorted(value)))  # fmt: skip
def test_the_fields_follow_the_entity_and_the_operation(keys: dict[str, str], visible: set[str]) -> None:
    form = ExportForm.from_keys(keys)
    always = {"target", "skip_invalid", *list(ExportForm.base_fields)[:3]} - {"operation", "array_operation"}
    always |= {"retry_count", "retry_initial_wait_millis", "max_retry_wait_millis"}
    assert {name for name in form.fields if not form.is_hidden_field(name)} - always == visible


@pytest.mark.parametrize(("keys", "field", "message"), [
    ({"thread_count": 0}, "thread_count", "Enter a number from 1 to 10."),
    ({"thread_count": 11}, "thread_count", "Enter a number from 1 to 10."),
    ({"target": "custom_list", "list_email": "a@b.co"}, "list_name", "Enter the CleverTap segment name."),
    ({"target": "custom_list", "list_name": "x", "list_email": "a"}, "list_email", "Enter a valid email address."),
    ({"target": "elsewhere"}, "target", "Select a valid choice. elsewhere is not one of the available choices."),
    ({"threads": 3}, "__all__", "Unknown setting: threads."),
])  # fmt: skip
def test_an_error_stands_beside_its_field(keys: dict[str, Any], field: str, message: str) -> None:
    form = ExportForm.from_keys(keys)
    assert not form.is_valid()
    assert form.errors[field] == [message]


def test_the_job_page_is_told_where_the_rows_go() -> None:
    keys = {"account_id": "948-4KK-444Z", "passcode": "AAA-BBB-CCCC", "region": "eu1"}
    assert CONNECTOR.destination(keys, make_settings(operation="demerge", thread_count=10, skip_invalid=True)) == {
        "Account ID": "948-4KK-444Z", "Region": "Europe · api.clevertap.com", "Target Data Entity": "User Profiles",
        "User Profiles Operation": "Demerge User Profile", "Requests at once": "3", "Skip on Invalid Record": "On",
    }  # fmt: skip
    told = CONNECTOR.destination(keys, make_settings(**LIST))
    assert told["After the upload"] == "CleverTap e-mails admin@example.com when processing ends."


def test_waits_grow_to_the_longest_and_differ() -> None:
    policy = CONNECTOR.retries(
        make_settings(retry_count=3, retry_initial_wait_millis=100, max_retry_wait_millis=400)
    )
    assert policy.max_retries == 3
    waits = [[policy.wait_ms(failures) for _ in range(50)] for failures in (1, 2, 3, 9)]
    assert all(
        half <= wait <= 2 * half
        for half, each in zip((50, 100, 200, 200), waits, strict=True)
        for wait in each
    )
    assert len(set(waits[3])) > 1


# The preview -----------------------------------------------------------------------------------


def test_the_first_request_is_the_one_that_is_sent() -> None:
    rows = people(2_500)
    told = shown({}, rows)
    [request] = told.requests
    [first, *_] = CONNECTOR.encode(make_settings(), rows, TIME)
    assert (request.method, request.url) == ("POST", "https://in1.api.clevertap.com/1/upload")
    assert dict(request.headers) == {
        "Host": "in1.api.clevertap.com", "X-CleverTap-Account-Id": "948-4KK-444Z",
        "X-CleverTap-Passcode": "••••••••", "Content-Type": "application/json", "User-Agent": "Sendoff/0.1.0",
        "Content-Length": str(len(first.data)),
    }  # fmt: skip
    assert first.data.decode().startswith(request.body)
    assert (request.bytes, request.records, request.records_shown) == (len(first.data), 1_000, 10)
    assert json.loads(request.pretty)["d"] == json.loads(first.data)["d"][:10]
    assert told.follow == "2 more requests follow, at most 5 at a time."
    assert told.target == "Upload User Profiles at in1.api.clevertap.com"
    assert "AAA-BBB" not in str(told)


@pytest.mark.parametrize(("count", "words"), [
    (1, "No other request follows."), (1_001, "1 more request follows, at most 5 at a time."),
    (0, "The result has no rows: nothing is sent."),
])  # fmt: skip
def test_how_many_requests_follow(count: int, words: str) -> None:
    assert shown({}, people(1_001).first(count)).follow == words


def test_a_large_result_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("integrations.connectors.clevertap.preview")
    monkeypatch.setattr(module, "COUNTED_ROWS", 1_000)
    rows, read = people(100_000), 0

    def counting() -> Any:
        nonlocal read
        for batch in rows.open():
            read += batch.num_rows
            yield batch

    told = shown({}, RowStream(rows.columns, rows.total, counting))
    assert told.follow == "About 99 more requests follow, at most 5 at a time."
    assert read < 20_000


def test_rows_that_break_a_rule_are_named() -> None:
    names = ["a", "x" * 513, "c"]
    told = shown({}, people(3, Name=names))
    assert [(row.row, row.column) for row in told.rejected] == [(2, "Name")]
    assert told.warnings == ("1 of 3 rows breaks a rule. A run stops before anything is sent.",)
    assert shown({"skip_invalid": True}, people(3, Name=names)).warnings == (
        "1 of 3 rows breaks a rule. They will be set aside.",
    )


def test_wrong_columns_are_listed_and_done_asks() -> None:
    told = shown({"target": "user_events"}, people(3))
    assert told.problems == ("The column evtName is missing.",)
    assert told.requests == ()
    assert told.confirm == (
        "A run would stop at once: The column evtName is missing. Save these settings all the same?"
    )


def test_before_the_first_run_nothing_is_known() -> None:
    told = shown({}, RowStream((), 0, lambda: iter(())))
    assert (told.requests, told.follow, told.problems, told.confirm) == ((), "", (), "")


def test_the_three_requests_of_a_list() -> None:
    told = shown(LIST, table({"type": ["i", "g"], "identity": ["a", "b"]}))
    titles = ["1. Ask for the upload address", "2. Upload the CSV", "3. Report completion"]
    assert [request.title for request in told.requests] == titles
    assert told.requests[1].body == "Type,Identity\r\ni,a\r\ng,b\r\n"
    assert dict(told.requests[1].headers) == {"Content-Length": str(len(told.requests[1].body))}
    assert json.loads(told.requests[2].body)["replace"] is False
    assert told.follow == "Three requests, one after another, for all 2 rows."
    assert any("Create New Segment works once" in warning for warning in told.warnings)


def test_what_a_column_becomes_is_said_where_it_may_surprise() -> None:
    rows = table({"identity": ["a"], "objectid": ["b"], "email": ["a@b.co"], "Phone": ["+14155551234"]})
    assert shown({}, rows).notes == (
        "Where a row has both identity and objectId, identity is sent.",
        "email is sent as a property of your own. CleverTap's field is Email.",
        "A row without ts gets the time of the run.",
    )
    tokens = table({"objectId": ["a"], "id": ["t"], "type": ["fcm"], "name": ["x"]})
    assert shown({"operation": "upload_device_tokens"}, tokens).notes == ("Not sent: name.",)


def test_an_operators_address_is_told(settings: Settings) -> None:
    settings.CLEVERTAP_URL = "http://127.0.0.1:9500"
    assert (
        "This console sends to http://127.0.0.1:9500 instead (SENDOFF_CLEVERTAP_URL)."
        in shown({}, people(1)).notes
    )


def test_columns_problems_are_settings_errors_of_a_run() -> None:
    with pytest.raises(SettingsError, match="don't fit Demerge User Profile"):
        list(CONNECTOR.encode(make_settings(operation="demerge"), table({"a": [1]}), TIME))


def test_laying_out_keeps_every_token() -> None:
    text = '{"d":[\n{"a":1.50,"b":{},"c":[],"x":"{\\"[,"}\n]}'
    assert pretty(text) == (
        '{\n  "d": [\n    {\n      "a": 1.50,\n      "b": {},\n      "c": [],\n      "x": "{\\"[,"\n    }\n  ]\n}'
    )
