"""The bytes of a request: one record per row, exactly as CleverTap reads it."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from integrations.connectors.clevertap import CONNECTOR, encoding
from integrations.connectors.clevertap.wire.json_text import quoted
from integrations.rows import RowStream
from tests.integrations.clevertap.conftest import TIME, make_settings, people, table

EVENTS = {"target": "user_events"}
LIST = {"target": "custom_list", "list_name": "Gold", "list_email": "admin@example.com"}


def bodies(settings: dict[str, Any], rows: RowStream) -> list[bytes]:
    return [chunk.data for chunk in CONNECTOR.encode(make_settings(**settings), rows, TIME)]


def records(settings: dict[str, Any], rows: RowStream) -> list[Any]:
    return [record for body in bodies(settings, rows) for record in json.loads(body)["d"]]


def properties(
    columns: dict[str, list[Any]], types: dict[str, str] | None = None, **settings: Any
) -> list[Any]:
    count = len(next(iter(columns.values())))
    rows = table({"identity": [f"u{n}" for n in range(count)], **columns}, types)
    return [record["profileData"] for record in records(settings, rows)]


def test_the_very_bytes_of_a_request() -> None:
    rows = table({"identity": ["u1", "u2"], "Name": ["Ann", None], "Age": [30, 31], "ts": [5, None]})
    assert bodies({}, rows) == [
        b'{"d":[\n'
        b'{"identity":"u1","ts":5,"type":"profile","profileData":{"Name":"Ann","Age":30}},\n'
        b'{"identity":"u2","ts":1700000000,"type":"profile","profileData":{"Age":31}}\n'
        b"]}"
    ]


def test_null_is_left_out_wherever_it_stands() -> None:
    rows: dict[str, list[Any]] = {
        "a": [None, 1, None, None],
        "b": [1, None, None, 2],
        "c": [None, None, None, 3],
    }
    assert properties(rows) == [{"b": 1}, {"a": 1}, {}, {"b": 2, "c": 3}]
    full: dict[str, list[Any]] = {"a": [None, 1], "b": [7, 8], "c": [None, 2]}
    assert properties(full) == [{"b": 7}, {"a": 1, "b": 8, "c": 2}]
    assert properties({"a": [None, None]}, {"a": "unknown"}) == [{}, {}]


def test_every_kind_of_value_keeps_its_meaning() -> None:
    moment = datetime(2020, 8, 1, 0, 0, 0, 999_999, tzinfo=UTC).replace(tzinfo=None)
    found = properties({
        "i": [2**63 - 1], "f": [0.1], "big": [1e20], "t": [True], "s": ["x"], "e": [""],
        "d": [date(1969, 12, 31)], "m": [moment], "c": [time(10, 30)],
    })  # fmt: skip
    assert found == [{
        "i": 2**63 - 1, "f": 0.1, "big": 1e20, "t": True, "s": "x", "e": "",
        "d": "$D_-86400", "m": "$D_1596240000", "c": "10:30:00.000000",
    }]  # fmt: skip


def test_decimals_keep_every_digit() -> None:
    rows = table({"identity": ["a"], "d": [Decimal("12345678901234567890123456.50")]}, {"d": "decimal(28,2)"})
    assert b'"d":12345678901234567890123456.50' in bodies({}, rows)[0]


def test_times_with_a_zone_are_the_same_moment() -> None:
    zoned = pa.array([datetime(2020, 8, 1, tzinfo=UTC)], pa.timestamp("us", tz="Asia/Tokyo"))
    rows = table(
        {"identity": ["a"], "m": zoned, "ts": zoned}, {"m": "timestamp(3) with time zone", "ts": "timestamp"}
    )
    assert records({}, rows) == [
        {"identity": "a", "ts": 1596240000, "type": "profile", "profileData": {"m": "$D_1596240000"}}
    ]


def test_iso_8601_text_in_utc_is_a_date_and_other_text_stays() -> None:
    texts = [
        "2020-08-01T00:00:00Z",
        "2020-08-01T00:00:00.123Z",
        "2020-08-01T00:00Z",
        "2020-08-01T00:00:00",
        "2020-13-01T00:00:00Z",
        "Z",
        None,
    ]
    kept = ["$D_1596240000"] * 3 + texts[3:6]
    assert properties({"at": texts}) == [*({"at": each} for each in kept), {}]


@pytest.mark.parametrize(
    "text", ['say "hi"', "back\\slash", "two\nlines", "tab\there", "\x00\x1f", "ünïcödé 🎉 שלום", "</script>"]
)
def test_any_text_survives(text: str) -> None:
    assert properties(
        {
            "a": [text, "plain"],
            text.replace("$", "").replace('"', "").replace("<", "").replace(">", ""): ["x", text],
        }
    ) == [
        {"a": text, text.replace('"', "").replace("<", "").replace(">", ""): "x"},
        {"a": "plain", text.replace('"', "").replace("<", "").replace(">", ""): text},
    ]


def test_text_is_escaped_in_slices_of_a_larger_array() -> None:
    whole = pa.array(["plain", 'a"b', "c", None])
    assert quoted(whole.slice(1)).to_pylist() == ['"a\\"b"', '"c"', None]
    assert quoted(whole.slice(2, 1)).to_pylist() == ['"c"']


@pytest.mark.parametrize(
    ("operation", "operator"), [("replace", "$set"), ("append", "$add"), ("remove", "$remove")]
)
def test_arrays_follow_the_array_property_operation(operation: str, operator: str) -> None:
    columns: dict[str, list[Any]] = {
        "list": [["a", None, "b"]], "text": ['["a", 1, true]'], "json": ['["x"]'], "plain": ["[not json]"],
        "numbers": [[1, 2]], "scalar": ["1.50"],
    }  # fmt: skip
    types = {"json": "json", "scalar": "json", "numbers": "array(bigint)"}
    assert properties(columns, types, array_operation=operation) == [{
        "list": {operator: ["a", "b"]}, "text": {operator: ["a", "1", "true"]}, "json": {operator: ["x"]},
        "plain": "[not json]", "numbers": {operator: ["1", "2"]}, "scalar": 1.5,
    }]  # fmt: skip


def test_an_empty_array_empties_and_adds_nothing() -> None:
    columns: dict[str, list[Any]] = {"a": [[], ["x"]], "b": ["[]", "y"]}
    types = {"a": "array(varchar)"}
    assert properties(columns, types) == [
        {"a": {"$set": []}, "b": {"$set": []}},
        {"a": {"$set": ["x"]}, "b": "y"},
    ]
    assert properties(columns, types, array_operation="append") == [{}, {"a": {"$add": ["x"]}, "b": "y"}]


def test_identity_comes_first_and_object_id_where_there_is_none() -> None:
    rows = table({"OBJECTID": ["o1", "o2", None], "identity": ["u1", " ", "u3"]})
    found = [
        {key: record[key] for key in record if key in {"identity", "objectId"}}
        for record in records({}, rows)
    ]
    assert found == [{"identity": "u1"}, {"objectId": "o2"}, {"identity": "u3"}]


def test_identities_are_sent_as_text() -> None:
    assert records({}, table({"identity": [12]}))[0]["identity"] == "12"
    assert records({}, table({"objectid": [True]}))[0]["objectId"] == "true"


def test_events_with_their_data_and_time() -> None:
    rows = table({
        "evtname": ["Viewed", "Left"], "identity": ["u1", None], "objectid": [None, "o2"],
        "ts": ["2020-08-01T00:00:00Z", None],
        "Product": ["shoe", None], "Price": [9.5, None], "at": ["2020-08-01T00:00:00Z", None],
    })  # fmt: skip
    assert records(EVENTS, rows) == [
        {
            "identity": "u1", "ts": 1596240000, "type": "event", "evtName": "Viewed",
            "evtData": {"Product": "shoe", "Price": 9.5, "at": "$D_1596240000"},
        },
        {"objectId": "o2", "ts": TIME, "type": "event", "evtName": "Left", "evtData": {}},
    ]  # fmt: skip


def test_items_of_charged_events() -> None:
    rows = table({
        "identity": ["u1", "u2", "u3", "u4"], "evtName": ["Charged", "Charged", "Viewed", "Charged"],
        "Items[0].Category": ["books", "toys", None, None], "Items[0].Book name": ["The \"M\"", None, None, None],
        "items[1].Category": ["shoes", None, None, None], "Items[1].Quantity": [2, None, None, None],
        "Amount": [10, None, 5, None],
    })  # fmt: skip
    assert [record["evtData"] for record in records(EVENTS, rows)] == [
        {
            "Amount": 10,
            "Items": [{"Category": "books", "Book name": 'The "M"'}, {"Category": "shoes", "Quantity": 2}],
        },
        {"Items": [{"Category": "toys"}]},
        {"Amount": 5},
        {},
    ]
    alone = table({"identity": ["u1"], "evtName": ["Charged"], "Items[0].Category": ["books"]})
    assert records(EVENTS, alone)[0]["evtData"] == {"Items": [{"Category": "books"}]}


def test_device_tokens() -> None:
    rows = table({"objectid": ["o1"], "id": ["t1"], "TYPE": ["FCM"], "other": ["ignored"]})
    assert records({"operation": "upload_device_tokens"}, rows) == [
        {"type": "token", "objectId": "o1", "tokenData": {"id": "t1", "type": "fcm"}}
    ]


def test_demerge() -> None:
    rows = table({"identity": [1, 2], "other": ["ignored", None]})
    assert bodies({"operation": "demerge"}, rows) == [b'{"identities":[\n"1",\n"2"\n]}']


def test_subscriptions() -> None:
    rows = table(
        {
            "type": ["PHONE", "email"],
            "value": ["+14155551234", "a@b.c"],
            "status": ["UNSUBSCRIBE", "resubscribe"],
        }
    )
    assert records({"operation": "update_subscription"}, rows) == [
        {"type": "phone", "value": "+14155551234", "status": "Unsubscribe"},
        {"type": "email", "value": "a@b.c", "status": "Resubscribe"},
    ]


def test_phones() -> None:
    assert records({"operation": "disassociate_phone"}, table({"value": ["+14155551234"]})) == [
        {"type": "phone", "value": "+14155551234"}
    ]


def test_a_list_is_lines_of_csv() -> None:
    rows = table({"type": ["i", "g", "i"], "identity": ["a,b", "g1", 'say "hi"'], "other": [1, 2, 3]})
    assert bodies(LIST, rows) == [b'i,"a,b"\r\ng,g1\r\ni,"say ""hi"""\r\n']


