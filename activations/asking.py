"""A question to the warehouse whose answer is small: through the gate and the engine as people's own SQL, but without
a job. For counts, checks and samples."""

import contextlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from activations.sql.writing import TYPE
from console.warehouse import engine
from console.warehouse.engine.interface import Limits, ResultColumn
from console.workbench import results, statements

SECONDS = 120  # a person waits for it
STEP = 0.1  # seconds between two looks at the engine
STRAY = 86_400  # seconds after which nobody can be asking any more


@dataclass(frozen=True)
class Answer:
    columns: tuple[ResultColumn, ...]
    table: pa.Table  # as many columns in the same order; their names may differ where two were equal

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return list(zip(*(column.to_pylist() for column in self.table.columns), strict=True))


def ask(
    sql: str,
    *,
    scheduled_time: int,
    seconds: int = SECONDS,
    heed: Callable[[], None] = lambda: None,
) -> Answer:
    """Raises SqlError, WarehouseError, and what `heed` raises, which is called all the while."""
    current = engine.current(TYPE)
    statement = current.translate(
        sql, TYPE, database="", scheduled_time=scheduled_time, columns=statements.columns_of
    )
    snapshots = statements.snapshots_of(statement)
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    _remove_strays()
    output = settings.SPOOL_DIR / f"answer-{uuid.uuid4().hex}.parquet"
    limits = Limits(memory=settings.JOB_MEMORY, threads=settings.JOB_THREADS, seconds=seconds)
    run = current.start(statement, snapshots, output, limits)
    try:
        while (outcome := run.wait(STEP)) is None:
            heed()
        return Answer(outcome.columns, pq.read_table(output))
    finally:
        run.cancel()
        output.unlink(missing_ok=True)


def _remove_strays() -> None:
    """What was left by a process that was killed while it asked."""
    for path in settings.SPOOL_DIR.glob("answer-*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > STRAY:
                results.delete(path)
