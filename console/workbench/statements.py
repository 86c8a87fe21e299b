"""A job's SQL: translate, read one snapshot of each table, run, keep the result or write it to its table."""

from pathlib import Path

from django.conf import settings

from console.warehouse import storage
from console.warehouse.engine.interface import (
    Engine,
    Limits,
    Outcome,
    Run,
    Statement,
    StatementKind,
)
from console.warehouse.types import AlreadyExists, Snapshot, TableRef
from console.workbench import results
from console.workbench.lease import Lease
from console.workbench.models import Job

STEP = 0.1  # seconds between two looks at the engine
REPORT = 10  # steps between two progress reports


def run(job: Job, lease: Lease, engine: Engine) -> None:
    """Runs the job's SQL to its end. Raises SqlError, WarehouseError, or what the lease raises."""
    statement = engine.translate(job.sql, job.type, database=job.database, scheduled_time=job.scheduled_time)
    snapshots = _snapshots(statement)
    job.log("info", f"Query started on {job.type}, database {job.database}")
    output = results.new_path(job)
    outcome = _execute(job, lease, engine.start(statement, snapshots, output, _limits()))
    keep(job, statement, outcome, output)


def _execute(job: Job, lease: Lease, running: Run) -> Outcome:
    steps = 0
    try:
        while True:
            lease.heed()
            if outcome := running.wait(STEP):
                return outcome
            steps += 1
            if steps % REPORT == 0:
                job.note_progress(running.progress())
    finally:
        running.cancel()


def keep(job: Job, statement: Statement, outcome: Outcome, output: Path) -> None:
    count = f"{outcome.rows:,} rows, {len(outcome.columns)} columns"
    if statement.kind == StatementKind.SELECT:
        job.log("info", f"Query finished: {count}, {outcome.scanned_bytes:,} bytes scanned")
        job.keep_result(
            rows=outcome.rows,
            result_path=results.relative(output),
            result_bytes=outcome.bytes,
            result_schema=[[column.name, column.type] for column in outcome.columns],
            scanned_bytes=outcome.scanned_bytes,
            translated_sql=statement.translated,
        )
        return
    rows = _write_table(job, statement, output)
    output.unlink()
    job.log("info", f"Query finished: {rows:,} rows written to {statement.writes}")
    job.keep_result(
        rows=rows,
        scanned_bytes=outcome.scanned_bytes,
        written_table=str(statement.writes),
        translated_sql=statement.translated,
    )


def _write_table(job: Job, statement: Statement, output: Path) -> int:
    """One atomic commit. `operation_id` makes it one, also where this job is done again after a death."""
    ref = statement.writes
    assert ref is not None
    operation_id = f"job-{job.pk}"
    if statement.kind == StatementKind.CREATE_TABLE_AS:
        return _create_table_as(ref, output, operation_id, statement.if_not_exists)
    write = storage.replace if statement.kind == StatementKind.INSERT_OVERWRITE else storage.append
    return write(ref, [output], operation_id=operation_id)


def _create_table_as(ref: TableRef, output: Path, operation_id: str, if_not_exists: bool) -> int:
    try:
        return storage.append(ref, [output], operation_id=operation_id, exclusive=True)
    except AlreadyExists:
        if if_not_exists:
            return 0
        raise


def _snapshots(statement: Statement) -> dict[TableRef, Snapshot]:
    """What the statement reads, and the table an INSERT fills: its rows take that table's columns."""
    refs = set(statement.reads)
    if statement.writes and statement.kind != StatementKind.CREATE_TABLE_AS:
        refs.add(statement.writes)
    return {ref: storage.snapshot(ref) for ref in sorted(refs)}


def _limits() -> Limits:
    return Limits(memory=settings.JOB_MEMORY, threads=settings.JOB_THREADS, seconds=settings.JOB_TIMEOUT)
