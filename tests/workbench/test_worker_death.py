"""kill -9 of the worker at every point of a job, then a second worker, then the rows at the destination are counted.

The destination is a real web server with this very console behind it, reached by the real connector.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from django.utils import timezone

from console.accounts import keys
from console.warehouse import storage
from console.warehouse.imports import sessions
from console.warehouse.types import TableRef
from console.workbench import jobs, results
from console.workbench.models import Job
from integrations.models import Export
from tests.factories import claim, make_authentication, make_user

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

KILLED = -9
ROWS = 3_000
WIDE = """SELECT i AS id, md5(i::varchar) AS a, md5((i * 7)::varchar) AS b, md5((i * 13)::varchar) AS c
    FROM range({}) r(i)"""


@pytest.fixture
def user(transactional_db):
    return make_user(role="administrator")


@pytest.fixture
def authentication(user, console_url):
    master = next(key for key in keys.create_pair(user) if key.kind == "master")
    return make_authentication(
        owner=user, keys={"endpoint": console_url}, secrets={"apikey": keys.reveal(master)}
    )


@pytest.fixture
def database(console_url, tmp_path) -> str:
    """A database of this test's own, with a table `numbers`. The server's warehouse outlives the test."""
    name = f"db_{uuid.uuid4().hex[:12]}"
    storage.create_database(name)
    write_table(TableRef(name, "numbers"), "SELECT i AS id FROM range(1000) r(i)", tmp_path)
    return name


@pytest.fixture
def target(database, tmp_path) -> TableRef:
    """A table that has five rows before the export."""
    ref = TableRef(database, "exported")
    write_table(ref, "SELECT -1 - i AS id, 'old' AS a FROM range(5) r(i)", tmp_path)
    return ref


def write_table(ref: TableRef, select: str, folder: Path) -> None:
    path = folder / f"{ref.table}.parquet"
    duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    storage.append(ref, [path], operation_id=f"seed-{ref}", create=True)


def stored_result(user, authentication, mode: str, target: TableRef, settings) -> Job:
    """A job whose result is kept, and another that exports it again."""
    settings.RESULTS_DIR.mkdir(exist_ok=True)
    duckdb.execute(f"COPY ({WIDE.format(ROWS)}) TO '{settings.RESULTS_DIR}/kept.parquet' (FORMAT parquet)")
    source = Job.objects.create(
        user=user,
        database=target.database,
        scheduled_time=0,
        status="success",
        rows=ROWS,
        result_path="kept.parquet",
        result_schema=[["id", "bigint"], ["a", "varchar"], ["b", "varchar"], ["c", "varchar"]],
        export_authentication=authentication,
        export_settings={
            "user_database_name": target.database,
            "user_table_name": target.table,
            "mode": mode,
            "file_split_size": 64,  # KB: several parts. The worker under test lets it through,
        },
    )
    return jobs.export_again(source, user)


def lose_lease(job: Job) -> None:
    """The dead worker's lease runs out now instead of in half a minute."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).exclude(lease_until=None).update(lease_until=past)


def rows_at_destination(ref: TableRef) -> tuple[int, int]:
    """Rows, and different ids among them."""
    snapshot = storage.snapshot(ref)
    question = (
        f"SELECT count(*), count(DISTINCT id) FROM read_parquet({list(snapshot.files)}, union_by_name=true)"
    )
    return duckdb.execute(question).fetchall()[0]


def finish(job: Job, work) -> Job:
    lose_lease(job)
    assert work(job.pk) == 0
    job.refresh_from_db()
    return job


WRITES = ("table/create", "bulk_import/create", "bulk_import/upload_part", "bulk_import/freeze",
          "bulk_import/perform", "table/append-schema", "bulk_import/commit", "bulk_import/delete")  # fmt: skip
STEPS = ("before-claim", "after-claim", "before-export", "export-opened", "part-intended",
         "half:bulk_import/upload_part", "part-accepted", "part-acknowledged", "before-status",
         "after-status")  # fmt: skip


def around(paths: Iterable[str]) -> list[str]:
    return [f"{moment}:{path}" for path in paths for moment in ("request", "answer")]


CASES = [
    *[("append", point) for point in (*STEPS, *around(WRITES))],
    *[("replace", point) for point in (*STEPS, *around((*WRITES, "table/rename")))],
]


@pytest.mark.parametrize(("mode", "point"), CASES)
def test_every_row_arrives_once_wherever_the_worker_dies(
    point, mode, target, user, authentication, work, settings
):
    job = stored_result(user, authentication, mode, target, settings)
    assert work(job.pk, point) == KILLED
    job = finish(job, work)
    assert (job.status, job.error_message) == ("success", "")
    expected = ROWS + 5 if mode == "append" else ROWS
    assert rows_at_destination(target) == (expected, expected)
    export = Export.objects.get(jobs=job)
    assert (export.status, export.rows_delivered, export.rows_rejected) == ("success", ROWS, 0)
    assert export.parts.count() > 1
    assert {table.ref.table for table in storage.tables(target.database)} == {"numbers", "exported"}
    assert sessions.sessions() == []


@pytest.mark.parametrize(
    "point",
    [
        "before-claim",
        "after-claim",
        "during-sql",
        "result-stored",
        "before-export",
        "part-accepted",
        "before-status",
    ],
)
def test_a_query_with_an_export_survives_its_worker(point, target, user, authentication, work, settings):
    sql = "SELECT a.id * 1000 + b.id AS id FROM numbers a CROSS JOIN numbers b"
    if point == "during-sql":  # long enough to be seen running
        sql += " WHERE (SELECT max(x.id * y.id % 7) FROM numbers x CROSS JOIN numbers y CROSS JOIN numbers z) > 0"
    job = jobs.submit_sql(
        user=user, database=target.database, type="presto", sql=sql, export_authentication=authentication,
        export_settings={"user_database_name": target.database, "user_table_name": target.table, "mode": "append"},
    )  # fmt: skip
    assert work(job.pk, point) == KILLED
    job = finish(job, work)
    assert (job.status, job.error_message) == ("success", "")
    assert rows_at_destination(target) == (1_000_005, 1_000_005)
    assert not list(settings.RESULTS_DIR.glob("*.part"))


@pytest.mark.parametrize("point", ["table-written", "before-status"])
@pytest.mark.parametrize(
    ("type", "sql", "written", "rows"),
    [
        ("presto", "CREATE TABLE made AS SELECT id FROM numbers", "made", 1000),
        ("presto", "INSERT INTO exported SELECT id, 'new' FROM numbers", "exported", 1005),
        ("hive", "INSERT OVERWRITE TABLE exported SELECT id, 'new' FROM numbers", "exported", 1000),
    ],
)
def test_a_statement_that_writes_writes_once(point, type, sql, written, rows, target, user, work):
    job = jobs.submit_sql(user=user, database=target.database, type=type, sql=sql)
    assert work(job.pk, point) == KILLED
    job = finish(job, work)
    assert (job.status, job.error_message) == ("success", "")
    assert rows_at_destination(TableRef(target.database, written)) == (rows, rows)


@pytest.mark.django_db
def test_a_dead_workers_result_is_not_another_ones(user):
    job = jobs.submit_sql(user=user, database="sample_datasets", type="presto", sql="SELECT 1")
    first = claim(job, "first")
    lose_lease(job)
    second = claim(job, "second")
    assert results.new_path(first) != results.new_path(second)
