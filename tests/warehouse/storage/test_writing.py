"""What append and replace do to rows, columns and types."""

import resource
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.warehouse import storage
from console.warehouse.storage import commits
from console.warehouse.storage.preparing import prepare_again
from console.warehouse.types import AlreadyExists, NotFound, TableRef, WarehouseError
from tests.warehouse.storage.conftest import Warehouse

Parquet = Callable[[str], Path]
Rows = Callable[..., list[tuple[Any, ...]]]


def types(ref: TableRef) -> dict[str, str]:
    return {column.name: column.type for column in storage.table(ref).columns}


def test_it_keeps_every_type_and_value(sales: TableRef, parquet: Parquet, rows_of: Rows) -> None:
    source = parquet(
        "SELECT 9007199254740993::BIGINT AS l, 7::INTEGER AS i, 0.1::FLOAT AS f, 0.1::DOUBLE AS d,"
        " 'é' AS s, true AS b, DATE '2026-02-28' AS day, TIMESTAMP '2026-02-28 12:34:56.789' AS ts,"
        " 1.50::DECIMAL(9,2) AS dec,"
        " [1::BIGINT, NULL] AS arr, MAP {'k': 2::BIGINT} AS m, {'x': 1, 'y': 'z'} AS st,"
        " NULL::VARCHAR AS n, '' AS e"
    )
    assert storage.append(sales, [source], operation_id="1", create=True) == 1
    assert types(sales) == {
        "l": "long", "i": "int", "f": "float", "d": "double", "s": "string", "b": "boolean", "day": "date",
        "ts": "timestamp", "dec": "decimal(9,2)", "arr": "array<long>", "m": "map<string,long>",
        "st": "struct<x:int,y:string>", "n": "string", "e": "string",
    }  # fmt: skip
    [row] = rows_of(sales)
    assert row[0] == 9007199254740993
    assert row[3:9] == (
        0.1,
        "é",
        True,
        date(2026, 2, 28),
        datetime(2026, 2, 28, 12, 34, 56, 789000),  # noqa: DTZ001
        Decimal("1.50"),
    )
    assert row[9:] == ([1, None], {"k": 2}, {"x": 1, "y": "z"}, None, "")


def test_columns_are_matched_by_name_and_new_ones_are_added(
    sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(sales, [parquet("SELECT 1::BIGINT AS a, 'x' AS b")], operation_id="1", create=True)
    assert (
        storage.append(
            sales, [parquet("SELECT 'y' AS B, 2.5::DOUBLE AS c, 2::BIGINT AS a")], operation_id="2"
        )
        == 1
    )
    assert types(sales) == {"a": "long", "b": "string", "c": "double"}
    assert rows_of(sales, "SELECT * FROM t ORDER BY a") == [(1, "x", None), (2, "y", 2.5)]


def test_files_of_one_append_may_differ_in_their_columns(
    sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    files = [parquet("SELECT 1 AS a"), parquet("SELECT 2 AS b, 3 AS a")]
    assert storage.append(sales, files, operation_id="1", create=True) == 2
    assert rows_of(sales, "SELECT a, b FROM t ORDER BY a") == [(1, None), (3, 2)]


@pytest.mark.parametrize(
    ("first", "second", "kind", "values"),
    [
        ("1::INTEGER", "5000000000::BIGINT", "long", [1, 5_000_000_000]),
        ("0.5::FLOAT", "0.1::DOUBLE", "double", [0.1, 0.5]),
        (
            "1.25::DECIMAL(5,2)",
            "123456.50::DECIMAL(9,2)",
            "decimal(9,2)",
            [Decimal("1.25"), Decimal("123456.50")],
        ),
        ("1::BIGINT", "2::INTEGER", "long", [1, 2]),
        ("1::BIGINT", "'2'", "long", [1, 2]),
        ("1::BIGINT", "2.0::DOUBLE", "long", [1, 2]),
        ("'a'", "7::BIGINT", "string", ["7", "a"]),
        ("'a'", "{'k': 1}", "string", ["a", '{"k":1}']),
        ("1.5::DOUBLE", "2::BIGINT", "double", [1.5, 2.0]),
        ("1::BIGINT", "NULL::VARCHAR", "long", [1, None]),
    ],
)
def test_a_column_keeps_its_type_or_grows(
    sales: TableRef, parquet: Parquet, rows_of: Rows, first: str, second: str, kind: str, values: list[object]
) -> None:
    storage.append(sales, [parquet(f"SELECT {first} AS v")], operation_id="1", create=True)
    storage.append(sales, [parquet(f"SELECT {second} AS v")], operation_id="2")
    assert types(sales) == {"v": kind}
    assert [row[0] for row in rows_of(sales, "SELECT v FROM t ORDER BY v NULLS LAST")] == values


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("1::BIGINT", "'abc'", r"Column v of shop\.sales is long, and the new rows bring string .* \(abc\)"),
        ("1::BIGINT", "'1.5'", r"is long, and the new rows bring string .* \(1\.5\)"),
        ("1::BIGINT", "2.5::DOUBLE", r"is long, and the new rows bring double .* \(2\.5\)"),
        ("1::BIGINT", "[1]", r"is long, and the new rows bring array<int>"),
        (
            "DATE '2026-01-01'",
            "TIMESTAMP '2026-01-01 10:00:00'",
            r"is date, and the new rows bring timestamp",
        ),
    ],
)
def test_values_that_do_not_fit_are_refused_whole(
    sales: TableRef, parquet: Parquet, rows_of: Rows, first: str, second: str, message: str
) -> None:
    storage.append(sales, [parquet(f"SELECT {first} AS v")], operation_id="1", create=True)
    before = rows_of(sales)
    with pytest.raises(WarehouseError, match=message):
        storage.append(sales, [parquet(f"SELECT {second} AS v")], operation_id="2")
    assert rows_of(sales) == before
    assert storage.committed_rows("2") is None


