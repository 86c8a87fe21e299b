"""The warehouse's tables: Apache Iceberg in a SQL catalog, its Parquet files written by DuckDB.

Every function stands alone and commits before it returns. Errors are `console.warehouse.types`'.
"""

from console.warehouse.storage.commits import append, commit, committed_rows, replace
from console.warehouse.storage.databases import (
    DatabaseInfo,
    create_database,
    database,
    databases,
    drop_database,
)
from console.warehouse.storage.facts import Change
from console.warehouse.storage.preparing import Prepared, prepare_append, prepare_replace
from console.warehouse.storage.snapshots import first_rows, first_rows_text, history, select, snapshot
from console.warehouse.storage.switching import add_columns, rename, swap
from console.warehouse.storage.tables import TableInfo, create_table, drop_table, table, tables

__all__ = [
    "Change",
    "DatabaseInfo",
    "Prepared",
    "TableInfo",
    "add_columns",
    "append",
    "commit",
    "committed_rows",
    "create_database",
    "create_table",
    "database",
    "databases",
    "drop_database",
    "drop_table",
    "first_rows",
    "first_rows_text",
    "history",
    "prepare_append",
    "prepare_replace",
    "rename",
    "replace",
    "select",
    "snapshot",
    "swap",
    "table",
    "tables",
]