@pytest.mark.parametrize(("settings", "columns", "limit"), [
    ({}, {"identity": "u"}, 1000),
    (EVENTS, {"identity": "u", "evtName": "V"}, 1000),
    ({"operation": "upload_device_tokens"}, {"objectId": "o", "id": "t", "type": "fcm"}, 100),
    ({"operation": "demerge"}, {"identity": "u"}, 100),
    ({"operation": "update_subscription"}, {"type": "email", "value": "a@b.c", "status": "Unsubscribe"}, 1000),
    ({"operation": "disassociate_phone"}, {"value": "+14155551234"}, 1000),
], ids=str)  # fmt: skip
def test_requests_are_filled_to_the_limit_of_their_operation(
    settings: dict[str, Any], columns: dict[str, str], limit: int
) -> None:
    rows = table({name: [value] * (2 * limit + 1) for name, value in columns.items()}, batch=333)
    chunks = list(CONNECTOR.encode(make_settings(**settings), rows, TIME))
    assert [len(chunk.numbers) for chunk in chunks] == [limit, limit, 1]
    assert [chunk.span for chunk in chunks] == [(1, limit), (limit + 1, 2 * limit), (2 * limit + 1,) * 2]


def test_rows_set_aside_leave_room_for_others() -> None:
    rows = people(2_000, Age=[1] * 2_000)
    holes = table({"identity": [None if n % 4 == 0 else f"u{n}" for n in range(1, 2_001)]}, batch=700)
    chunks = list(CONNECTOR.encode(make_settings(), holes, TIME))
    assert [len(chunk.numbers) for chunk in chunks] == [1_000, 500]
    assert sorted(row.row for chunk in chunks for row in chunk.rejected) == list(range(4, 2_001, 4))
    assert chunks[0].numbers[:4] == (1, 2, 3, 5)
    assert rows.total == 2_000


