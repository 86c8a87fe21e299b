"""A job's SQL to its kept result: limits, a stop half way, and others who change the tables meanwhile."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from console.warehouse import storage
from console.warehouse.engine.embedded import ENGINE
from console.warehouse.engine.interface import SqlError
from console.warehouse.types import AlreadyExists, NotFound, TableRef
from console.workbench import statements
from integrations.errors import Stopped

from .conftest import Sql, fill, left_behind, refused, rows

ENDLESS = "SELECT count(*) FROM " + ", ".join(f"UNNEST(sequence(1, 1000)) AS t{i} (x)" for i in range(9))


class Killed:
    """A lease that is taken away at the third look."""

    def __init__(self) -> None:
        self.looks = 0

    def heed(self) -> None:
        self.looks += 1
        if self.looks > 2:
            raise Stopped


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """What somebody else does after the query ran and before its rows are committed."""

    def plan(act: Callable[[], object]) -> None:
        real = statements._write_table

        def write(*args: Any) -> int:
            act()
            return real(*args)

        monkeypatch.setattr(statements, "_write_table", write)

    return plan


@pytest.mark.parametrize("type", ["presto", "hive"])
def test_a_select_keeps_its_result(type: str, sql: Sql) -> None:
    job = sql("SELECT code, name FROM sales ORDER BY code", type)
    path = Path(django_settings.RESULTS_DIR) / job.result_path
    assert pq.read_table(path).to_pylist() == [{"code": 1, "name": "a"}, {"code": 2, "name": None}]
    text = "varchar" if type == "presto" else "string"
    assert (job.rows, job.result_schema) == (2, [["code", "bigint"], ["name", text]])
    assert job.result_bytes == path.stat().st_size
    assert "sales" in job.translated_sql
    assert left_behind() == [path]


def test_the_time_of_the_slot_is_the_jobs(sql: Sql) -> None:
    job = sql("SELECT TD_SCHEDULED_TIME() AS t, TD_TIME_FORMAT(TD_SCHEDULED_TIME(), 'yyyy') AS y")
    path = Path(django_settings.RESULTS_DIR) / job.result_path
    assert pq.read_table(path).to_pylist() == [{"t": job.scheduled_time, "y": "2026"}]


def test_the_time_limit_is_the_operators(sql: Sql, settings: Settings) -> None:
    settings.JOB_TIMEOUT = 1
    assert str(refused(sql, ENDLESS)) == "The query ran longer than 1 s and was stopped."


def test_the_memory_limit_is_the_operators(sql: Sql, settings: Settings) -> None:
    settings.JOB_MEMORY = "64MB"
    error = refused(sql, "SELECT max(x) FROM UNNEST(sequence(1, 1000000000)) AS t (x)")
    assert str(error) == "The query needs more than 64 MB of memory."


@pytest.mark.parametrize(
    "text", [ENDLESS, f"CREATE TABLE made AS {ENDLESS.replace('count(*)', 'count(*) AS n')}"]
)
def test_a_kill_stops_the_sql_and_leaves_nothing(text: str, shop: str, sql: Sql) -> None:
    with pytest.raises(Stopped):
        sql(text, lease=Killed())
    assert left_behind() == []
    with pytest.raises(NotFound):
        storage.snapshot(TableRef(shop, "made"))


def test_a_table_made_meanwhile_is_not_overwritten(shop: str, sql: Sql, meanwhile: Any) -> None:
    meanwhile(lambda: storage.create_table(TableRef(shop, "made"), [("theirs", "long")]))
    with pytest.raises(AlreadyExists, match="already exists"):
        sql("CREATE TABLE made AS SELECT 1 AS mine")
    assert rows(shop, "made") == []
    assert left_behind() == []


def test_if_not_exists_gives_way_to_a_table_made_meanwhile(shop: str, sql: Sql, meanwhile: Any) -> None:
    meanwhile(lambda: storage.create_table(TableRef(shop, "made"), [("theirs", "long")]))
    assert sql("CREATE TABLE IF NOT EXISTS made AS SELECT 1 AS mine").rows == 0
    assert rows(shop, "made") == []


def test_rows_that_came_meanwhile_stay(shop: str, sql: Sql, meanwhile: Any, data_dir: Path) -> None:
    names = ["time", "code", "name", "amount"]
    meanwhile(lambda: fill(TableRef(shop, "sales"), "VALUES (30, 3, 'theirs', 3.5::DOUBLE)", names, data_dir))
    sql("INSERT INTO sales SELECT 40, 4, 'mine', 4.5")
    assert sorted(row[0] for row in rows(shop)) == [10, 20, 30, 40]


def test_a_table_dropped_meanwhile_is_an_error(shop: str, sql: Sql, meanwhile: Any) -> None:
    meanwhile(lambda: storage.drop_table(TableRef(shop, "sales")))
    with pytest.raises(NotFound, match="does not exist"):
        sql("INSERT INTO sales SELECT 40, 4, 'mine', 4.5")
    assert left_behind() == []


def test_a_column_that_came_meanwhile_is_null_in_the_new_rows(shop: str, sql: Sql, meanwhile: Any) -> None:
    meanwhile(lambda: storage.add_columns(TableRef(shop, "sales"), [("colour", "string")]))
    sql("INSERT INTO sales SELECT 40, 4, 'mine', 4.5")
    assert (40, 4, "mine", 4.5, None) in rows(shop)


def test_a_query_reads_one_state_of_a_table(shop: str, data_dir: Path) -> None:
    """Rows that come after the snapshot was taken are not seen, however often the query names the table."""
    statement = ENGINE.translate(
        "SELECT (SELECT count(*) FROM sales) AS a, (SELECT count(*) FROM sales) AS b",
        "presto",
        database=shop,
        scheduled_time=0,
    )
    snapshots = statements.snapshots_of(statement)
    fill(
        TableRef(shop, "sales"),
        "VALUES (30, 3, 'late', 3.5::DOUBLE)",
        ["time", "code", "name", "amount"],
        data_dir,
    )
    ENGINE.start(statement, snapshots, data_dir / "out", statements._limits()).wait(60)
    assert pq.read_table(data_dir / "out").to_pylist() == [{"a": 2, "b": 2}]


@pytest.mark.parametrize("type", ["presto", "hive"])
def test_nested_columns_of_a_table_are_read_by_their_fields(type: str, shop: str, sql: Sql) -> None:
    sql(
        "CREATE TABLE deep AS SELECT CAST(ROW(1, 'x') AS ROW(a bigint, b varchar)) AS r,"
        " ARRAY[MAP(ARRAY['k'], ARRAY[7])] AS ms"
    )
    first = "ms[1]['k']" if type == "presto" else "ms[0]['k']"
    job = sql(f"SELECT r.b AS b, {first} AS k FROM deep", type)
    assert pq.read_table(Path(django_settings.RESULTS_DIR) / job.result_path).to_pylist() == [
        {"b": "x", "k": 7}
    ]


def test_an_unknown_function_is_refused_before_a_table_is_looked_for(sql: Sql) -> None:
    with pytest.raises(SqlError, match="The function nosuch isn't supported"):
        sql("SELECT nosuch(1) FROM missing")