def test_a_type_no_table_can_hold_is_named(sales: TableRef, parquet: Parquet) -> None:
    with pytest.raises(WarehouseError, match="Column gap has the type interval"):
        storage.append(sales, [parquet("SELECT INTERVAL 1 DAY AS gap")], operation_id="1", create=True)


def test_no_rows_still_bring_their_columns(sales: TableRef, parquet: Parquet, rows_of: Rows) -> None:
    storage.append(sales, [parquet("SELECT 1 AS a")], operation_id="1", create=True)
    assert storage.append(sales, [parquet("SELECT 1 AS a, 'x' AS b WHERE false")], operation_id="2") == 0
    assert rows_of(sales, "SELECT a, b FROM t") == [(1, None)]


def test_a_full_disk_is_named_and_leaves_nothing_behind(
    warehouse: Warehouse, sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(sales, [parquet("SELECT 1 AS a")], operation_id="1", create=True)
    before = set((warehouse.folder / "warehouse").rglob("*"))
    source = parquet("SELECT (random() * 1e9)::INTEGER AS a FROM range(100000)")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(WarehouseError, match=r"The rows can't be written: .* Free space"):
            storage.append(sales, [source], operation_id="2")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert set((warehouse.folder / "warehouse").rglob("*")) == before
    assert rows_of(sales) == [(1,)]
    assert storage.append(sales, [source], operation_id="2") == 100_000


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        ("TIMESTAMPTZ '2026-01-01 00:00:00+00'", "timestamptz", None),
        ("TIMESTAMP_NS '2026-01-01 00:00:00'", "timestamp", None),
        ("'00000000-0000-0000-0000-000000000001'::UUID", "string", "00000000-0000-0000-0000-000000000001"),
        ("18446744073709551615::UBIGINT", "decimal(20,0)", Decimal(18446744073709551615)),
        ("4294967295::UINTEGER", "long", 4294967295),
        ("3::TINYINT", "int", 3),
        ("'\\xAA'::BLOB", "binary", b"\xaa"),
        ("""'{"a":1}'::JSON""", "string", '{"a":1}'),
        ("NULL", "string", None),
    ],
)
def test_types_beyond_treasure_datas_become_the_nearest(
    sales: TableRef, parquet: Parquet, rows_of: Rows, value: str, kind: str, read: object
) -> None:
    storage.append(sales, [parquet(f"SELECT {value} AS v")], operation_id="1", create=True)
    assert types(sales) == {"v": kind}
    if read is not None:
        assert rows_of(sales) == [(read,)]


