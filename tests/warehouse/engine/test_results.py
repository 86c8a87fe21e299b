"""What the stored Parquet holds: exact values, the types' names in the user's dialect, and the columns' names."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from console.warehouse.engine.interface import Outcome
from console.warehouse.engine.result_types import user_type

Run = Callable[..., tuple[Outcome, list[tuple[Any, ...]]]]


def test_numbers_are_exact(run: Run) -> None:
    outcome, rows = run(
        "SELECT 9223372036854775807 AS a, -9223372036854775807 - 1 AS b, 9007199254740993 AS c,"
        " CAST('99999999999999999999999999999999999999' AS decimal(38, 0)) AS d, CAST('-0.00000000000000000000000000000000000001' AS decimal(38, 38)) AS e,"
        " CAST('1.10' AS decimal(5, 2)) AS f, 0.1e0 + 0.2e0 AS g, CAST(16777217 AS real) AS h"
    )
    assert rows == [
        (9223372036854775807, -9223372036854775808, 9007199254740993, Decimal("99999999999999999999999999999999999999"),
         Decimal("-0.00000000000000000000000000000000000001"), Decimal("1.10"), 0.30000000000000004, 16777216.0)
    ]  # fmt: skip
    assert [column.type for column in outcome.columns] == [
        "bigint", "bigint", "bigint", "decimal(38,0)", "decimal(38,38)", "decimal(5,2)", "double", "real"
    ]  # fmt: skip


def test_null_and_an_empty_string_stay_apart(run: Run) -> None:
    _, rows = run(
        "SELECT '' AS a, CAST(NULL AS varchar) AS b, ARRAY['', NULL] AS c, concat('', '') AS d, nullif('', '') AS e"
    )
    assert rows == [("", None, ["", None], "", None)]


def test_every_kind_of_column_goes_through_unchanged(run: Run) -> None:
    outcome, (values, nulls) = run("SELECT * FROM kinds ORDER BY n")
    assert set(nulls) == {None}
    assert len(values) == len(outcome.columns) == 17
    again = run(
        'SELECT n, i, d, r, dec, s, digits, b, day, ts, tz, bin, xs, m, "row", rows, json FROM kinds ORDER BY n'
    )[1]
    assert again == [values, nulls]


@pytest.mark.parametrize(
    ("type", "names"),
    [
        ("presto", ["bigint", "integer", "double", "real", "decimal(10,2)", "varchar", "varchar", "boolean", "date", "timestamp(3)",
                    "timestamp(3) with time zone", "varbinary", "array(bigint)", "map(varchar, bigint)", "row(a bigint, b varchar)",
                    "array(row(a bigint, b varchar))", "varchar"]),
        ("hive", ["bigint", "int", "double", "float", "decimal(10,2)", "string", "string", "boolean", "date", "timestamp", "timestamp",
                  "binary", "array<bigint>", "map<string,bigint>", "struct<a:bigint,b:string>", "array<struct<a:bigint,b:string>>", "string"]),
    ],
)  # fmt: skip
def test_types_have_the_dialects_names(type: str, names: list[str], run: Run) -> None:
    outcome, _ = run("SELECT * FROM kinds", type)
    assert [column.type for column in outcome.columns] == names


@pytest.mark.parametrize(
    ("type", "sql", "kind"),
    [
        ("presto", "SELECT count(*) AS x FROM www_access", "bigint"), ("presto", "SELECT sum(code) AS x FROM www_access", "bigint"),
        ("presto", "SELECT sum(amount) AS x FROM www_access", "double"), ("presto", "SELECT avg(code) AS x FROM www_access", "double"),
        ("presto", "SELECT 1 AS x", "integer"), ("presto", "SELECT 3000000000 AS x", "bigint"), ("presto", "SELECT 1.50 AS x", "decimal(3,2)"),
        ("presto", "SELECT 1e0 AS x", "double"), ("presto", "SELECT NULL AS x", "integer"), ("presto", "SELECT 'a' AS x", "varchar"),
        ("presto", "SELECT from_unixtime(0) AS x", "timestamp(3) with time zone"), ("presto", "SELECT json_extract('[1]', '$') AS x", "varchar"),
        ("presto", "SELECT approx_distinct(code) AS x FROM www_access", "bigint"), ("presto", "SELECT length('a') AS x", "bigint"),
        ("presto", "SELECT row_number() OVER () AS x FROM www_access", "bigint"), ("presto", "SELECT TD_SCHEDULED_TIME() AS x", "bigint"),
        ("presto", "SELECT time '10:00' AS x", "time(3)"), ("presto", "SELECT year(date '2026-01-01') AS x", "bigint"), ("presto", "SELECT histogram(user) AS x FROM www_access", "map(varchar, bigint)"),
        ("hive", "SELECT 1 AS x", "int"), ("hive", "SELECT 1.5 AS x", "double"), ("hive", "SELECT unix_timestamp('1970-01-01 00:00:00') AS x", "bigint"),
        ("hive", "SELECT 1 / 2 AS x", "double"), ("hive", "SELECT size(tags) AS x FROM www_access", "int"), ("hive", "SELECT sum(code) AS x FROM www_access", "bigint"),
        ("hive", "SELECT year('2026-01-01') AS x", "int"), ("hive", "SELECT length('a') AS x", "int"), ("hive", "SELECT datediff('2026-01-02', '2026-01-01') AS x", "int"),
    ],
)  # fmt: skip
def test_the_type_of_what_is_computed(type: str, sql: str, kind: str, run: Run) -> None:
    assert [column.type for column in run(sql, type)[0].columns] == [kind]


@pytest.mark.parametrize(
    ("type", "sql", "shown", "stored"),
    [
        ("presto", "SELECT 1, 2 AS b, 3", ["_col0", "b", "_col2"], ["_col0", "b", "_col2"]),
        ("hive", "SELECT 1, 2 AS b, 3", ["_c0", "b", "_c2"], ["_c0", "b", "_c2"]),
        ("presto", "SELECT *, 1 FROM (VALUES (1, 2)) AS t (x, y)", ["x", "y", "_col2"], ["x", "y", "_col2"]),
        ("presto", "SELECT 1 AS a, 2 AS a, 3 AS A", ["a", "a", "A"], ["a", "a_1", "A_2"]),
        ("presto", "SELECT a.code, b.code FROM www_access a JOIN www_access b ON a.time = b.time", ["code", "code"], ["code", "code_1"]),
        ("presto", "SELECT 1 AS a_1, 2 AS a, 3 AS a", ["a_1", "a", "a"], ["a_1", "a", "a_2"]),
        ("presto", "SELECT 1 AS \"we\"\"ird\", 2 AS \"with space\", 3 AS \"日本\", 4 AS \"select\"", ['we"ird', "with space", "日本", "select"], ['we"ird', "with space", "日本", "select"]),
        ("presto", "SELECT code AS Code FROM www_access", ["Code"], ["Code"]),
        ("presto", "SELECT count(*), count(*) FROM www_access", ["_col0", "_col1"], ["_col0", "_col1"]),
        ("presto", "VALUES (1, 2)", ["_col0", "_col1"], ["_col0", "_col1"]),
        ("presto", "SELECT 1 UNION ALL SELECT 2", ["_col0"], ["_col0"]),
        ("hive", "SELECT * FROM (SELECT 1, 2) t", ["_c0", "_c1"], ["_c0", "_c1"]),
    ],
)  # fmt: skip
def test_column_names(
    type: str, sql: str, shown: list[str], stored: list[str], run: Run, tmp_path: Path
) -> None:
    outcome, _ = run(sql, type)
    assert [column.name for column in outcome.columns] == shown
    assert pq.read_schema(tmp_path / "result.parquet").names == stored


def test_a_column_without_a_name_is_refused_before_it_runs(run: Run) -> None:
    from .conftest import refusal

    error = refusal('SELECT 1 AS ""')
    assert (str(error), error.line, error.column) == ("A name can't be empty.", 1, 13)


def test_no_rows_are_a_result_with_columns(run: Run, tmp_path: Path) -> None:
    outcome, rows = run("SELECT code, user FROM www_access WHERE code > 999")
    assert (outcome.rows, rows) == (0, [])
    assert pq.read_schema(tmp_path / "result.parquet").names == ["code", "user"]


def test_a_table_without_rows_has_its_columns(run: Run) -> None:
    outcome, rows = run("SELECT * FROM nothing_yet")
    assert ([column.name for column in outcome.columns], rows) == (
        ["time", "user", "code", "amount", "tags", "late"],
        [],
    )


def test_the_outcome_counts(run: Run, tmp_path: Path, snapshots: dict[object, Any]) -> None:
    outcome, _ = run("SELECT a.code FROM www_access a JOIN www_access b ON a.time = b.time")
    assert outcome.rows == 100
    assert outcome.bytes == (tmp_path / "result.parquet").stat().st_size
    (scanned,) = [one.bytes for ref, one in snapshots.items() if str(ref) == "sample_datasets.www_access"]
    assert outcome.scanned_bytes == scanned


def test_rows_keep_the_order_of_the_statement(run: Run) -> None:
    _, rows = run("SELECT x FROM UNNEST(sequence(1, 300000)) AS t (x) ORDER BY x DESC")
    assert [row[0] for row in rows] == list(range(300_000, 0, -1))


def test_a_type_within_types_has_the_dialects_name() -> None:
    kind = "STRUCT(a MAP(VARCHAR, DECIMAL(3,1)[]), b TIMESTAMP WITH TIME ZONE)"
    assert (
        user_type(kind, "presto") == "row(a map(varchar, array(decimal(3,1))), b timestamp(3) with time zone)"
    )
    assert user_type(kind, "hive") == "struct<a:map<string,array<decimal(3,1)>>,b:timestamp>"
