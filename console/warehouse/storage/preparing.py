"""The first half of a write: the rows become Parquet files of the table, which nobody can see yet."""

import os
import time
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from glob import glob
from typing import Any

import duckdb
from pyiceberg.schema import Schema, assign_fresh_schema_ids
from pyiceberg.table import Table

from console.warehouse.storage.catalog import catalog, plain_path
from console.warehouse.storage.columns import field_ids, literal
from console.warehouse.storage.merging import Source, changes, new_fields, projection, read_source, stage
from console.warehouse.storage.names import check_name
from console.warehouse.storage.session import session
from console.warehouse.storage.tables import load, new_location
from console.warehouse.types import AlreadyExists, NotFound, TableRef, WarehouseError

FILE_SIZE = "256MB"


@dataclass(frozen=True)
class Prepared:
    """Rows written but not yet in the table. `as_json` and `from_json` carry it between processes."""

    database: str
    table: str
    operation_id: str
    replace: bool
    create: bool
    exclusive: bool
    sources: tuple[str, ...]
    table_uuid: str | None  # None: the commit creates the table
    base_schema_id: int | None  # of the table's columns when the files were written
    location: str
    schema: str  # Iceberg's JSON of the schema the files were written with
    files: tuple[str, ...]  # file:///…
    rows: int
    written_at: float  # Unix seconds

    @property
    def ref(self) -> TableRef:
        return TableRef(self.database, self.table)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Prepared":
        return cls(**{**stored, "sources": tuple(stored["sources"]), "files": tuple(stored["files"])})


def prepare_append(
    ref: TableRef,
    parquet_paths: Iterable[str | os.PathLike[str]],
    operation_id: str,
    *,
    create: bool = False,
    exclusive: bool = False,
) -> Prepared:
    """Writes the rows of finished Parquet files as files of the table.

    `operation_id` names this write for ever, over all tables: the same id is committed once. `create` makes
    a missing table at the commit, `exclusive` fails where it exists. Columns are matched by name, upper and
    lower case being the same; new ones become columns of the table.
    """
    return _prepare(ref, parquet_paths, operation_id, replace=False, create=create, exclusive=exclusive)


def prepare_replace(
    ref: TableRef, parquet_paths: Iterable[str | os.PathLike[str]], operation_id: str, *, create: bool = False
) -> Prepared:
    """The same, for a commit that takes all other rows out of the table.

    The table takes the columns of the new rows: those they lack go (`time` stays), those that can't keep
    their type get the new one. So it is with no rows too: the table is then empty, with the result's columns.
    """
    return _prepare(ref, parquet_paths, operation_id, replace=True, create=create, exclusive=False)


def prepare_again(old: Prepared) -> Prepared:
    """The table's columns changed since, or the files are gone: the same rows, written anew."""
    if gone := [path for path in old.sources if not os.path.exists(path)]:
        raise WarehouseError(
            f"{old.ref} changed while rows were on their way, and {gone[0]} is gone. Run it again."
        )
    return _prepare(
        old.ref,
        old.sources,
        old.operation_id,
        replace=old.replace,
        create=old.create,
        exclusive=old.exclusive,
    )


def _prepare(
    ref: TableRef,
    paths: Iterable[str | os.PathLike[str]],
    operation_id: str,
    *,
    replace: bool,
    create: bool,
    exclusive: bool,
) -> Prepared:
    sources = tuple(os.path.abspath(path) for path in paths)
    table = existing(ref, create=create, exclusive=exclusive)
    with session() as connection:
        source = read_source(connection, sources)
        schema = plan_schema(connection, ref, table, source, replace=replace)
        location = table.location() if table else new_location(ref)
        files, rows = write_files(
            connection, f"SELECT {projection(schema, source)} FROM {source.relation}", schema, location
        )
    return Prepared(
        database=ref.database,
        table=ref.table,
        operation_id=operation_id,
        replace=replace,
        create=create,
        exclusive=exclusive,
        sources=sources,
        table_uuid=str(table.metadata.table_uuid) if table else None,
        base_schema_id=table.metadata.current_schema_id if table else None,
        location=location,
        schema=schema.model_dump_json(),
        files=files,
        rows=rows,
        written_at=time.time(),
    )


def existing(ref: TableRef, *, create: bool, exclusive: bool) -> Table | None:
    """The table, or None where it is to be created."""
    try:
        table = load(ref)
    except NotFound:
        if not (create or exclusive):
            raise
        check_name(ref.table)
        if not catalog().namespace_exists(ref.database):
            raise NotFound(f"Database {ref.database} does not exist. Create it, or choose another.") from None
        return None
    if exclusive:
        raise AlreadyExists(f"Table {ref} already exists. Drop it, or choose another name.")
    return table


def plan_schema(
    connection: duckdb.DuckDBPyConnection,
    ref: TableRef,
    table: Table | None,
    source: Source,
    *,
    replace: bool,
) -> Schema:
    """The schema the table will have. Field ids are those the catalog will give."""
    if table is None:
        return assign_fresh_schema_ids(new_fields(source))
    transaction = table.transaction()
    stage(transaction, changes(connection, ref, table.schema(), source, replace=replace))
    return transaction.table_metadata.schema()


def write_files(
    connection: duckdb.DuckDBPyConnection, select: str, schema: Schema, location: str
) -> tuple[tuple[str, ...], int]:
    """Runs the SELECT into Parquet files of about 256 MB below `location`; their addresses, and the rows."""
    folder = plain_path(location) + "/data"
    os.makedirs(folder, exist_ok=True)
    name = uuid.uuid4().hex
    try:
        written = _copy(connection, select, schema, folder, name)
    except (duckdb.IOException, OSError) as e:
        for path in glob(f"{folder}/{name}-*"):
            os.unlink(path)
        raise WarehouseError(f"The rows can't be written: {e}. Free space for the warehouse's folder.") from e
    for path, rows in written:
        _settle(path, keep=rows > 0)
    return tuple("file://" + path for path, rows in written if rows), sum(rows for _, rows in written)


def _copy(
    connection: duckdb.DuckDBPyConnection, select: str, schema: Schema, folder: str, name: str
) -> list[tuple[str, int]]:
    written = connection.execute(
        f"COPY ({select}) TO {literal(folder)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880,"
        f" FILE_SIZE_BYTES '{FILE_SIZE}', FILENAME_PATTERN '{name}-{{i}}',"
        f" OVERWRITE_OR_IGNORE true, RETURN_STATS true, FIELD_IDS {field_ids(schema)})"
    ).fetchall()
    return [(str(path), int(rows)) for path, rows, *_ in written]


def _settle(path: str, *, keep: bool) -> None:
    """On the disk before any catalog row names it; or, where it holds nothing, gone."""
    if not keep:
        os.unlink(path)
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
