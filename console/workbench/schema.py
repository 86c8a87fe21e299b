"""What the editor knows of the warehouse: names to browse and to complete."""

from dataclasses import dataclass

from console.warehouse import engine, storage
from console.warehouse.storage.tables import tables_of_all
from console.warehouse.types import Column, WarehouseError
from console.workbench.models import EngineType


@dataclass(frozen=True)
class Table:
    name: str
    rows: int
    columns: tuple[Column, ...]


def databases() -> list[str]:
    return [database.name for database in storage.databases()]


def tables(database: str) -> list[Table]:
    """The database's tables in order of name; none where there is no such database."""
    if not database:
        return []
    try:
        found = storage.tables(database)
    except WarehouseError:
        return []
    return [Table(table.ref.table, table.rows, table.columns) for table in found]


def names() -> dict[str, dict[str, list[str]]]:
    """{database: {table: [column]}} of the whole warehouse."""
    found: dict[str, dict[str, list[str]]] = {database: {} for database in databases()}
    for table in tables_of_all():
        found.setdefault(table.ref.database, {})[table.ref.table] = [column.name for column in table.columns]
    return found


def functions() -> dict[str, list[str]]:
    return {type: sorted(engine.function_names(type)) for type in EngineType.values}