def test_replace_leaves_the_new_rows_and_their_columns(
    sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(
        sales, [parquet("SELECT 1::BIGINT AS time, 1 AS a, 2 AS b, 'x' AS c")], operation_id="1", create=True
    )
    assert storage.replace(sales, [parquet("SELECT 'no' AS a, 'y' AS c, 5 AS d")], operation_id="2") == 1
    assert types(sales) == {"time": "long", "c": "string", "a": "string", "d": "int"}
    assert rows_of(sales, "SELECT time, a, c, d FROM t") == [(None, "no", "y", 5)]


def test_replace_with_no_rows_empties_the_table(sales: TableRef, parquet: Parquet, rows_of: Rows) -> None:
    storage.append(sales, [parquet("SELECT 1 AS a")], operation_id="1", create=True)
    assert storage.replace(sales, [parquet("SELECT 1 AS b WHERE false")], operation_id="2") == 0
    assert types(sales) == {"b": "int"}
    assert rows_of(sales) == []
    assert storage.table(sales).rows == 0


def test_the_same_operation_counts_once(sales: TableRef, parquet: Parquet, rows_of: Rows) -> None:
    source = parquet("SELECT * FROM range(5)")
    assert [storage.append(sales, [source], operation_id="1", create=True) for _ in range(3)] == [5, 5, 5]
    assert rows_of(sales, "SELECT count(*) FROM t") == [(5,)]
    storage.append(sales, [source], operation_id="2")
    assert [storage.replace(sales, [source], operation_id="3") for _ in range(2)] == [5, 5]
    assert storage.append(sales, [source], operation_id="1") == 5
    assert rows_of(sales, "SELECT count(*) FROM t") == [(5,)]


def test_an_operation_is_known_after_its_snapshot_expired(
    sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    source = parquet("SELECT 1 AS a")
    for i in range(55):
        storage.append(sales, [source], operation_id=f"op-{i}", create=True)
    assert len(storage.history(sales)) < 55
    assert storage.append(sales, [source], operation_id="op-0") == 1
    assert rows_of(sales, "SELECT count(*) FROM t") == [(55,)]


def test_rows_prepared_before_the_columns_changed_are_prepared_again(
    sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    storage.append(sales, [parquet("SELECT 1 AS a")], operation_id="1", create=True)
    stored = storage.prepare_append(sales, [parquet("SELECT 2 AS a, 'p' AS b")], "2").as_json()
    storage.append(sales, [parquet("SELECT 5000000000 AS a, 9 AS c")], operation_id="3")
    assert storage.commit(storage.Prepared.from_json(stored)) == 1
    assert rows_of(sales, "SELECT a, b, c FROM t ORDER BY a") == [
        (1, None, None),
        (2, "p", None),
        (5_000_000_000, None, 9),
    ]


def test_of_two_commits_at_once_the_second_needs_no_sources(
    sales: TableRef, parquet: Parquet, rows_of: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.append(sales, [parquet("SELECT 1 AS a")], operation_id="1", create=True)
    source = parquet("SELECT 2 AS a, 'p' AS b")
    prepared = storage.prepare_append(sales, [source], "2")
    storage.append(sales, [parquet("SELECT 3 AS a, 9 AS c")], operation_id="3")

    def after_the_other(old: storage.Prepared) -> storage.Prepared:
        monkeypatch.setattr(commits, "prepare_again", prepare_again)
        assert storage.commit(prepared) == 1  # and clears up, as a bulk import does
        source.unlink()
        return prepare_again(old)

    monkeypatch.setattr(commits, "prepare_again", after_the_other)
    assert storage.commit(prepared) == 1
    assert rows_of(sales, "SELECT a, b FROM t ORDER BY a") == [(1, None), (2, "p"), (3, None)]


def test_rows_prepared_for_one_table_follow_the_name_after_a_swap(
    sales: TableRef, parquet: Parquet, rows_of: Rows
) -> None:
    other = TableRef("shop", "other")
    storage.append(sales, [parquet("SELECT 1 AS a")], operation_id="1", create=True)
    storage.append(other, [parquet("SELECT 'o' AS z")], operation_id="2", create=True)
    prepared = storage.prepare_append(sales, [parquet("SELECT 2 AS a")], "3")
    storage.swap("shop", "sales", "other")
    storage.commit(prepared)
    assert rows_of(sales, "SELECT z, a FROM t ORDER BY a NULLS FIRST") == [("o", None), (None, 2)]
    assert rows_of(other) == [(1,)]


def test_a_missing_table_is_made_only_where_asked(sales: TableRef, parquet: Parquet, rows_of: Rows) -> None:
    source = parquet("SELECT 1 AS a")
    with pytest.raises(NotFound, match=r"Table shop\.sales does not exist"):
        storage.append(sales, [source], operation_id="1")
    with pytest.raises(NotFound, match="Database nowhere does not exist"):
        storage.append(TableRef("nowhere", "sales"), [source], operation_id="1", create=True)
    assert storage.append(sales, [source], operation_id="1", exclusive=True) == 1
    assert storage.append(sales, [source], operation_id="1", exclusive=True) == 1
    with pytest.raises(AlreadyExists):
        storage.append(sales, [source], operation_id="2", exclusive=True)
    assert rows_of(sales) == [(1,)]
