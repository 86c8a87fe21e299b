"""Tables: what is known of each, and making, widening and dropping one."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from pyiceberg.catalog.sql import IcebergTables
from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.types import LongType, NestedField

from console.warehouse.storage.catalog import NAME, catalog, row, warehouse_url
from console.warehouse.storage.columns import from_td
from console.warehouse.storage.facts import CREATED, Facts, facts_at, facts_of
from console.warehouse.storage.names import check_name
from console.warehouse.types import AlreadyExists, Column, NotFound, TableRef, WarehouseError

PROPERTIES = {
    "write.parquet.compression-codec": "zstd",
    "write.parquet.row-group-limit": "122880",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "20",
    "write.delete.isolation-level": "snapshot",
    "commit.retry.num-retries": "50",
    "commit.retry.min-wait-ms": "20",
    "commit.retry.max-wait-ms": "500",
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "10",
}
TIME = Schema(NestedField(1, "time", LongType()))


@dataclass(frozen=True)
class TableInfo:
    ref: TableRef
    id: int  # stable over renames, below 2**53
    rows: int
    bytes: int  # of the Parquet files of the current snapshot
    files: int
    columns: tuple[Column, ...]
    created_at: datetime
    updated_at: datetime
    last_import_at: datetime | None  # when rows last came in; None: never


def tables(database: str) -> list[TableInfo]:
    """The database's tables, by name."""
    if not catalog().namespace_exists(database):
        raise NotFound(f"Database {database} does not exist. Create it, or choose another.")
    return tables_of_all(database)


def tables_of_all(database: str | None = None) -> list[TableInfo]:
    """One query, and a metadata file only for a table that changed since this process last looked."""
    kept = IcebergTables
    question = sa.select(kept.table_namespace, kept.table_name, kept.metadata_location).where(
        kept.catalog_name == NAME
    )
    if database is not None:
        question = question.where(kept.table_namespace == database)
    with catalog().engine.connect() as connection:
        found = sorted((TableRef(d, t), location) for d, t, location in connection.execute(question))
    return [info for ref, location in found if (info := _info_or_none(ref, location or ""))]


def table(ref: TableRef) -> TableInfo:
    return _info(ref, facts_of(load(ref).metadata))


def load(ref: TableRef) -> Table:
    """The table as it is now."""
    for _ in range(20):
        try:
            return catalog().load_table((ref.database, ref.table))
        except NoSuchTableError as e:
            raise NotFound(f"Table {ref} does not exist. Check its name and database.") from e
        except (
            FileNotFoundError
        ):  # twenty commits came between reading the catalog's row and the file it names
            continue
    raise WarehouseError(
        f"Table {ref} can't be read: its metadata file is missing. Restore it from a backup."
    )


def location_now(ref: TableRef) -> str:
    """Where the table's metadata is: the name of its current state."""
    with catalog().engine.connect() as connection:
        found = connection.execute(
            sa.select(IcebergTables.metadata_location).where(*row(ref.database, ref.table))
        ).scalar()
    if found is None:
        raise NotFound(f"Table {ref} does not exist. Check its name and database.")
    return found


def create_table(ref: TableRef, columns: Sequence[tuple[str, str]] = ()) -> None:
    """Makes an empty table of these (name, Treasure Data type); without any, of `time long` alone."""
    check_name(ref.table)
    fields = [NestedField(i, name, from_td(kind)) for i, (name, kind) in enumerate(columns, 1)]
    schema = Schema(*fields) if fields else TIME
    try:
        catalog().create_table(
            (ref.database, ref.table), schema, new_location(ref), properties=new_properties()
        )
    except NoSuchNamespaceError as e:
        raise NotFound(f"Database {ref.database} does not exist. Create it, or choose another.") from e
    except TableAlreadyExistsError as e:
        raise AlreadyExists(f"Table {ref} already exists. Choose another name.") from e


def new_properties() -> dict[str, str]:
    return PROPERTIES | {CREATED: datetime.now(UTC).isoformat()}


def new_location(ref: TableRef) -> str:
    """A folder no other table ever had: a renamed or dropped table's files stay apart."""
    return f"{warehouse_url()}/{ref.database}/{ref.table}-{uuid.uuid4().hex[:12]}"


def drop_table(ref: TableRef) -> None:
    """Takes the table out of the catalog. Its files go later, when no job can be reading them."""
    try:
        catalog().drop_table((ref.database, ref.table))
    except NoSuchTableError as e:
        raise NotFound(f"Table {ref} does not exist.") from e


def _info_or_none(ref: TableRef, location: str) -> TableInfo | None:
    try:
        return _info(ref, facts_at(location))
    except FileNotFoundError:
        try:
            return table(ref)
        except NotFound:
            return None


def _info(ref: TableRef, facts: Facts) -> TableInfo:
    return TableInfo(ref=ref, **vars(facts))
