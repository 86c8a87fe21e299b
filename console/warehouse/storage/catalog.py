"""The Iceberg catalog, in SQL: SQLite beside the console's database, or the console's own PostgreSQL."""

import os
import threading
import time
from typing import Any

import sqlalchemy as sa
from django.conf import settings
from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.catalog.sql import IcebergNamespaceProperties, IcebergTables, SqlCatalog, SqlCatalogBaseTable
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.table import CommitTableResponse, Table
from pyiceberg.table.update import AddSnapshotUpdate, TableRequirement, TableUpdate
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from console.warehouse.storage import connections
from console.warehouse.types import NotFound, WarehouseError

NAME = "warehouse"  # the key of every catalog row: another engine's catalog must have this very name
IO = "pyiceberg.io.pyarrow.PyArrowFileIO"
OPERATION, ROWS = "sendoff.operation", "sendoff.rows"  # in a snapshot's summary

operations = sa.Table(
    "warehouse_operations",
    SqlCatalogBaseTable.metadata,
    sa.Column("operation_id", sa.String(255), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("committed_at", sa.Float, nullable=False),  # Unix seconds
)


class WarehouseCatalog(SqlCatalog):
    """SqlCatalog whose commit also writes down, in the same SQL transaction, which operation it was.

    So an operation is in the table exactly if it is in the ledger, whenever the process dies, and a second
    commit of the same operation loses to the ledger's primary key.
    """

    def __init__(self, name: str, **properties: str) -> None:
        MetastoreCatalog.__init__(self, name, **properties)
        self.engine = connections.engine(properties["uri"])
        try:
            self._init_catalog()
            self.create_tables()
        except (
            OperationalError,
            ProgrammingError,
            IntegrityError,
        ):  # another process is creating them right now
            time.sleep(0.2)
            self._init_catalog()
            self.create_tables()

    def commit_table(
        self, table: Table, requirements: tuple[TableRequirement, ...], updates: tuple[TableUpdate, ...]
    ) -> CommitTableResponse:
        """Moves the table to its next metadata, or raises CommitFailedException and changes nothing."""
        try:
            current: Table | None = self.load_table(table.name())
        except NoSuchTableError:
            current = None
        staged = self._update_and_stage_table(current, table.name(), requirements, updates)
        if not current or staged.metadata != current.metadata:
            self._write_metadata(staged.metadata, staged.io, staged.metadata_location)
            old = current.metadata_location if current else None
            self._point_to(table.name(), old, staged.metadata_location, updates)
        return CommitTableResponse.model_construct(
            metadata=staged.metadata, metadata_location=staged.metadata_location
        )

    def _point_to(
        self, identifier: tuple[str, ...], old: str | None, new: str, updates: tuple[TableUpdate, ...]
    ) -> None:
        database, name = identifier
        try:
            with self.engine.begin() as transaction:
                if old is None:
                    _check_database(transaction, database)
                    transaction.execute(
                        sa.insert(IcebergTables).values(self._create_table_row(database, name, new))
                    )
                else:
                    move(
                        transaction,
                        (database, name),
                        old,
                        metadata_location=new,
                        previous_metadata_location=old,
                    )
                for values in _operations_in(updates):
                    transaction.execute(sa.insert(operations).values(values))
        except IntegrityError as e:
            raise CommitFailedException("Another writer was first") from e


def move(transaction: sa.Connection, identifier: tuple[str, str], seen: str, **values: Any) -> None:
    """Changes a table's row if it still points to the metadata that was `seen`."""
    changed = transaction.execute(sa.update(IcebergTables).where(*row(*identifier, seen)).values(**values))
    if changed.rowcount != 1:
        raise CommitFailedException("Another writer was first")


def row(database: str, table: str, location: str | None = None) -> list[sa.ColumnElement[bool]]:
    """The conditions that select one table's row; with `location`, only while it points there."""
    conditions = [
        IcebergTables.catalog_name == NAME,
        IcebergTables.table_namespace == database,
        IcebergTables.table_name == table,
    ]
    return conditions if location is None else [*conditions, IcebergTables.metadata_location == location]


def _check_database(transaction: sa.Connection, database: str) -> None:
    """A database may be dropped while a new table's rows are being written."""
    kept = IcebergNamespaceProperties
    question = sa.select(kept.namespace).where(kept.catalog_name == NAME, kept.namespace == database)
    if transaction.execute(question).first() is None:
        raise NotFound(f"Database {database} does not exist. Create it, or choose another.")


def _operations_in(updates: tuple[TableUpdate, ...]) -> list[dict[str, Any]]:
    summaries = [u.snapshot.summary for u in updates if isinstance(u, AddSnapshotUpdate)]
    return [
        {"operation_id": s[OPERATION], "rows": int(s[ROWS] or 0), "committed_at": time.time()}
        for s in summaries
        if s is not None and s[OPERATION]
    ]


_lock = threading.Lock()
_current: tuple[tuple[str, str], WarehouseCatalog] | None = None
_inherited: list[object] = []


def catalog() -> WarehouseCatalog:
    """This process's one catalog. Where the settings have changed (in tests), the one before is closed."""
    global _current
    key = (connections.uri(), warehouse_url())
    with _lock:
        if _current is None or _current[0] != key:
            close()
            properties = {"uri": key[0], "warehouse": key[1], "py-io-impl": IO}
            _current = (key, WarehouseCatalog(NAME, **properties))
        return _current[1]


def close() -> None:
    """Ends this process's idle connections; those in use end when they are given back."""
    if _current is not None:
        _current[1].engine.dispose()


def _after_fork() -> None:
    """A forked child makes its own catalog. The parent's connections are kept from being closed by it."""
    global _current, _lock
    _inherited.append(_current)
    _current, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


def warehouse_url() -> str:
    """`file:///…` of the folder the tables' data lives in."""
    url = str(settings.WAREHOUSE_URL)
    if "://" in url and not url.startswith("file://"):
        raise WarehouseError(
            "SENDOFF_WAREHOUSE_URL is not a folder. Name a folder that web and workers share."
        )
    return "file://" + os.path.abspath(plain_path(url))


def plain_path(location: str) -> str:
    """`/a/b` of `file:///a/b`."""
    return location.removeprefix("file://")
