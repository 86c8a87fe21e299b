"""What a reader gets: the files of one state of a table, and the SQL that reads exactly them."""

from collections import OrderedDict
from typing import Any

from pyiceberg.table import Table

from console.warehouse.storage.catalog import plain_path
from console.warehouse.storage.columns import columns_of, literal, quoted
from console.warehouse.storage.facts import Change, changes_of
from console.warehouse.storage.session import session
from console.warehouse.storage.tables import load, location_now
from console.warehouse.types import Column, Snapshot, TableRef

# Keyed by metadata file, which never changes: a plan is worked out once per commit and process.
_plans: OrderedDict[tuple[TableRef, str], Snapshot] = OrderedDict()
KEPT_PLANS = 256


def snapshot(ref: TableRef) -> Snapshot:
    """The table as it is now. The files stay readable for the grace period whatever is written meanwhile."""
    known = _plans.get((ref, location_now(ref)))
    if known is None:
        table = load(ref)
        known = _plans[ref, table.metadata_location] = plan(ref, table)
        while len(_plans) > KEPT_PLANS:
            _plans.popitem(last=False)
    return known


def plan(ref: TableRef, table: Table) -> Snapshot:
    now = table.current_snapshot()
    files = [task.file for task in table.scan().plan_files()] if now else []
    return Snapshot(
        ref=ref,
        snapshot_id=now.snapshot_id if now else None,
        columns=columns_of(table.schema()),
        files=tuple(plain_path(f.file_path) for f in files),
        rows=sum(f.record_count for f in files),
        bytes=sum(f.file_size_in_bytes for f in files),
    )


def history(ref: TableRef) -> list[Change]:
    """The table's last changes, newest first."""
    return changes_of(load(ref).metadata)


def first_rows(ref: TableRef, n: int) -> tuple[tuple[Column, ...], list[tuple[Any, ...]]]:
    """The table's columns and up to `n` rows as Python values, in the order they are stored."""
    seen = snapshot(ref)
    if not seen.files:
        return seen.columns, []
    with session() as connection:
        return seen.columns, connection.execute(f"SELECT * FROM ({select(seen)}) LIMIT {int(n)}").fetchall()


def first_rows_text(ref: TableRef, n: int) -> tuple[tuple[Column, ...], list[tuple[str | None, ...]]]:
    """The same as a person reads them: exact numbers, nested values as JSON; None is NULL."""
    seen = snapshot(ref)
    if not seen.files:
        return seen.columns, []
    shown = ", ".join(_text(column) for column in seen.columns)
    with session() as connection:
        return seen.columns, connection.execute(
            f"SELECT {shown} FROM ({select(seen)}) LIMIT {int(n)}"
        ).fetchall()


def _text(column: Column) -> str:
    nested = column.type.startswith(("array<", "map<", "struct<"))
    name = quoted(column.name)
    return f"CAST(to_json({name}) AS VARCHAR)" if nested else f"CAST({name} AS VARCHAR)"


def select(seen: Snapshot, *, files: tuple[str, ...] | None = None) -> str:
    """DuckDB SQL that yields the snapshot's columns with their types, from all its files or some of them.

    Columns are found by Iceberg's field id, so a column a file lacks is NULL and an int that has become a
    long is read as long.
    """
    chosen = seen.files if files is None else files
    if not chosen:
        return "SELECT {} WHERE false".format(
            ", ".join(f"NULL::{c.engine_type} AS {quoted(c.name)}" for c in seen.columns)
        )
    schema = ", ".join(
        f"{c.field_id}: {{name: {literal(c.name)}, type: {literal(c.engine_type)}, default_value: NULL}}"
        for c in seen.columns
    )
    return f"SELECT * FROM read_parquet([{', '.join(map(literal, chosen))}], schema=MAP {{{schema}}})"