def test_a_result_of_nothing_but_faults_stays_in_small_chunks() -> None:
    rows = table({"identity": [""] * 2_500}, batch=700)
    chunks = list(CONNECTOR.encode(make_settings(), rows, TIME))
    assert [(len(chunk.numbers), len(chunk.rejected), chunk.data) for chunk in chunks] == [
        (0, 1_000, b""), (0, 1_000, b""), (0, 500, b""),
    ]  # fmt: skip


def test_a_request_is_closed_before_it_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "BODY_BYTES", 1_000)
    rows = table({"identity": [f"u{n}" for n in range(20)], "Name": ["x" * 300] * 19 + ["y"]}, batch=7)
    chunks = list(CONNECTOR.encode(make_settings(), rows, TIME))
    assert sum(len(json.loads(chunk.data)["d"]) for chunk in chunks) == 20
    assert {len(chunk.numbers) for chunk in chunks} == {2}
    assert all(len(chunk.data) < 1_100 for chunk in chunks)


def test_a_record_larger_than_a_request_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "BODY_BYTES", 100)
    rows = table({"identity": ["a", "b", "c"], "Name": ["x" * 300, "y", "z"]})
    assert [chunk.numbers for chunk in CONNECTOR.encode(make_settings(), rows, TIME)] == [(1,), (2,), (3,)]


def test_the_size_of_the_stored_batches_does_not_show() -> None:
    columns: dict[str, list[Any]] = {
        "identity": [None if n % 7 == 0 else f"u{n}" for n in range(3_000)],
        "Name": [f"N{n}" for n in range(3_000)],
    }
    whole, pieces = table(columns, batch=5_000), table(columns, batch=13)
    data = [
        [(chunk.data, chunk.numbers) for chunk in CONNECTOR.encode(make_settings(), each, TIME)]
        for each in (whole, pieces)
    ]
    assert data[0] == data[1]


def test_text_of_any_arrow_type_is_text() -> None:
    plain = table({"identity": ["a", "b"], "Name": ["x", 'y"']})
    [batch] = plain.open()
    for kind in (pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())):
        other = pa.RecordBatch.from_arrays(
            [column.cast(kind) for column in batch.columns], names=batch.schema.names
        )
        rows = RowStream(plain.columns, 2, lambda other=other: iter([other]))  # type: ignore[misc]
        assert bodies({}, rows) == bodies({}, plain), kind


def test_only_some_rows_keep_their_numbers() -> None:
    rows = people(3_000).only([2, 700, 701, 1_402, 3_000])
    [chunk] = CONNECTOR.encode(make_settings(), rows, TIME)
    assert chunk.numbers == (2, 700, 701, 1_402, 3_000)
    assert [record["identity"] for record in json.loads(chunk.data)["d"]] == [
        "u2",
        "u700",
        "u701",
        "u1402",
        "u3000",
    ]
