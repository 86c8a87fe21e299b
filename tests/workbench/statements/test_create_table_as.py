"""CREATE TABLE AS, as a job runs it, into the warehouse's own tables."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from console.warehouse import storage
from console.workbench.models import Job

from .conftest import Sql, columns, refused, rows


@pytest.mark.parametrize("type", ["presto", "hive"])
def test_create_table_as_makes_the_table_of_the_select(type: str, shop: str, sql: Sql) -> None:
    job = sql("CREATE TABLE made AS SELECT code, name, amount * 2 AS twice FROM sales", type)
    assert columns(shop, "made") == [("code", "long"), ("name", "string"), ("twice", "double")]
    assert sorted(rows(shop, "made")) == [(1, "a", 3.0), (2, None, 5.0)]
    assert (job.rows, job.written_table, job.result_path) == (2, f"{shop}.made", "")


@pytest.mark.parametrize("type", ["presto", "hive"])
def test_create_table_as_without_rows_makes_an_empty_table(type: str, shop: str, sql: Sql) -> None:
    job = sql("CREATE TABLE made AS SELECT code, name FROM sales WHERE code > 99", type)
    assert columns(shop, "made") == [("code", "long"), ("name", "string")]
    assert (rows(shop, "made"), job.rows) == ([], 0)


def test_create_table_as_in_another_database(shop: str, sql: Sql) -> None:
    other = f"other_{shop}"
    storage.create_database(other)
    sql(f"CREATE TABLE {other}.made AS WITH t AS (SELECT code FROM sales) SELECT * FROM t")
    assert sorted(rows(other, "made")) == [(1,), (2,)]


def test_create_table_as_keeps_types_and_values(shop: str, sql: Sql) -> None:
    sql(
        "CREATE TABLE made AS SELECT 9223372036854775807 AS big,"
        " CAST('12345678901234567890123456789012345678' AS decimal(38, 0)) AS dec,"
        " CAST('0.10' AS decimal(4, 2)) AS cents, '' AS empty, CAST(NULL AS varchar) AS missing,"
        " date '2026-01-31' AS day,"
        " timestamp '2026-01-31 10:20:30.123' AS ts, true AS yes, ARRAY[1, 2] AS xs, MAP(ARRAY['a'], ARRAY[1]) AS m,"
        " CAST(ROW(1, 'x') AS ROW(a bigint, b varchar)) AS r, X'00ff' AS bin"
    )
    ((big, dec, cents, empty, missing, day, ts, yes, xs, m, r, bin),) = rows(shop, "made")
    assert (big, dec, cents) == (
        9223372036854775807,
        Decimal("12345678901234567890123456789012345678"),
        Decimal("0.10"),
    )
    assert (empty, missing, yes) == ("", None, True)
    assert (day, ts) == (date(2026, 1, 31), datetime(2026, 1, 31, 10, 20, 30, 123000))  # noqa: DTZ001
    assert (xs, m, r, bin) == ([1, 2], {"a": 1}, {"a": 1, "b": "x"}, b"\x00\xff")


def test_an_existing_table_is_refused_before_anything_runs(shop: str, sql: Sql) -> None:
    error = refused(sql, "CREATE TABLE\n  sales AS SELECT 1 / 0 AS a")
    assert str(error) == f"Table {shop}.sales already exists."
    assert (error.line, error.column, error.hint) == (2, 3, "Drop it, or choose another name.")
    assert len(rows(shop)) == 2


def test_if_not_exists_leaves_an_existing_table_alone(shop: str, sql: Sql) -> None:
    job = sql("CREATE TABLE IF NOT EXISTS sales AS SELECT 1 / 0 AS a")
    assert (job.rows, len(rows(shop))) == (0, 2)


def test_if_not_exists_makes_a_missing_table(shop: str, sql: Sql) -> None:
    assert sql("CREATE TABLE IF NOT EXISTS made AS SELECT 1 AS a").rows == 1
    assert rows(shop, "made") == [(1,)]


def test_a_missing_database_is_named_at_its_place(sql: Sql) -> None:
    error = refused(sql, "CREATE TABLE nowhere.made AS\nSELECT 1 AS a")
    assert str(error) == "Database nowhere does not exist."
    assert (error.line, error.column) == (1, 14)


@pytest.mark.parametrize(
    ("text", "table", "line", "column"),
    [
        ("SELECT *\nFROM missing", "missing", 2, 6),
        ("SELECT missing FROM sales JOIN\n missing ON true", "missing", 2, 2),
        ("INSERT INTO missing SELECT 1", "missing", 1, 13),
        ("CREATE TABLE made AS SELECT * FROM missing", "missing", 1, 36),
    ],
)
def test_a_missing_table_is_named_at_its_place(
    text: str, table: str, line: int, column: int, shop: str, sql: Sql
) -> None:
    error = refused(sql, text)
    assert str(error) == f"Table {shop}.{table} does not exist."
    assert (error.line, error.column) == (line, column)


def test_a_create_table_as_done_again_finds_its_own_table(shop: str, sql: Sql) -> None:
    job = sql("CREATE TABLE made AS SELECT 1 AS a")
    Job.objects.filter(pk=job.pk).update(sql_finished_at=None, lease_until=job.created_at, rows=None)
    assert sql("", job=Job.objects.get(pk=job.pk)).rows == 1
    assert rows(shop, "made") == [(1,)]


def test_column_names_keep_to_the_select(shop: str, sql: Sql) -> None:
    sql('CREATE TABLE made AS SELECT 1 AS "With Space", 2 AS "we""ird", 3 AS "select", 4 AS "日本"')
    assert [name for name, _ in columns(shop, "made")] == ["With Space", 'we"ird', "select", "日本"]
    assert sql('SELECT "With Space" + "we""ird" + "select" + "日本" AS total FROM made').rows == 1


def test_a_column_name_taken_twice_is_refused(shop: str, sql: Sql) -> None:
    error = refused(sql, "CREATE TABLE made AS\nSELECT code AS a, name AS A FROM sales")
    assert str(error) == "Two columns are named A."
    assert (error.line, error.hint) == (2, "Give each a name of its own with AS.")
