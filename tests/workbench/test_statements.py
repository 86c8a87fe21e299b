"""CREATE TABLE AS, INSERT INTO and INSERT OVERWRITE as a job runs them, into the warehouse's own tables."""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings

from console.warehouse import storage
from console.warehouse.engine.embedded import ENGINE
from console.warehouse.engine.interface import SqlError
from console.warehouse.types import NotFound, TableRef
from console.workbench import statements
from console.workbench.models import Job
from tests.factories import claim, make_job

pytestmark = pytest.mark.usefixtures("data_dir")
Sql = Callable[..., Job]


class Held:
    """A lease nobody takes away."""

    def heed(self) -> None: ...


@pytest.fixture
def shop(db: None, data_dir: Path) -> str:
    """A database with the table `sales`: time, code, name, amount; two rows."""
    name = f"shop_{uuid.uuid4().hex[:8]}"
    storage.create_database(name)
    columns = [("time", "long"), ("code", "long"), ("name", "string"), ("amount", "double")]
    storage.create_table(TableRef(name, "sales"), columns)
    fill(
        TableRef(name, "sales"),
        "VALUES (10, 1, 'a', 1.5::DOUBLE), (20, 2, NULL, 2.5)",
        [c for c, _ in columns],
        data_dir,
    )
    return name


@pytest.fixture
def sql(shop: str) -> Sql:
    def run(text: str, type: str = "presto", job: Job | None = None) -> Job:
        job = claim(job or make_job(sql=text, type=type, database=shop), f"worker-{uuid.uuid4().hex[:6]}")
        statements.run(job, Held(), ENGINE)  # type: ignore[arg-type]
        job.refresh_from_db()
        return job

    return run


def fill(ref: TableRef, values: str, names: list[str], folder: Path) -> None:
    path = folder / f"{uuid.uuid4().hex}.parquet"
    duckdb.execute(f"COPY (SELECT * FROM ({values}) AS t({', '.join(names)})) TO '{path}' (FORMAT parquet)")
    storage.append(ref, [path], operation_id=path.name)


def rows(shop: str, table: str = "sales") -> list[tuple[Any, ...]]:
    return storage.first_rows(TableRef(shop, table), 1000)[1]


def columns(shop: str, table: str) -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in storage.snapshot(TableRef(shop, table)).columns]


def refused(sql: Sql, text: str, type: str = "presto") -> SqlError:
    with pytest.raises(SqlError) as error:
        sql(text, type)
    assert not list(Path(settings.RESULTS_DIR).glob("*")), "something was left behind"
    return error.value


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


def test_insert_overwrite_replaces_the_rows_and_keeps_the_columns(shop: str, sql: Sql) -> None:
    job = sql("INSERT OVERWRITE TABLE sales SELECT 1, 9, 'new', 0.5", "hive")
    assert rows(shop) == [(1, 9, "new", 0.5)]
    assert columns(shop, "sales") == [
        ("time", "long"),
        ("code", "long"),
        ("name", "string"),
        ("amount", "double"),
    ]
    assert (job.rows, job.written_table) == (1, f"{shop}.sales")


def test_insert_overwrite_from_the_table_itself(shop: str, sql: Sql) -> None:
    sql("INSERT OVERWRITE TABLE sales SELECT time, code + 10, name, amount FROM sales WHERE code = 2", "hive")
    assert rows(shop) == [(20, 12, None, 2.5)]


def test_insert_overwrite_of_some_columns_leaves_the_others_null(shop: str, sql: Sql) -> None:
    sql("INSERT OVERWRITE TABLE sales (time, name) SELECT 1, 'x'", "hive")
    assert rows(shop) == [(1, None, "x", None)]


def test_insert_overwrite_without_rows_empties_the_table(shop: str, sql: Sql) -> None:
    job = sql("INSERT OVERWRITE TABLE sales SELECT * FROM sales WHERE code > 99", "hive")
    assert (rows(shop), job.rows) == ([], 0)
    assert len(columns(shop, "sales")) == 4


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
