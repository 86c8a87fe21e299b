"""INSERT INTO: by position, converted as the dialect converts, all or nothing."""

from datetime import datetime
from decimal import Decimal

import pytest

from console.warehouse import storage
from console.warehouse.types import NotFound, TableRef
from console.workbench.models import Job

from .conftest import Sql, columns, refused, rows


@pytest.mark.parametrize("type", ["presto", "hive"])
def test_insert_goes_by_position_not_by_name(type: str, shop: str, sql: Sql) -> None:
    job = sql("INSERT INTO TABLE sales SELECT 30 AS amount, 3 AS name, 'c' AS code, 3.5 AS time", type)
    assert (30, 3, "c", 3.5) in rows(shop)
    assert (job.rows, len(rows(shop))) == (1, 3)


def test_insert_into_named_columns(shop: str, sql: Sql) -> None:
    sql("INSERT INTO sales (name, TIME) VALUES ('x', 5), (NULL, 6)")
    assert sorted(rows(shop))[:2] == [(5, None, "x", None), (6, None, None, None)]


@pytest.mark.parametrize(
    "text",
    ["INSERT INTO sales SELECT 3, 'c', 3.5", "INSERT INTO sales (code, name, amount) SELECT 3, 'c', 3.5"],
)
def test_the_time_a_select_leaves_out_is_the_jobs(text: str, shop: str, sql: Sql) -> None:
    job = sql(text)
    (new,) = [row for row in rows(shop) if row[1] == 3]
    assert new[0] >= int(job.created_at.timestamp())
    assert new[1:] == (3, "c", 3.5)


@pytest.mark.parametrize("type", ["presto", "hive"])
def test_insert_from_the_table_itself_doubles_it(type: str, shop: str, sql: Sql) -> None:
    sql("INSERT INTO sales SELECT * FROM sales", type)
    assert sorted(row[:2] for row in rows(shop)) == [(10, 1), (10, 1), (20, 2), (20, 2)]


def test_insert_without_rows_changes_nothing(shop: str, sql: Sql) -> None:
    job = sql("INSERT INTO sales SELECT * FROM sales WHERE code > 99")
    assert (job.rows, len(rows(shop))) == (0, 2)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "INSERT INTO sales SELECT 1, 2",
            "The SELECT has 2 columns, {shop}.sales takes 4.",
            "In this order: time, code, name, amount.",
        ),
        (
            "INSERT INTO sales SELECT 1, 2, '3', 4, 5",
            "The SELECT has 5 columns, {shop}.sales takes 4.",
            "In this order: time, code, name, amount.",
        ),
        (
            "INSERT INTO sales (code, name) SELECT 1",
            "The SELECT has 1 columns, {shop}.sales takes 2.",
            "In this order: code, name.",
        ),
        (
            "INSERT INTO sales (code, colour) SELECT 1, 'red'",
            "{shop}.sales has no column colour.",
            "Its columns: time, code, name, amount.",
        ),
        (
            "INSERT INTO sales SELECT 1, '2', 'x', 1.0",
            "Column code of {shop}.sales is bigint, the SELECT gives varchar.",
            "Write CAST(… AS bigint).",
        ),
        (
            "INSERT INTO sales SELECT 1, 2e0, 'x', 1.0",
            "Column code of {shop}.sales is bigint, the SELECT gives double.",
            "Write CAST(… AS bigint).",
        ),
        (
            "INSERT INTO sales SELECT 1, 1.5, 'x', 1.0",
            "Column code of {shop}.sales is bigint, the SELECT gives decimal(2,1).",
            "Write CAST(… AS bigint).",
        ),
        (
            "INSERT INTO sales SELECT 1, 2, 3, 1.0",
            "Column name of {shop}.sales is varchar, the SELECT gives integer.",
            "Write CAST(… AS varchar).",
        ),
        (
            "INSERT INTO sales SELECT 1, 2, ARRAY['x'], 1.0",
            "Column name of {shop}.sales is varchar, the SELECT gives array(varchar).",
            "Write CAST(… AS varchar).",
        ),
        (
            "INSERT INTO sales SELECT 1, 2, 'x', true",
            "Column amount of {shop}.sales is double, the SELECT gives boolean.",
            "Write CAST(… AS double).",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    text: str, message: str, hint: str, shop: str, sql: Sql
) -> None:
    error = refused(sql, text)
    assert (str(error), error.hint) == (message.format(shop=shop), hint)
    assert error.line == 1
    assert len(rows(shop)) == 2


