"""Names that change hands in one SQL transaction: a reader finds the old table or the new one."""

from collections.abc import Sequence

import sqlalchemy as sa
from pyiceberg.catalog.sql import IcebergTables
from pyiceberg.exceptions import CommitFailedException

from console.warehouse.storage.catalog import catalog, move, row
from console.warehouse.storage.columns import from_td
from console.warehouse.storage.commits import alone, until_first
from console.warehouse.storage.merging import Changes, stage
from console.warehouse.storage.names import check_name
from console.warehouse.storage.tables import load, location_now
from console.warehouse.types import AlreadyExists, NotFound, TableRef


def swap(database: str, a: str, b: str) -> None:
    """Exchanges the contents of two tables. A writer about to commit to either starts again from there."""
    if a == b:
        location_now(TableRef(database, a))
        return

    def attempt() -> None:
        first, second = (location_now(TableRef(database, name)) for name in (a, b))
        with catalog().engine.begin() as transaction:
            # In the order of the names, so that two swaps of the same pair can't wait for each other.
            for name, seen, new in sorted([(a, first, second), (b, second, first)]):
                move(
                    transaction,
                    (database, name),
                    seen,
                    metadata_location=new,
                    previous_metadata_location=seen,
                )

    until_first(attempt, f"{database}.{a}")


def rename(ref: TableRef, new_name: str, *, overwrite: bool = False) -> None:
    """Gives the table another name in its database; with `overwrite`, that of a table which then goes."""
    check_name(new_name)
    if new_name == ref.table:
        location_now(ref)
        return

    def attempt() -> None:
        seen, target = location_now(ref), _location_or_none(TableRef(ref.database, new_name))
        if target is not None and not overwrite:
            raise AlreadyExists(f"Table {ref.database}.{new_name} already exists. Choose another name.")
        try:
            with catalog().engine.begin() as transaction:
                if target is not None:
                    _drop(transaction, TableRef(ref.database, new_name), target)
                move(transaction, (ref.database, ref.table), seen, table_name=new_name)
        except sa.exc.IntegrityError as e:
            raise CommitFailedException("The new name was taken meanwhile") from e

    until_first(attempt, str(ref))


def _drop(transaction: sa.Connection, ref: TableRef, seen: str) -> None:
    gone = transaction.execute(sa.delete(IcebergTables).where(*row(ref.database, ref.table, seen)))
    if gone.rowcount != 1:
        raise CommitFailedException("Another writer was first")


def _location_or_none(ref: TableRef) -> str | None:
    try:
        return location_now(ref)
    except NotFound:
        return None


def add_columns(ref: TableRef, columns: Sequence[tuple[str, str]]) -> None:
    """Adds the (name, Treasure Data type) pairs the table does not have yet; a name it has stays as it is."""

    def attempt() -> None:
        table = alone(load(ref))
        known = {field.name.lower() for field in table.schema().fields}
        missing = {name: from_td(kind) for name, kind in columns if name.lower() not in known}
        if missing:
            transaction = table.transaction()
            stage(transaction, Changes(add=missing, widen={}))
            transaction.commit_transaction()

    until_first(attempt, str(ref))
