"""Every rule of the documents, each with a row or a column that breaks it and one that does not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from integrations.connectors.clevertap import CONNECTOR
from integrations.connectors.clevertap.rules.columns import ColumnsError
from integrations.rows import Column, RowStream
from tests.integrations.clevertap.conftest import TIME, make_settings, table

EVENTS: dict[str, Any] = {"target": "user_events"}
LIST: dict[str, Any] = {"target": "custom_list", "list_name": "Gold", "list_email": "admin@example.com"}
PHONE = "Not a phone number in E.164 form: + and 2 to 15 digits, such as +14155551234."
TS = "ts must be a Unix timestamp or an ISO-8601 time ending in Z."
LONG = "Longer than 512 characters."


def faults(settings: dict[str, Any], rows: RowStream) -> list[tuple[int, str, str]]:
    """(row, column, reason) of every row that is set aside."""
    chunks = list(CONNECTOR.encode(make_settings(**settings), rows, TIME))
    assert sum(chunk.rows for chunk in chunks) == rows.total
    assert sum(len(chunk.numbers) + len(chunk.rejected) for chunk in chunks) == rows.total
    return [(row.row, row.column, row.reason) for chunk in chunks for row in chunk.rejected]


def problems(settings: dict[str, Any], rows: RowStream) -> tuple[str, ...]:
    with pytest.raises(ColumnsError) as caught:
        list(CONNECTOR.encode(make_settings(**settings), rows, TIME))
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    return caught.value.problems


# Rows ------------------------------------------------------------------------------------------

TOKENS = {"operation": "upload_device_tokens"}
SUBSCRIBE = {"operation": "update_subscription"}
ROWS: dict[str, tuple[dict[str, Any], dict[str, list[Any]], list[tuple[int, str, str]]]] = {
    "a profile needs an identity": (
        {}, {"identity": ["a", None, "", " ", "b"]},
        [(n, "identity", "identity is missing.") for n in (2, 3, 4)],
    ),
    "a profile needs one of the two": (
        {}, {"identity": ["a", None, None], "objectId": [None, "x", ""]},
        [(3, "identity", "identity and objectId are both missing.")],
    ),
    "an identity is at most 512 characters": (
        {}, {"identity": ["x" * 512, "x" * 513]}, [(2, "identity", LONG)],
    ),
    "a value is at most 512 characters, not bytes": (
        {}, {"identity": ["a", "b"], "Name": ["ä" * 512, "ä" * 513]}, [(2, "Name", LONG)],
    ),
    "the limit holds for each value of an array": (
        {}, {"identity": ["a", "b"], "tags": [["x" * 512] * 9, ["x" * 513]]},
        [(2, "tags", "A value is longer than 512 characters.")],
    ),
    "and of an array in text": (
        {}, {"identity": ["a", "b"], "tags": [f'["{"x" * 512}","{"y" * 99}"]', f'["{"x" * 513}"]']},
        [(2, "tags", "A value is longer than 512 characters.")],
    ),
    "ts is a time": (
        {}, {"identity": list("abcde"), "ts": ["2020-08-01T00:00:00Z", "2020-08-01 00:00:00", "1596240000",
                                              "2020-02-30T00:00:00Z", "2020-08-01T00:00:00+00:00"]},
        [(n, "ts", TS) for n in (2, 3, 4, 5)],
    ),
    "ts is after 1970": (
        {}, {"identity": list("abc"), "ts": [1, 0, -1]},
        [(n, "ts", "ts must be after 1970-01-01T00:00:00Z.") for n in (2, 3)],
    ),
    "ts is in seconds": (
        {}, {"identity": list("ab"), "ts": [10**11, 1_700_000_000_000]},
        [(2, "ts", "ts is in milliseconds. Give Unix seconds.")],
    ),
    "a number is finite": (
        {}, {"identity": list("abc"), "score": [1.5, float("nan"), float("inf")]},
        [(n, "score", "NaN and Infinity can't be sent.") for n in (2, 3)],
    ),
    "an event needs a name": (
        EVENTS, {"identity": list("abc"), "evtName": ["Viewed", None, " "]},
        [(n, "evtName", "evtName is missing.") for n in (2, 3)],
    ),
    "an event's name is at most 512 characters": (
        EVENTS, {"identity": list("ab"), "evtName": ["x" * 512, "x" * 513]}, [(2, "evtName", LONG)],
    ),
    "an event needs an identity": (
        EVENTS, {"objectid": ["a", None], "evtName": ["Viewed", "Viewed"]},
        [(2, "objectid", "objectId is missing.")],
    ),
    "items leave no number out": (
        EVENTS,
        {"identity": list("abc"), "evtName": ["Charged"] * 3, "Items[0].Category": ["books", None, None],
         "Items[1].Category": ["toys", "toys", None]},
        [(2, "Items[1]", "Items[1] is given without Items[0].")],
    ),
    "items belong to Charged": (
        EVENTS, {"identity": list("ab"), "evtName": ["Charged", "Viewed"], "Items[0].Category": ["books", "books"]},
        [(2, "evtName", "Items belong to the event Charged only.")],
    ),
    "a value of an item is at most 512 characters": (
        EVENTS, {"identity": ["a"], "evtName": ["Charged"], "Items[0].Category": ["x" * 513]},
        [(1, "Items[0].Category", LONG)],
    ),
    "a token needs an object, an id and a type": (
        TOKENS, {"objectId": [None, "o", "o", "o"], "id": ["t", "", "t", "t"], "type": ["fcm", "fcm", None, "fcm"]},
        [(1, "objectId", "objectId is missing."), (2, "id", "id is missing."), (3, "type", "type is missing.")],
    ),
    "a token has a known type": (
        TOKENS, {"objectId": ["o", "o"], "id": ["t", "t"], "type": ["FCM", "ios"]},
        [(2, "type", "type must be apns, fcm or gcm.")],
    ),
    "demerge needs an identity": (
        {"operation": "demerge"}, {"identity": ["a", None]}, [(2, "identity", "identity is missing.")],
    ),
    "a subscription has a known type and status": (
        SUBSCRIBE,
        {"type": ["phone", "fax", "email"], "value": ["+14155551234", "+14155551234", "a@b.c"],
         "status": ["unsubscribe", "RESUBSCRIBE", "off"]},
        [(2, "type", "type must be phone or email."), (3, "status", "status must be Unsubscribe or Resubscribe.")],
    ),
    "a subscription needs all three": (
        SUBSCRIBE,
        {"type": [None, "phone", "phone"], "value": ["a@b.c", None, "+1415"], "status": ["Unsubscribe"] * 2 + [None]},
        [(1, "type", "type is missing."), (2, "value", "value is missing."), (3, "status", "status is missing.")],
    ),
    "a subscription's value is what its type says": (
        SUBSCRIBE, {"type": ["phone", "Email"], "value": ["a@b.c", "+14155551234"], "status": ["Unsubscribe"] * 2},
        [(1, "value", PHONE), (2, "value", "Not an e-mail address.")],
    ),
    "a phone number is in E.164 form": (
        {"operation": "disassociate_phone"},
        {"value": ["+14155551234", "14155551234", "+04155551234", "+1", "+1234567890123456", "+1415 555", None]},
        [*[(n, "value", PHONE) for n in (2, 3, 4, 5, 6)], (7, "value", "value is missing.")],
    ),
    "a list's type is g or i": (
        LIST, {"type": ["g", "i", "G", "email", None], "identity": list("abcde")},
        [(3, "type", "type must be g or i."), (4, "type", "type must be g or i."), (5, "type", "type is missing.")],
    ),
    "a list needs identities": (
        LIST, {"type": ["g", "i"], "identity": ["a", None]}, [(2, "identity", "identity is missing.")],
    ),
    "all faults of a row are told": (
        {}, {"identity": [None], "ts": [0], "Name": ["x" * 513]},
        [(1, "identity", f"identity is missing. ts: ts must be after 1970-01-01T00:00:00Z. Name: {LONG}")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "columns", "expected"), ROWS.values(), ids=ROWS)
def test_a_row_that_breaks_a_rule_is_set_aside_with_its_reason(
    settings: dict[str, Any], columns: dict[str, list[Any]], expected: list[tuple[int, str, str]]
) -> None:
    assert faults(settings, table(columns)) == expected


def test_json_that_is_no_single_value_is_set_aside() -> None:
    rows = table({"identity": list("abcd"), "j": ['["a"]', '{"a":1}', '[{"a":1}]', "[[1]]"]}, {"j": "json"})
    wrong = "This JSON is an object or holds one. CleverTap takes single values, and profiles take arrays of them."
    assert faults({}, rows) == [(n, "j", wrong) for n in (2, 3, 4)]
    events = table({"identity": ["a", "b"], "evtName": ["V", "V"], "j": ["1", "[1]"]}, {"j": "json"})
    assert faults(EVENTS, events) == [(2, "j", "Properties of events hold single values, not arrays.")]


def test_the_value_is_kept_as_text_and_cut() -> None:
    rows = table({"identity": ["a", "b", None], "ts": [5, 0, 7], "Name": ["x" * 600, "y", "z"]})
    [chunk] = CONNECTOR.encode(make_settings(), rows, TIME)
    assert [(row.row, row.value) for row in chunk.rejected] == [(1, "x" * 199 + "…"), (2, "0"), (3, "")]
    assert chunk.numbers == ()
    assert chunk.data == b""


# Columns ---------------------------------------------------------------------------------------


def one_row(*columns: tuple[str, str], values: dict[int, pa.Array] | None = None) -> RowStream:
    """A result of one row of NULLs with these names and types."""
    arrays = [(values or {}).get(i, pa.array([None], pa.string())) for i in range(len(columns))]
    batch = pa.RecordBatch.from_arrays(arrays, names=[str(i) for i in range(len(columns))])
    return RowStream(tuple(Column(name, kind) for name, kind in columns), 1, lambda: iter([batch]))


ID = ("identity", "varchar")
COLUMNS: dict[str, tuple[dict[str, Any], tuple[tuple[str, str], ...], tuple[str, ...]]] = {
    "profiles need an identity": (
        {}, (("Name", "varchar"),), ("The column identity or objectId is missing.",),
    ),
    "an identity is a string, an integer or a boolean": (
        {}, (("identity", "double"), ("objectid", "array(varchar)")),
        ("The column identity is double. Give a string, an integer or a boolean.",
         "The column objectid is array(varchar). Give a string, an integer or a boolean."),
    ),
    "names hold none of these characters": (
        {}, (ID, ("a&b", "varchar"), ('$"', "varchar"), ("50% off!", "varchar"), ("a,b<c>", "varchar")),
        ("The column name a&b holds &, which CleverTap does not allow.",
         'The column name $" holds $ ", which CleverTap does not allow.',
         "The column name 50% off! holds % !, which CleverTap does not allow.",
         "The column name a,b<c> holds , > <, which CleverTap does not allow."),
    ),
    "names have at most 120 characters": (
        {}, (ID, ("x" * 120, "varchar"), ("y" * 121, "varchar")),
        (f"The column name {'y' * 40}… has 121 characters; CleverTap takes at most 120.",),
    ),
    "no column is there twice": (
        {}, (ID, ("Name", "varchar"), ("Name", "varchar"), ("name", "varchar")),
        ("The column Name is there 2 times. Keep one.",),
    ),
    "a reserved column is there once, in whatever case": (
        {}, (ID, ("Identity", "varchar")), ("identity is there 2 times (identity, Identity). Keep one.",),
    ),
    "a column has a name": ({}, (ID, ("", "varchar")), ("A column has no name. Give it one with AS.",)),
    "no maps, rows or bytes": (
        {}, (ID, ("m", "map(varchar, bigint)"), ("r", "row(a bigint)"), ("b", "varbinary"), ("s", "struct<a:int>")),
        tuple(
            f"The column {name} is {kind}. CleverTap takes text, numbers, true or false, and dates."
            for name, kind in {
                "m": "map(varchar, bigint)", "r": "row(a bigint)", "b": "varbinary", "s": "struct<a:int>",
            }.items()
        ),
    ),
    "no arrays of arrays": (
        {}, (ID, ("n", "array(array(bigint))"), ("o", "array<struct<a:int>>"), ("k", "array(varchar)")),
        ("The column n is array(array(bigint)). An array property holds single values only.",
         "The column o is array<struct<a:int>>. An array property holds single values only."),
    ),
    "ts can be a time": (
        {}, (ID, ("ts", "double")),
        ("The column ts is double. Give a Unix timestamp (integer), a timestamp, or ISO-8601 text ending in Z.",),
    ),
    "events need a name and an identity": (
        EVENTS, (("a", "varchar"),),
        ("The column evtName is missing.", "The column identity or objectId is missing."),
    ),
    "an event's name is text": (
        EVENTS, (ID, ("evtName", "bigint")), ("The column evtName is bigint. Give a string.",),
    ),
    "events take no arrays": (
        EVENTS, (ID, ("evtName", "varchar"), ("tags", "array(varchar)")),
        ("The column tags is array(varchar). Properties of events hold single values only.",),
    ),
    "items are written Items[n].Key": (
        EVENTS, (ID, ("evtName", "varchar"), ("Items[0]", "varchar"), ("Items[x].a", "varchar")),
        ("The column Items[0] is no item. Write Items[0].Name of the property.",
         "The column Items[x].a is no item. Write Items[0].Name of the property."),
    ),
    "items are numbered from 0 without a gap": (
        EVENTS, (ID, ("evtName", "varchar"), ("Items[1].a", "varchar"), ("Items[3].a", "varchar")),
        ("Items[0] is missing: the numbers of items start at 0 and leave none out.",),
    ),
    "items stand alone": (
        EVENTS,
        (ID, ("evtName", "varchar"), ("Items[0].a", "varchar"), ("items[0].a", "varchar"), ("Items", "varchar")),
        ("a of Items[0] is there twice. Keep one.", "The column Items stands beside Items[0]. Keep one of the two."),
    ),
    "tokens need three columns": (
        TOKENS, (("objectId", "varchar"),), ("The column id is missing.", "The column type is missing."),
    ),
    "demerge needs identity, and takes no objectId": (
        {"operation": "demerge"}, (("objectId", "varchar"),), ("The column identity is missing.",),
    ),
    "subscriptions need three columns": (
        SUBSCRIBE, (("email", "varchar"),),
        tuple(f"The column {name} is missing." for name in ("type", "value", "status")),
    ),
    "phone numbers are in value": (
        {"operation": "disassociate_phone"}, (("phone", "varchar"),), ("The column value is missing.",),
    ),
    "a list needs type and identity": (
        LIST, (("objectId", "varchar"),), ("The column type is missing.", "The column identity is missing."),
    ),
    "everything wrong is told at once": (
        EVENTS, (("a&b", "map(varchar,varchar)"), ("Items[1].x", "varchar")),
        ("The column evtName is missing.", "The column identity or objectId is missing.",
         "The column name a&b holds &, which CleverTap does not allow.",
         "Items[0] is missing: the numbers of items start at 0 and leave none out.",
         "The column a&b is map(varchar,varchar). CleverTap takes text, numbers, true or false, and dates."),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "columns", "expected"), COLUMNS.values(), ids=COLUMNS)
def test_the_problems_of_the_columns_are_told_all_together(
    settings: dict[str, Any], columns: tuple[tuple[str, str], ...], expected: tuple[str, ...]
) -> None:
    assert problems(settings, one_row(*columns)) == expected


def test_columns_that_are_not_sent_may_be_called_anything() -> None:
    rows = one_row(
        ("value", "varchar"), ("a&b", "map(varchar, bigint)"), values={0: pa.array(["+14155551234"])}
    )
    assert faults({"operation": "disassociate_phone"}, rows) == []


@pytest.mark.parametrize(("values", "kind"), [
    ([12, 7], "bigint"), ([True, False], "boolean"), (["a", "b"], "varchar"),
    ([Decimal("12"), Decimal("7")], "decimal(38,0)"),
])  # fmt: skip
def test_identities_may_be_strings_integers_and_booleans(values: list[Any], kind: str) -> None:
    assert faults({}, table({"identity": values}, {"identity": kind})) == []


def test_ts_may_be_a_timestamp_or_a_date() -> None:
    moment = datetime(2020, 8, 1, 1, 2, 3, 999_999, tzinfo=UTC).replace(tzinfo=None)
    assert faults({}, table({"identity": ["a"], "ts": [moment]})) == []
    assert faults({}, table({"identity": ["a"], "ts": [date(2020, 8, 1)]})) == []
