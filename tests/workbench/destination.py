"""What an export is made from and what its destination holds, for tests with real processes."""

from datetime import timedelta
from pathlib import Path

import duckdb
from django.conf import settings
from django.utils import timezone

from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from console.workbench import jobs
from console.workbench.models import Job
from integrations.models import Authentication

ROWS = 3_000
WIDE = f"""SELECT i AS id, md5(i::varchar) AS a, md5((i * 7)::varchar) AS b, md5((i * 13)::varchar) AS c
    FROM range({ROWS}) r(i)"""


def write_table(ref: TableRef, select: str, folder: Path) -> None:
    path = folder / f"{ref.table}.parquet"
    duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    storage.append(ref, [path], operation_id=f"seed-{ref}", create=True)


def stored_result(user: User, authentication: Authentication, mode: str, target: TableRef) -> Job:
    """A job whose result is kept, and another that exports it again."""
    settings.RESULTS_DIR.mkdir(exist_ok=True)
    duckdb.execute(f"COPY ({WIDE}) TO '{settings.RESULTS_DIR}/kept.parquet' (FORMAT parquet)")
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
            "file_split_size": 64,  # KB: several parts. The worker under test lets it through
        },
    )
    return jobs.export_again(source, user)


def lose_lease(job: Job) -> None:
    """The dead worker's lease runs out now instead of in half a minute."""
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).exclude(lease_until=None).update(lease_until=past)


def rows_of(ref: TableRef) -> tuple[int, int]:
    """Rows, and different ids among them."""
    snapshot = storage.snapshot(ref)
    question = (
        f"SELECT count(*), count(DISTINCT id) FROM read_parquet({list(snapshot.files)}, union_by_name=true)"
    )
    rows, different = duckdb.execute(question).fetchall()[0]
    return rows, different


def tables_of(database: str) -> set[str]:
    return {table.ref.table for table in storage.tables(database)}
