"""Many small files become a few large ones, while others read and write."""

from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from console.warehouse.storage.catalog import plain_path
from console.warehouse.storage.columns import quoted
from console.warehouse.storage.commits import (
    alone,
    data_files,
    live_files,
    stage_expiry,
    stage_snapshot,
    until_first,
)
from console.warehouse.storage.preparing import write_files
from console.warehouse.storage.session import session
from console.warehouse.storage.snapshots import plan, select
from console.warehouse.storage.tables import load
from console.warehouse.types import TableRef

SMALL = 16 * 1024 * 1024  # bytes: below it a file costs more to open than to read
ENOUGH = 10  # small files that make a rewrite worth while


def compact(ref: TableRef, *, small: int = SMALL, enough: int = ENOUGH) -> int:
    """Rewrites the table's small files, by time where it has one; how many. 0: it was not worth it.

    Where somebody replaced the rows meanwhile, the rewritten files are left for the clean-up.
    """
    table = load(ref)
    chosen = [file for file in live_files(table) if file.file_size_in_bytes < small]
    if len(chosen) < enough:
        return 0
    written = _rewrite(ref, table, chosen)
    return until_first(lambda: _exchange(ref, table, chosen, written), str(ref))


def _rewrite(ref: TableRef, table: Table, chosen: list[DataFile]) -> tuple[str, ...]:
    seen = plan(ref, table)
    sql = select(seen, files=tuple(plain_path(file.file_path) for file in chosen))
    if any(column.name == "time" for column in seen.columns):
        sql += f" ORDER BY {quoted('time')}"
    with session() as connection:
        return write_files(connection, sql, table.schema(), table.location())[0]


def _exchange(ref: TableRef, before: Table, chosen: list[DataFile], written: tuple[str, ...]) -> int:
    table = alone(load(ref))
    there = {file.file_path: file for file in live_files(table)}
    if table.schema() != before.schema() or not all(file.file_path in there for file in chosen):
        return 0
    transaction = table.transaction()
    removed = [there[file.file_path] for file in chosen]
    stage_snapshot(
        transaction, data_files(transaction, written), removed, {"sendoff.compaction": str(len(chosen))}
    )
    stage_expiry(transaction)
    transaction.commit_transaction()
    return len(chosen)


def expire(ref: TableRef, *, keep: int) -> int:
    """Forgets all snapshots but the newest `keep`; how many. The files only they name become orphans."""

    def attempt() -> int:
        table = alone(load(ref))
        if len(table.metadata.snapshots) <= keep:
            return 0
        transaction = table.transaction()
        gone = stage_expiry(transaction, keep=keep, at=keep + 1)
        transaction.commit_transaction()
        return gone

    return until_first(attempt, str(ref))
