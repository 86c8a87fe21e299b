"""The second half of a write: one Iceberg commit that shows the prepared rows, all of them, once."""

import os
import random
import time
from collections.abc import Callable, Iterable
from os import PathLike
from typing import TypeVar

import sqlalchemy as sa
from django.conf import settings
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import DataFile
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.update.snapshot import ExpireSnapshots
from sqlalchemy.exc import OperationalError

from console.warehouse.storage.catalog import OPERATION, ROWS, catalog, operations, plain_path
from console.warehouse.storage.merging import apply
from console.warehouse.storage.preparing import (
    Prepared,
    existing,
    prepare_again,
    prepare_append,
    prepare_replace,
)
from console.warehouse.storage.tables import new_properties
from console.warehouse.types import Conflict, TableRef

T = TypeVar("T")
Paths = Iterable[str | PathLike[str]]

PATIENCE = 120.0  # seconds of losing against other writers before giving up
KEPT_SNAPSHOTS = 25  # metadata grows with every snapshot, and with it the time of a commit


def append(
    ref: TableRef, parquet_paths: Paths, *, operation_id: str, create: bool = False, exclusive: bool = False
) -> int:
    """Adds the rows of finished Parquet files; the number added. See `prepare_append`.

    Called again with the same `operation_id`, after a crash or twice at once, it adds nothing and answers
    the same.
    """
    return _once(
        operation_id,
        lambda: prepare_append(ref, parquet_paths, operation_id, create=create, exclusive=exclusive),
    )


def replace(ref: TableRef, parquet_paths: Paths, *, operation_id: str, create: bool = False) -> int:
    """Makes the files' rows the table's only ones; their number. Once, as append. See `prepare_replace`."""
    return _once(operation_id, lambda: prepare_replace(ref, parquet_paths, operation_id, create=create))


def _once(operation_id: str, prepare: Callable[[], Prepared]) -> int:
    done = committed_rows(operation_id)
    return commit(prepare()) if done is None else done


def commit(prepared: Prepared) -> int:
    """Shows the prepared rows; how many. Prepares them again first where the table changed its columns."""

    def attempt() -> int:
        nonlocal prepared
        done = committed_rows(prepared.operation_id)
        if done is not None:
            return done
        table = existing(prepared.ref, create=prepared.create, exclusive=prepared.exclusive)
        if _is_stale(prepared, table) or not _commit_once(prepared, table):
            prepared = _prepare_again(prepared)
            raise CommitFailedException("Prepared again")
        return prepared.rows

    return until_first(attempt, str(prepared.ref))


def _prepare_again(prepared: Prepared) -> Prepared:
    """Another caller may commit this very operation meanwhile and remove its sources: the next attempt finds that."""
    try:
        return prepare_again(prepared)
    except Exception:
        if committed_rows(prepared.operation_id) is None:
            raise
        return prepared


def committed_rows(operation_id: str) -> int | None:
    """How many rows the operation brought; None where it is not committed."""
    question = sa.select(operations.c.rows).where(operations.c.operation_id == operation_id)
    with catalog().engine.connect() as connection:
        found: int | None = connection.execute(question).scalar()
    return found


def until_first(attempt: Callable[[], T], what: str) -> T:
    """Calls `attempt` until it no longer loses to another writer; it starts from the table as it is then."""
    end, wait = time.monotonic() + PATIENCE, 0.01
    while True:
        try:
            return attempt()
        except (CommitFailedException, OperationalError, FileNotFoundError) as e:
            if time.monotonic() > end and not isinstance(e, CommitFailedException):
                raise
            if time.monotonic() > end:
                raise Conflict(f"{what} is being written by others all the time. Run it again later.") from e
        time.sleep(wait * random.uniform(0.5, 1.5))
        wait = min(wait * 1.5, 0.4)


def _is_stale(prepared: Prepared, table: Table | None) -> bool:
    """Files of another table or of other columns, or so old that the clean-up may be looking at them."""
    seen = (str(table.metadata.table_uuid), table.metadata.current_schema_id) if table else (None, None)
    if seen != (prepared.table_uuid, prepared.base_schema_id):
        return True
    if time.time() - prepared.written_at > settings.ORPHAN_GRACE / 2:
        return True
    return not all(os.path.exists(plain_path(file)) for file in prepared.files)


def _commit_once(prepared: Prepared, table: Table | None) -> bool:
    planned = Schema.model_validate_json(prepared.schema)
    transaction = alone(table).transaction() if table else _creation(prepared, planned)
    if not apply(transaction, planned):
        return False
    added = data_files(transaction, prepared.files)
    removed = live_files(table) if table and prepared.replace else []
    stage_snapshot(transaction, added, removed, {OPERATION: prepared.operation_id, ROWS: str(prepared.rows)})
    stage_expiry(transaction)
    transaction.commit_transaction()
    return True


def alone(table: Table) -> Table:
    """The table without pyiceberg's own retries, which would not look at the ledger. Nothing is stored."""
    table.metadata = table.metadata.model_copy(
        update={"properties": table.metadata.properties | {"commit.retry.num-retries": "0"}}
    )
    return table


def _creation(prepared: Prepared, schema: Schema) -> Transaction:
    identifier = (prepared.database, prepared.table)
    return catalog().create_table_transaction(
        identifier, schema, prepared.location, properties=new_properties()
    )


def data_files(transaction: Transaction, paths: Iterable[str]) -> list[DataFile]:
    io, metadata = transaction._table.io, transaction.table_metadata
    return [parquet_file_to_data_file(io, metadata, path) for path in paths]


def live_files(table: Table) -> list[DataFile]:
    return [task.file for task in table.scan().plan_files()]


def stage_snapshot(
    transaction: Transaction, added: list[DataFile], removed: list[DataFile], summary: dict[str, str]
) -> None:
    """One snapshot, even where nothing is added: it carries the operation."""
    update = transaction.update_snapshot(snapshot_properties=summary)
    with update.overwrite() if removed else update.merge_append() as snapshot:
        for file in removed:
            snapshot.delete_data_file(file)
        for file in added:
            snapshot.append_data_file(file)


def stage_expiry(transaction: Transaction, keep: int = KEPT_SNAPSHOTS, at: int = 2 * KEPT_SNAPSHOTS) -> int:
    """At `at` snapshots, all but the newest `keep` go with this very commit; how many. Their files stay."""
    snapshots = sorted(transaction.table_metadata.snapshots, key=lambda s: s.sequence_number or 0)
    old = [s.snapshot_id for s in snapshots[:-keep]] if len(snapshots) >= at else []
    if old:
        ExpireSnapshots(transaction).by_ids(old).commit()
    return len(old)
