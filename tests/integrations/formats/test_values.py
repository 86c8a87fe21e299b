"""What a value of each type looks like. Integers and decimals are exact, doubles as Java prints them."""

import math
import struct
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.workbench.display import double
from integrations.formats.options import FileOptions
from tests.integrations.formats.streams import stream, value, written


def _clock(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (pa.int64(), [2**63 - 1, -(2**63), 0], ["9223372036854775807", "-9223372036854775808", "0"]),
        (pa.uint64(), [2**64 - 1], ["18446744073709551615"]),
        (pa.int8(), [-128], ["-128"]),
        (pa.bool_(), [True, False], ["true", "false"]),
        (pa.decimal128(38, 0), [Decimal("9" * 38), Decimal("-" + "9" * 38)], ["9" * 38, "-" + "9" * 38]),
        (pa.decimal128(38, 10), [Decimal("1.5")], ["1.5000000000"]),
        (pa.decimal128(10, 2), [Decimal("-0.50"), Decimal("0.00")], ["-0.50", "0.00"]),
        (pa.decimal128(2, 2), [Decimal("0.50"), Decimal("-0.05"), Decimal("0.00")], ["0.50", "-0.05", "0.00"]),
        (pa.decimal128(38, 38), [Decimal("-0." + "1" * 38)], ["-0." + "1" * 38]),
        (pa.date32(), [date(1969, 12, 31), date(1, 1, 1)], ["1969-12-31", "0001-01-01"]),
        (pa.date32(), [date(9999, 12, 31)], ["9999-12-31"]),
        (pa.time64("us"), [time(0, 0), time(23, 59, 59, 999_999)], ["00:00:00.000", "23:59:59.999"]),
        (pa.binary(), [b"\x00\xab", b""], ["00ab", ""]),
        (pa.string(), ["😀 שלום é"], ["😀 שלום é"]),
        (pa.null(), [None], [""]),
        (pa.dictionary(pa.int8(), pa.string()), ["x", None], ["x", ""]),
    ],
)  # fmt: skip
def test_a_value_keeps_every_digit(kind: pa.DataType, given: list[Any], expected: list[str]) -> None:
    assert value(pa.array(given, kind)) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (1 / 3, "0.3333333333333333"),
        (0.001, "0.001"),
        (0.0009999, "9.999E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-12345678.9, "-1.23456789E7"),
        (1e16, "1.0E16"),
        (1.5e300, "1.5E300"),
        (2.5e-310, "2.5E-310"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
    ],
)
def test_a_double_is_printed_as_java_prints_it(given: float, expected: str) -> None:
    assert value(pa.array([given], pa.float64())) == [expected]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=50))
@settings(max_examples=50, deadline=None)
def test_any_double_is_the_shortest_that_reads_back(numbers: list[float]) -> None:
    assert value(pa.array(numbers, pa.float64())) == [double(number) for number in numbers]


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=50))
@settings(max_examples=25, deadline=None)
def test_any_real_reads_back_as_itself(numbers: list[float]) -> None:
    for number, text in zip(numbers, value(pa.array(numbers, pa.float32())), strict=True):
        assert struct.pack("f", float(text)) == struct.pack("f", number), text
        assert ("E" in text) == (number != 0 and not 1e-3 <= abs(number) < 1e7)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_timestamp_has_milliseconds_and_is_never_rounded_up(unit: str) -> None:
    moments = [_clock("1969-12-31 23:59:59"), _clock("2026-01-02 03:04:05")]
    assert value(pa.array(moments, pa.timestamp(unit))) == [
        "1969-12-31 23:59:59.000",
        "2026-01-02 03:04:05.000",
    ]


def test_a_fraction_of_a_millisecond_is_cut_off() -> None:
    moments = [_clock("1960-02-29 23:59:59.999999"), _clock("2026-01-01 00:00:00.001999")]
    assert value(pa.array(moments, pa.timestamp("us"))) == [
        "1960-02-29 23:59:59.999",
        "2026-01-01 00:00:00.001",
    ]


def test_a_timestamp_with_a_zone_is_written_in_utc_and_says_so() -> None:
    moments = pa.array([datetime(2026, 1, 1, 3, 30, tzinfo=UTC)], pa.timestamp("us", tz="Asia/Tokyo"))
    assert value(moments) == ["2026-01-01 03:30:00.000 UTC"]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (pa.list_(pa.int64()), [[1, None, 2**63 - 1], []], ["[1,null,9223372036854775807]", "[]"]),
        (pa.list_(pa.string()), [['a"b', "c\n", None]], ['["a\\"b","c\\n",null]']),
        (pa.list_(pa.float64()), [[1.0, 1e7, math.nan, None]], ['[1.0,1.0E7,"NaN",null]']),
        (pa.list_(pa.decimal128(38, 2)), [[Decimal("1.50"), Decimal("9" * 36)]], [f"[1.50,{'9' * 36}.00]"]),
        (pa.list_(pa.int32(), 2), [[1, 2]], ["[1,2]"]),
        (pa.list_(pa.float32(), 2), [[0.1, 2]], ["[0.1,2.0]"]),
        (pa.list_(pa.list_(pa.float64())), [[[0.5], None, []]], ["[[0.5],null,[]]"]),
        (pa.list_(pa.timestamp("us")), [[_clock("2026-01-01")]], ['["2026-01-01 00:00:00.000"]']),
        (pa.list_(pa.binary()), [[b"\xff"]], ['["ff"]']),
        (pa.map_(pa.string(), pa.float64()), [[("k", 1.5), ("l", None)], []], ['{"k":1.5,"l":null}', "{}"]),
        (pa.map_(pa.int64(), pa.string()), [[(7, "x")]], ['{"7":"x"}']),
        (pa.struct([("a", pa.int64()), ('b"', pa.float64())]), [{"a": 1, 'b"': None}], ['{"a":1,"b\\"":null}']),
        (pa.struct([("a", pa.list_(pa.struct([("b", pa.float64())])))]), [{"a": [{"b": 2.0}]}], ['{"a":[{"b":2.0}]}']),
    ],
)  # fmt: skip
def test_arrays_maps_and_rows_are_compact_json(
    kind: pa.DataType, given: list[Any], expected: list[str]
) -> None:
    assert value(pa.array(given, kind), delimiter="|") == expected


@pytest.mark.parametrize(
    "kind",
    [pa.list_(pa.int64()), pa.list_(pa.float64()), pa.map_(pa.string(), pa.float64()), pa.struct([("a", pa.float64())]),
     pa.decimal128(2, 2), pa.float64(), pa.timestamp("us", tz="UTC"), pa.time64("us"), pa.binary()],
)  # fmt: skip
def test_null_is_null_in_every_type(kind: pa.DataType) -> None:
    assert value(pa.array([None], kind), null_string="NULL", quote_policy="ALL") == ["NULL"]


def test_json_is_quoted_like_any_text() -> None:
    rows = stream(pa.table({"a": pa.array([["x", "y"]], pa.list_(pa.string()))}))
    assert written(FileOptions(header_line=False), rows) == b'"[""x"",""y""]"\r\n'
