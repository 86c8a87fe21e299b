"""The warehouse's words: a table's name, a column, a snapshot. Plain Python; no Django, no engine."""

import re
from dataclasses import dataclass

NAME = re.compile(r"[a-z0-9_]{3,255}")
NAME_RULE = "Use 3 to 255 of the characters a-z, 0-9 and _."


@dataclass(frozen=True, order=True)
class TableRef:
    database: str
    table: str

    def __str__(self) -> str:
        return f"{self.database}.{self.table}"


@dataclass(frozen=True)
class Column:
    """A table's column. `type` is Treasure Data's name of it: int, long, float, double, string, array<T>, map<K,V>,
    and beyond those boolean, date, timestamp, decimal(p,s), binary, struct<…> for tables written by SQL.
    `field_id` is Iceberg's; `engine_type` is DuckDB's name of the type, for casts.
    """

    name: str
    type: str
    field_id: int
    engine_type: str


@dataclass(frozen=True)
class Snapshot:
    """One state of one table: what every reader of it sees, whatever is written meanwhile."""

    ref: TableRef
    snapshot_id: int | None  # None: a table nothing was ever written to
    columns: tuple[Column, ...]
    files: tuple[str, ...]  # absolute paths of the Parquet files
    rows: int
    bytes: int


class WarehouseError(Exception):
    """`str(error)` is shown to the user and says what to do. `code` is the API's answer."""

    code = 422


class NotFound(WarehouseError):
    code = 404


class AlreadyExists(WarehouseError):
    code = 409


class InvalidName(WarehouseError):
    code = 422


class Conflict(WarehouseError):
    code = 409
