"""A job's SQL: translate, read one snapshot of each table, run, keep the result or write it to its table."""

from pathlib import Path

from django.conf import settings

from console.warehouse import storage
from console.warehouse.engine.interface import (
    Engine,
    Limits,
    Outcome,
    Run,
    SqlError,
    Statement,
    StatementKind,
)
from console.warehouse.types import AlreadyExists, Column, NotFound, Snapshot, TableRef, WarehouseError
from console.workbench import origins, results
from console.workbench.lease import Lease
from console.workbench.models import Job

STEP = 0.1  # seconds between two looks at the engine
REPORT = 10  # steps between two progress reports


def run(job: Job, lease: Lease, engine: Engine) -> None:
    """Runs the job's SQL to its end. Raises SqlError, WarehouseError, or what the lease raises."""
    statement = engine.translate(
        job.sql, job.type, database=job.database, scheduled_time=job.scheduled_time, columns=columns_of
    )
    if _is_written(job, statement):
        return
    snapshots = snapshots_of(statement)
    job.log("info", f"Query started on {job.type}, database {job.database}")
    output = results.new_path(job)
    outcome = _execute(job, lease, engine.start(statement, snapshots, output, _limits()))
    if statement.kind == StatementKind.SELECT:
        outcome = _finished(job, output, outcome)
    keep(job, statement, outcome, output)


def _finished(job: Job, output: Path, outcome: Outcome) -> Outcome:
    try:
        return origins.finish(job, output, outcome)
    except BaseException:
        output.unlink(missing_ok=True)  # no row names it
        raise


def _is_written(job: Job, statement: Statement) -> bool:
    """Whether there is nothing to run: a worker that died had committed the rows, or CREATE TABLE IF NOT EXISTS
    finds its table. Raises SqlError where CREATE TABLE can't make its table."""
    if statement.writes is None:
        return False
    rows = storage.committed_rows(_operation_id(job))
    if rows is None and statement.kind == StatementKind.CREATE_TABLE_AS and _exists(statement):
        rows = 0
        job.log("info", f"Table {statement.writes} exists already; nothing was run")
    if rows is not None:
        _keep_write(job, statement, rows, scanned=0)
    return rows is not None


def _exists(statement: Statement) -> bool:
    ref = statement.writes
    assert ref is not None
    try:
        storage.snapshot(ref)
    except NotFound:
        try:
            storage.database(ref.database)
        except NotFound as missing:
            raise _at(statement, ref, missing) from missing
        return False
    if statement.if_not_exists:
        return True
    raise _at(statement, ref, AlreadyExists(f"Table {ref} already exists. Drop it, or choose another name."))


def columns_of(ref: TableRef) -> tuple[Column, ...]:
    """The table's columns, none where it doesn't exist: that is said once it is known what the statement does."""
    try:
        return storage.snapshot(ref).columns
    except NotFound:
        return ()


def snapshots_of(statement: Statement) -> dict[TableRef, Snapshot]:
    """One state of each table the statement reads, and of the table an INSERT fills: its rows take that table's
    columns. Raises SqlError at the name of a table that doesn't exist."""
    refs = set(statement.reads)
    if statement.writes and statement.kind != StatementKind.CREATE_TABLE_AS:
        refs.add(statement.writes)
    found = {}
    for ref in sorted(refs):
        try:
            found[ref] = storage.snapshot(ref)
        except NotFound as missing:
            raise _at(statement, ref, missing) from missing
    return found


def _at(statement: Statement, ref: TableRef, error: WarehouseError) -> SqlError:
    line, column = statement.places.get(ref, (None, None))
    message, _, hint = str(error).partition(". ")
    return SqlError(message.rstrip(".") + ".", line=line, column=column, hint=hint)


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
    try:
        rows = _write_table(job, statement, output)
    finally:
        output.unlink(missing_ok=True)
    _keep_write(job, statement, rows, scanned=outcome.scanned_bytes)


def _keep_write(job: Job, statement: Statement, rows: int, *, scanned: int) -> None:
    job.log("info", f"Query finished: {rows:,} rows written to {statement.writes}")
    job.keep_result(
        rows=rows,
        scanned_bytes=scanned,
        written_table=str(statement.writes),
        translated_sql=statement.translated,
    )


def _operation_id(job: Job) -> str:
    return f"job-{job.pk}"


def _write_table(job: Job, statement: Statement, output: Path) -> int:
    """One atomic commit. `operation_id` makes it one, also where this job is done again after a death."""
    ref = statement.writes
    assert ref is not None
    operation_id = _operation_id(job)
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


def _limits() -> Limits:
    return Limits(memory=settings.JOB_MEMORY, threads=settings.JOB_THREADS, seconds=settings.JOB_TIMEOUT)
