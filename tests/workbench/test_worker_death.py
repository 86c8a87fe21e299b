"""kill -9 of the worker at every point of a job, then a second worker, then the rows at the destination are counted.

The destination is a real web server with this very console behind it, reached by the real connector.
"""

from collections.abc import Iterable

import pytest

from console.warehouse.imports import sessions
from console.warehouse.types import TableRef
from console.workbench import jobs, results
from console.workbench.models import Job
from console.workbench.worker import MAX_CLAIMS
from integrations.models import Export
from tests.factories import claim
from tests.workbench.destination import ROWS, lose_lease, rows_of, stored_result, tables_of

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

KILLED = -9


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
def test_every_row_arrives_once_wherever_the_worker_dies(point, mode, target, admin, authentication, work):
    job = stored_result(admin, authentication, mode, target)
    assert work(job.pk, point) == KILLED
    job = finish(job, work)
    assert (job.status, job.error_message) == ("success", "")
    expected = ROWS + 5 if mode == "append" else ROWS
    assert rows_of(target) == (expected, expected)
    export = Export.objects.get(jobs=job)
    assert (export.status, export.rows_delivered, export.rows_rejected) == ("success", ROWS, 0)
    assert export.parts.count() > 1
    assert tables_of(target.database) == {"numbers", "exported"}
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
def test_a_query_with_an_export_survives_its_worker(point, target, admin, authentication, work):
    sql = "SELECT a.id * 1000 + b.id AS id FROM numbers a CROSS JOIN numbers b"
    if point == "during-sql":  # long enough to be seen running
        sql += " WHERE (SELECT max(x.id * y.id % 7) FROM numbers x CROSS JOIN numbers y CROSS JOIN numbers z) > 0"
    job = jobs.submit_sql(
        user=admin, database=target.database, type="presto", sql=sql, export_authentication=authentication,
        export_settings={"user_database_name": target.database, "user_table_name": target.table, "mode": "append"},
    )  # fmt: skip
    assert work(job.pk, point) == KILLED
    job = finish(job, work)
    assert (job.status, job.error_message) == ("success", "")
    assert rows_of(target) == (1_000_005, 1_000_005)
    assert [path.name for path in results.files(f"{job.pk}-*")] == [job.result_path]


@pytest.mark.parametrize("point", ["table-written", "before-status"])
@pytest.mark.parametrize(
    ("type", "sql", "written", "rows"),
    [
        ("presto", "CREATE TABLE made AS SELECT id FROM numbers", "made", 1000),
        ("presto", "INSERT INTO exported SELECT id, 'new' FROM numbers", "exported", 1005),
        ("hive", "INSERT OVERWRITE TABLE exported SELECT id, 'new' FROM numbers", "exported", 1000),
    ],
)
def test_a_statement_that_writes_writes_once(point, type, sql, written, rows, target, admin, work):
    job = jobs.submit_sql(user=admin, database=target.database, type=type, sql=sql)
    assert work(job.pk, point) == KILLED
    job = finish(job, work)
    assert (job.status, job.error_message) == ("success", "")
    assert rows_of(TableRef(target.database, written)) == (rows, rows)


@pytest.mark.django_db
def test_a_dead_workers_result_is_not_another_ones(admin):
    job = jobs.submit_sql(user=admin, database="sample_datasets", type="presto", sql="SELECT 1")
    first = claim(job, "first")
    lose_lease(job)
    second = claim(job, "second")
    assert results.new_path(first) != results.new_path(second)


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_a_job_that_kills_its_workers_ends_and_cleans_up(mode, target, admin, authentication, work):
    job = stored_result(admin, authentication, mode, target)
    assert work(job.pk, "part-accepted") == KILLED
    Job.objects.filter(pk=job.pk).update(claims=MAX_CLAIMS)
    job = finish(job, work)
    assert (job.status, job.error_message) == ("error", f"{MAX_CLAIMS} workers died while they had this job.")
    assert job.error_kept.startswith(f"{target} is unchanged.")
    assert Export.objects.get(jobs=job).status == "error"
    assert rows_of(target) == (5, 5)
    assert tables_of(target.database) == {"numbers", "exported"}
    assert sessions.sessions() == []
