"""What every engine answers: translate, start, progress, cancel, outcome. The embedded engine is one;
Trino and Spark are others with the same interface (architecture, section 8).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from console.warehouse.types import Column, Snapshot, TableRef


class StatementKind(StrEnum):
    SELECT = "select"
    CREATE_TABLE_AS = "create_table_as"
    INSERT_INTO = "insert_into"
    INSERT_OVERWRITE = "insert_overwrite"


class SqlError(Exception):
    """The user's SQL can't run. `line` and `column` are 1-based, in the SQL the user wrote; None where unknown.

    `may_pass`: the same SQL may well run another time (memory, time, disk).
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        hint: str = "",
        may_pass: bool = False,
    ) -> None:
        super().__init__(message)
        self.may_pass = may_pass
        self.line = line
        self.column = column
        self.hint = hint


class SqlCancelled(Exception):
    """The statement was cancelled."""


@dataclass(frozen=True)
class Statement:
    """One checked and translated statement."""

    kind: StatementKind
    type: str  # "presto" or "hive"
    sql: str  # as the user wrote it
    translated: str  # the SELECT the engine runs, in the engine's dialect
    reads: tuple[TableRef, ...]
    writes: TableRef | None = None
    write_columns: tuple[
        str, ...
    ] = ()  # INSERT INTO t (a, b): the columns named, in order; () for by position
    if_not_exists: bool = False
    marks: tuple[tuple[int, int], ...] = ()  # offsets in `translated` and where in `sql` they come from
    places: Mapping[TableRef, tuple[int | None, int | None]] = field(default_factory=dict)  # line and column


@dataclass(frozen=True)
class Limits:
    memory: str  # "1GB"
    threads: int
    seconds: int
    spill: str = "10GB"


@dataclass(frozen=True)
class ResultColumn:
    name: str
    type: (
        str  # Presto's or Hive's name: bigint, varchar / string, decimal(38,0), timestamp(3), array(bigint) …
    )


@dataclass(frozen=True)
class Outcome:
    rows: int
    bytes: int  # of the Parquet file
    columns: tuple[ResultColumn, ...]
    scanned_bytes: int


class Run(Protocol):
    """A statement that is running in its own process and writes its rows to one Parquet file."""

    def progress(self) -> float | None: ...  # 0 to 1, None where unknown
    def wait(
        self, seconds: float
    ) -> Outcome | None: ...  # None: still running; raises SqlError, SqlCancelled
    def cancel(self) -> None: ...  # returns once the process is gone, within 2 seconds


class Engine(Protocol):
    def translate(
        self,
        sql: str,
        type: str,
        *,
        database: str,
        scheduled_time: int,
        columns: Callable[[TableRef], Sequence[Column]] = ...,  # () where the table's columns aren't known
    ) -> Statement: ...  # raises SqlError
    def start(
        self, statement: Statement, snapshots: Mapping[TableRef, Snapshot], output: Path, limits: Limits
    ) -> Run: ...
