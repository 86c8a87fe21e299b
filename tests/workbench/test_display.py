"""Values as a person reads them: nothing is rounded, and doubles look as Trino prints them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from console.workbench.display import as_text, text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (1.5e16, "1.5E16"),
        (-123456789.5, "-1.234567895E8"),
        (1.2345678901234567e300, "1.2345678901234567E300"),
        (5e-324, "5.0E-324"),
        (0.0, "0.0"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (9007199254740993, "9007199254740993"),
        (2**63 - 1, "9223372036854775807"),
        (Decimal("12345678901234567890123456789012345678"), "12345678901234567890123456789012345678"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (True, "true"),
        (date(1969, 12, 31), "1969-12-31"),
        (datetime.fromisoformat("2026-01-01T00:00:00.001500"), "2026-01-01 00:00:00.001"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01 00:00:00.000 UTC"),
        (b"\x00\xff", "00ff"),
        ([1, None, "a"], '[1,null,"a"]'),
        ({"a": Decimal("1.50"), "é": [True]}, '{"a":"1.50","é":[true]}'),
    ],
)
def test_text(value, written):
    assert text(value) == written


def test_null_is_none_and_not_a_word():
    batch = pa.record_batch({"a": ["", None, "NULL"], "n": [2**63 - 1, None, -1]})
    assert list(as_text(batch)) == [("", "9223372036854775807"), (None, None), ("NULL", "-1")]


def test_columns_that_share_a_name_keep_their_own_values():
    batch = pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert list(as_text(batch)) == [("1", "2")]


def test_a_map_is_an_object():
    batch = pa.record_batch({"m": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64()))})
    assert list(as_text(batch)) == [('{"k":1}',)]
