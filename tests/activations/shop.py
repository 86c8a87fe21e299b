"""A shop's customers as rows, as Parquet files, and as a schema: what rules are tried on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from activations.rules import Vocabulary
from activations.sql import Events, Field, Joined, Schema
from console.warehouse.engine import macros
from console.warehouse.engine.embedded import ENGINE, specification
from console.warehouse.engine.interface import Limits
from console.warehouse.engine.session import open_session
from console.warehouse.engine.writing import write
from console.warehouse.types import Column, Snapshot, TableRef

NOW = 1_773_014_400  # 2026-03-09 00:00:00 UTC, the day after New York's clocks went forward
LIMITS = Limits(memory="500MB", threads=2, seconds=60)
CUSTOMERS, EXTRA, ORDERS = (TableRef("shop", name) for name in ("customers", "extra", "orders"))
# Name, Treasure Data's type, the engine's, Arrow's, and the kind it has in the parent segment.
MASTER = (
    ("id", "long", "BIGINT", pa.int64(), "number"),
    ("region", "string", "VARCHAR", pa.string(), "text"),
    ("age", "long", "BIGINT", pa.int64(), "number"),
    ("score", "double", "DOUBLE", pa.float64(), "number"),
    ("price", "decimal(12,2)", "DECIMAL(12,2)", pa.decimal128(12, 2), "number"),
    ("vip", "boolean", "BOOLEAN", pa.bool_(), "boolean"),
    ("born", "date", "DATE", pa.date32(), "date"),
    ("first", "string", "VARCHAR", pa.string(), "date"),
    ("joined", "long", "BIGINT", pa.int64(), "timestamp"),
    ("seen", "timestamp", "TIMESTAMP", pa.timestamp("us"), "timestamp"),
)
ATTRIBUTES = (
    ("cid", "long", "BIGINT", pa.int64(), ""),
    ("city", "string", "VARCHAR", pa.string(), "text"),
    ("level", "int", "INTEGER", pa.int32(), "number"),
)
EVENTS = (
    ("cid", "long", "BIGINT", pa.int64(), ""),
    ("time", "long", "BIGINT", pa.int64(), "timestamp"),
    ("store", "string", "VARCHAR", pa.string(), "text"),
    ("quantity", "long", "BIGINT", pa.int64(), "number"),
    ("amount", "decimal(12,2)", "DECIMAL(12,2)", pa.decimal128(12, 2), "number"),
    ("day", "date", "DATE", pa.date32(), "date"),
    ("returned", "boolean", "BOOLEAN", pa.bool_(), "boolean"),
)
KINDS = {name: kind for name, *_, kind in (*MASTER, *ATTRIBUTES) if kind}
EVENT_KINDS = {name: kind for name, *_, kind in EVENTS if kind}


def schema(zone: str = "UTC") -> Schema:
    attributes = {name: Field(name, kind, stored) for name, stored, _, _, kind in MASTER}
    attributes |= {name: Field(name, kind, stored, 0) for name, stored, _, _, kind in ATTRIBUTES if kind}
    columns = {name: Field(name, kind, stored) for name, stored, _, _, kind in EVENTS if kind}
    orders = Events(ORDERS, "cid", "id", Field("time", "timestamp", "long"), columns)
    return Schema(CUSTOMERS, "id", zone, (Joined(EXTRA, "cid", "id"),), attributes, {"Orders": orders})


VOCABULARY = Vocabulary(KINDS, {"Orders": EVENT_KINDS})


@dataclass
class Shop:
    """The three tables, and a session of the engine's own over them."""

    snapshots: Mapping[TableRef, Snapshot]
    folder: Path
    session: duckdb.DuckDBPyConnection

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows a statement gives, by way of the gate, the translator and the child's own code."""
        statement = ENGINE.translate(
            sql,
            "presto",
            database="shop",
            scheduled_time=NOW,
            columns=lambda ref: self.snapshots[ref].columns,
        )
        spec = specification(statement, self.snapshots, self.folder / "answer", LIMITS)
        write(self.session, spec)
        return [tuple(row.values()) for row in pq.read_table(str(spec["output"])).to_pylist()]


def make(folder: Path, customers: list[Any], extra: list[Any], orders: list[Any]) -> Shop:
    tables = {CUSTOMERS: (MASTER, customers), EXTRA: (ATTRIBUTES, extra), ORDERS: (EVENTS, orders)}
    snapshots = {ref: _snapshot(folder, ref, columns, rows) for ref, (columns, rows) in tables.items()}
    every = " ".join(f"{name}(" for name in macros.definitions())
    whole = ENGINE.translate(
        f"SELECT 1 FROM {', '.join(map(str, snapshots))}", "presto", database="shop", scheduled_time=NOW
    )
    spec = specification(whole, snapshots, folder / "answer", LIMITS)
    return Shop(snapshots, folder, open_session(spec | {"macros": macros.needed(every)}))


def _snapshot(folder: Path, ref: TableRef, columns: Any, rows: list[Any]) -> Snapshot:
    path = folder / f"{ref.table}.parquet"
    fields = [
        pa.field(name, arrow, metadata={"PARQUET:field_id": str(i)})
        for i, (name, _, _, arrow, _) in enumerate(columns, 1)
    ]
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(fields)), path)
    known = tuple(Column(name, td, i, engine) for i, (name, td, engine, _, _) in enumerate(columns, 1))
    return Snapshot(ref, 1, known, (str(path),), len(rows), path.stat().st_size)
