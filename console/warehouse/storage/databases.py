"""Databases: the namespaces of the catalog."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from pyiceberg.catalog.sql import IcebergNamespaceProperties, IcebergTables
from pyiceberg.exceptions import NamespaceAlreadyExistsError
from sqlalchemy.exc import IntegrityError

from console.warehouse.storage.catalog import NAME, catalog
from console.warehouse.storage.names import check_name, number_of
from console.warehouse.storage.tables import TableInfo, tables_of_all
from console.warehouse.types import AlreadyExists, NotFound


@dataclass(frozen=True)
class DatabaseInfo:
    name: str
    tables: int
    rows: int
    created_at: datetime
    updated_at: datetime  # of the table written last
    id: int  # stable, below 2**53


def databases() -> list[DatabaseInfo]:
    """Every database, by name."""
    held: dict[str, list[TableInfo]] = {}
    for table in tables_of_all():
        held.setdefault(table.ref.database, []).append(table)
    return [_info(name, properties, held.get(name, [])) for name, properties in sorted(_namespaces().items())]


def database(name: str) -> DatabaseInfo:
    for info in databases():
        if info.name == name:
            return info
    raise NotFound(f"Database {name} does not exist. Create it, or choose another.")


def create_database(name: str) -> None:
    check_name(name)
    now = datetime.now(UTC).isoformat()
    try:
        catalog().create_namespace(name, {"exists": "true", "created_at": now, "uuid": uuid.uuid4().hex})
    except (NamespaceAlreadyExistsError, IntegrityError) as e:
        raise AlreadyExists(f"Database {name} already exists. Choose another name.") from e


def drop_database(name: str) -> None:
    """Drops the database and all its tables in one transaction. Their files go with the next clean-up."""
    with catalog().engine.begin() as transaction:
        of_tables = (IcebergTables.catalog_name == NAME, IcebergTables.table_namespace == name)
        of_database = (
            IcebergNamespaceProperties.catalog_name == NAME,
            IcebergNamespaceProperties.namespace == name,
        )
        dropped = transaction.execute(sa.delete(IcebergTables).where(*of_tables)).rowcount
        dropped += transaction.execute(sa.delete(IcebergNamespaceProperties).where(*of_database)).rowcount
    if not dropped:
        raise NotFound(f"Database {name} does not exist.")


def _namespaces() -> dict[str, dict[str, str]]:
    """Each database's properties, in one query."""
    kept = IcebergNamespaceProperties
    question = sa.select(kept.namespace, kept.property_key, kept.property_value).where(
        kept.catalog_name == NAME
    )
    found: dict[str, dict[str, str]] = {}
    with catalog().engine.connect() as connection:
        for name, key, value in connection.execute(question):
            found.setdefault(name, {})[key] = value
    return found


def _info(name: str, properties: dict[str, str], tables: list[TableInfo]) -> DatabaseInfo:
    created = datetime.fromisoformat(properties.get("created_at", "1970-01-01T00:00:00+00:00"))
    updated = max((table.updated_at for table in tables), default=created)
    rows = sum(table.rows for table in tables)
    return DatabaseInfo(name, len(tables), rows, created, updated, number_of(properties.get("uuid", name)))
