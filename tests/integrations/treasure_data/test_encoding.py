"""The bytes of a part, read back by an ordinary msgpack reader and compared with plain Python."""

import base64
import gzip
import hashlib
import math
from datetime import date
from decimal import Decimal
from typing import Any

import msgpack
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.connectors.treasure_data.columns import plan
from integrations.connectors.treasure_data.encoding import encode
from integrations.errors import SettingsError
from integrations.rows import Column, RowStream

SETTINGS = {"file_split_size": 16_384, "time": None}
NOW = 1_700_000_000


def stream(columns: list[tuple[str, str, pa.Array]], batch: int = 3) -> RowStream:
    arrays = [array for _, _, array in columns]
    whole = pa.RecordBatch.from_arrays(arrays, names=[f"c{i}" for i in range(len(arrays))])
    batches = [whole.slice(start, batch) for start in range(0, whole.num_rows, batch)]
    named = tuple(Column(name, kind) for name, kind, _ in columns)
    return RowStream(named, whole.num_rows, lambda: iter(batches))


def read(rows: RowStream, **changes: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in encode({**SETTINGS, **changes}, rows, NOW):
        unpacker = msgpack.Unpacker(max_buffer_size=1 << 31)
        unpacker.feed(gzip.decompress(part.data))
        unpacked = list(unpacker)
        assert len(unpacked) == part.rows
        found += unpacked
    return found


def one(kind: str, array: pa.Array) -> list[Any]:
    return [row["a"] for row in read(stream([("a", kind, array)]))]


@pytest.mark.parametrize(("kind", "array", "sent"), [
    ("boolean", pa.array([True, False, None]), [1, 0, None]),
    ("bigint", pa.array([0, -1, 127, 128, -129, 2**31, 2**63 - 1, -(2**63), None]),
     [0, -1, 127, 128, -129, 2**31, 2**63 - 1, -(2**63), None]),
    ("tinyint", pa.array([-128, 127, None], pa.int8()), [-128, 127, None]),
    ("bigint", pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
    ("real", pa.array([0.5, None], pa.float32()), [0.5, None]),
    ("double", pa.array([1.5, float("inf"), None]), [1.5, float("inf"), None]),
    ("varchar", pa.array(["", "ü", None, "x" * 300, "y" * 70_000]), ["", "ü", None, "x" * 300, "y" * 70_000]),
    ("varchar", pa.array(["a", None], pa.large_string()), ["a", None]),
    ("varchar", pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
    ("decimal(38,0)", pa.array([Decimal(10) ** 37, None], pa.decimal128(38, 0)), [str(10**37), None]),
    ("decimal(10,2)", pa.array([Decimal("1.50"), Decimal("-0.05")]), ["1.50", "-0.05"]),
    ("varbinary", pa.array([b"\x00\xff", None]), [base64.b64encode(b"\x00\xff").decode(), None]),
    ("date", pa.array([date(2026, 1, 2), None]), ["2026-01-02", None]),
    ("timestamp", pa.array([1_767_323_045_678_999, -1], pa.timestamp("us")),
     ["2026-01-02 03:04:05.678", "1969-12-31 23:59:59.999"]),
    ("timestamp with time zone", pa.array([1_767_322_800_000_000], pa.timestamp("us", tz="Asia/Tokyo")),
     ["2026-01-02 03:00:00.000 UTC"]),
    ("array(bigint)", pa.array([[1, None], None, []]), ["[1,null]", None, "[]"]),
    ("map(varchar,decimal)", pa.array([[("k", Decimal("1.5"))]], pa.map_(pa.string(), pa.decimal128(3, 1))),
     ['{"k":"1.5"}']),
    ("row(d date)", pa.array([{"d": date(2026, 1, 2)}]), ['{"d":"2026-01-02"}']),
    ("unknown", pa.nulls(2), [None, None]),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_every_type_arrives_as_documented(kind: str, array: pa.Array, sent: list[Any]) -> None:
    assert one(kind, array) == sent


def test_not_a_number_stays_one() -> None:
    assert math.isnan(one("double", pa.array([float("nan")]))[0])


cells = {
    "bigint": st.none() | st.integers(-(2**63), 2**63 - 1),
    "double": st.none() | st.floats(allow_nan=False),
    "varchar": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    "boolean": st.none() | st.booleans(),
}
types = {"bigint": pa.int64(), "double": pa.float64(), "varchar": pa.string(), "boolean": pa.bool_()}


@st.composite
def tables(draw: Any) -> tuple[list[str], list[list[Any]]]:
    kinds = draw(st.lists(st.sampled_from(list(cells)), min_size=1, max_size=18))
    count = draw(st.integers(0, 9))
    return kinds, [draw(st.lists(cells[kind], min_size=count, max_size=count)) for kind in kinds]


@given(tables(), st.integers(1, 9))
@settings(max_examples=150, deadline=None)
def test_any_table_reads_back_as_plain_python_would_write_it(
    table: tuple[list[str], list[list[Any]]], batch: int
) -> None:
    kinds, values = table
    columns = [
        (f"col{i}", kind, pa.array(column, types[kind]))
        for i, (kind, column) in enumerate(zip(kinds, values, strict=True))
    ]
    wanted = [
        {"time": NOW}
        | {f"col{i}": int(cell) if isinstance(cell, bool) else cell for i, cell in enumerate(row)}
        for row in zip(*values, strict=True)
    ]
    assert read(stream(columns, batch)) == wanted


def test_the_same_rows_give_the_same_bytes_and_the_header_holds_no_time() -> None:
    rows = stream([("a", "bigint", pa.array(range(50)))])
    first, second = (b"".join(part.data for part in encode(SETTINGS, rows, NOW)) for _ in range(2))
    assert first == second
    assert first[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" or first[4:8] == b"\x00\x00\x00\x00"


def test_a_part_closes_when_it_has_reached_its_size() -> None:
    noise = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(120_000)]
    rows = stream([("a", "varchar", pa.array(noise))], batch=10_000)
    parts = list(encode({**SETTINGS, "file_split_size": 1024}, rows, NOW))
    assert len(parts) > 2
    assert [part.index for part in parts] == list(range(len(parts)))
    assert all(1 << 20 <= len(part.data) < 2 << 20 for part in parts[:-1])
    assert sum(part.rows for part in parts) == 120_000


@pytest.mark.parametrize(("names", "sent"), [
    (["a", "a", "a_1"], ["a", "a_2", "a_1"]),
    (["User Name", "user_name"], ["user_name", "user_name_1"]),
    (["v", "", "1st", "é"], ["v_1", "_", "_1st", "__1"]),
    (["_col0", "A-B.C"], ["_col0", "a_b_c"]),
])  # fmt: skip
def test_names_are_made_the_service_s_and_each_change_is_noted(names: list[str], sent: list[str]) -> None:
    planned = plan(tuple(Column(name, "bigint") for name in names), SETTINGS, NOW)
    assert [target.name for target in planned.targets] == sent
    assert [bool(target.note) for target in planned.targets] == [
        a != b for a, b in zip(names, sent, strict=True)
    ]


def test_an_integer_time_column_is_the_time_whatever_the_field_says() -> None:
    assert read(stream([("time", "bigint", pa.array([7]))]), time=42) == [{"time": 7}]


def test_a_timestamp_time_column_becomes_unix_seconds() -> None:
    moments = pa.array([60_900_000, -999_999], pa.timestamp("us"))
    assert read(stream([("time", "timestamp", moments)])) == [{"time": 60}, {"time": -1}]


def test_any_other_time_column_is_refused() -> None:
    with pytest.raises(
        SettingsError, match="Type of 'time' column must be long or timestamp; it is varchar"
    ) as caught:
        read(stream([("time", "varchar", pa.array(["now"]))]))
    assert caught.value.field == "time"


@pytest.mark.parametrize(("field", "sent"), [(42, 42), (None, NOW), (0, 0)])
def test_without_a_time_column_the_field_or_the_default_fills_it(field: int | None, sent: int) -> None:
    assert read(stream([("a", "bigint", pa.array([1]))]), time=field) == [{"time": sent, "a": 1}]


def test_more_columns_than_a_short_map_can_name() -> None:
    columns = [(f"c{i}", "bigint", pa.array([i])) for i in range(300)]
    assert read(stream(columns)) == [{"time": NOW} | {f"c{i}": i for i in range(300)}]


def test_the_golden_part() -> None:
    """The exact bytes before compression, worked out by hand from the msgpack specification."""
    rows = stream([("code", "bigint", pa.array([200, None])), ("host", "varchar", pa.array(["a", None]))])
    (part,) = encode(SETTINGS, rows, NOW)
    head = b"\x83\xa4time\xd3" + NOW.to_bytes(8, "big") + b"\xa4code"
    assert gzip.decompress(part.data) == head + b"\xd1\x00\xc8\xa4host\xd9\x01a" + head + b"\xc0\xa4host\xc0"