def test_presto_converts_where_nothing_is_lost(shop: str, sql: Sql) -> None:
    sql(
        "CREATE TABLE wide AS SELECT CAST(1.25 AS decimal(6, 2)) AS dec, timestamp '2026-01-01 00:00:00' AS ts,"
        " ARRAY[CAST(1 AS bigint)] AS xs, CAST(1 AS double) AS d"
    )
    sql("INSERT INTO wide SELECT 7.0, date '2026-01-02', ARRAY[2], 1.5")
    sql("INSERT INTO wide SELECT NULL, NULL, NULL, NULL")
    assert (Decimal("7.00"), datetime(2026, 1, 2), [2], 1.5) in rows(shop, "wide")  # noqa: DTZ001
    assert (None, None, None, None) in rows(shop, "wide")


def test_a_column_grows_to_the_wider_type_of_the_same_kind(shop: str, sql: Sql) -> None:
    sql("CREATE TABLE narrow AS SELECT 1 AS i, CAST(1 AS real) AS r, CAST(1 AS decimal(4, 2)) AS dec")
    assert columns(shop, "narrow") == [("i", "int"), ("r", "float"), ("dec", "decimal(4,2)")]
    sql(
        "INSERT INTO narrow SELECT 9223372036854775807, CAST(0.1 AS double), CAST('123456.78' AS decimal(10, 2))"
    )
    assert columns(shop, "narrow") == [("i", "long"), ("r", "double"), ("dec", "decimal(10,2)")]
    assert (9223372036854775807, 0.1, Decimal("123456.78")) in rows(shop, "narrow")


def test_a_count_fits_a_bigint_column(shop: str, sql: Sql) -> None:
    sql("INSERT INTO sales SELECT max(time), sum(code), max(name), avg(code) FROM sales")
    assert (20, 3, "a", 1.5) in rows(shop)


def test_hive_converts_and_what_it_can_not_is_null(shop: str, sql: Sql) -> None:
    sql("INSERT INTO TABLE sales SELECT '30', 2.9, 7, 'x'", "hive")
    sql("INSERT INTO TABLE sales SELECT 40, 'many', 1.0, '4.5'", "hive")
    assert sorted(rows(shop), key=lambda row: row[0])[2:] == [(30, 2, "7", None), (40, None, "1.0", 4.5)]


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO sales SELECT time, code / (code - 2), name, amount FROM sales",
        "CREATE TABLE made AS SELECT code / (code - 2) AS x FROM sales",
    ],
)
def test_an_error_half_way_writes_nothing(text: str, shop: str, sql: Sql) -> None:
    assert str(refused(sql, text)) == "Division by zero."
    assert len(rows(shop)) == 2
    with pytest.raises(NotFound):
        storage.snapshot(TableRef(shop, "made"))


def test_a_job_done_again_after_its_worker_died_writes_once(shop: str, sql: Sql) -> None:
    job = sql("INSERT INTO sales SELECT 30, 3, 'c', 3.5")
    Job.objects.filter(pk=job.pk).update(
        sql_finished_at=None, lease_until=job.created_at, written_table="", rows=None
    )
    again = sql("", job=Job.objects.get(pk=job.pk))
    assert (again.rows, again.written_table, len(rows(shop))) == (1, f"{shop}.sales", 3)
