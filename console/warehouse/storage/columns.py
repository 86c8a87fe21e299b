"""Column types under three names: Iceberg's (stored), DuckDB's (casts), Treasure Data's (shown)."""

import re
from collections.abc import Callable
from itertools import count
from typing import Any

from duckdb.sqltypes import DuckDBPyType
from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

from console.warehouse.types import Column, WarehouseError

# Iceberg, DuckDB, Treasure Data; beside them, every other name of the same thing that is understood.
_SIMPLE: list[tuple[IcebergType, str, str, tuple[str, ...]]] = [
    (IntegerType(), "INTEGER", "int", ("integer", "tinyint", "smallint", "utinyint", "usmallint")),
    (LongType(), "BIGINT", "long", ("bigint", "uinteger")),
    (FloatType(), "FLOAT", "float", ("real",)),
    (DoubleType(), "DOUBLE", "double", ()),
    (
        StringType(),
        "VARCHAR",
        "string",
        ("varchar", "char", "text", "json", "uuid", "enum", "bit", "null", "sqlnull"),
    ),
    (BooleanType(), "BOOLEAN", "boolean", ("bool",)),
    (DateType(), "DATE", "date", ()),
    (TimestampType(), "TIMESTAMP", "timestamp", ("timestamp_s", "timestamp_ms", "timestamp_ns")),
    (TimestamptzType(), "TIMESTAMPTZ", "timestamptz", ("timestamp with time zone", "timestamp_tz")),
    (TimeType(), "TIME", "time", ()),
    (BinaryType(), "BLOB", "binary", ("blob", "varbinary", "bytea")),
    (DecimalType(38, 0), "DECIMAL(38,0)", "decimal(38,0)", ("hugeint", "uhugeint", "bignum")),
    (DecimalType(20, 0), "DECIMAL(20,0)", "decimal(20,0)", ("ubigint",)),
]
_BY_NAME = {name: iceberg for iceberg, _, td, others in _SIMPLE for name in (td, *others)}
_DUCKDB = {iceberg: duckdb for iceberg, duckdb, _, _ in _SIMPLE} | {UUIDType(): "VARCHAR"}
_TD = {iceberg: td for iceberg, _, td, _ in _SIMPLE} | {UUIDType(): "string"}


def columns_of(schema: Schema) -> tuple[Column, ...]:
    return tuple(
        Column(f.name, td_type(f.field_type), f.field_id, engine_type(f.field_type)) for f in schema.fields
    )


def engine_type(kind: IcebergType) -> str:
    """DuckDB's name, for a CAST."""
    match kind:
        case DecimalType():
            return f"DECIMAL({kind.precision},{kind.scale})"
        case FixedType():
            return "BLOB"
        case ListType():
            return f"{engine_type(kind.element_type)}[]"
        case MapType():
            return f"MAP({engine_type(kind.key_type)}, {engine_type(kind.value_type)})"
        case StructType():
            return "STRUCT({})".format(
                ", ".join(f"{quoted(f.name)} {engine_type(f.field_type)}" for f in kind.fields)
            )
    return _DUCKDB[kind]


def td_type(kind: IcebergType) -> str:
    """Treasure Data's name, as the pages and the API show it."""
    match kind:
        case DecimalType():
            return f"decimal({kind.precision},{kind.scale})"
        case FixedType():
            return "binary"
        case ListType():
            return f"array<{td_type(kind.element_type)}>"
        case MapType():
            return f"map<{td_type(kind.key_type)},{td_type(kind.value_type)}>"
        case StructType():
            return "struct<{}>".format(",".join(f"{f.name}:{td_type(f.field_type)}" for f in kind.fields))
    return _TD[kind]


def from_duckdb(kind: DuckDBPyType, column: str, ids: Callable[[], int] | None = None) -> IcebergType:
    """The type a column of this DuckDB type is stored as. Ids of nested fields are only place-holders."""
    fresh = ids or count(1).__next__
    parts: dict[str, Any] = {}
    if kind.id in ("list", "array", "map", "struct", "decimal"):
        parts = dict(kind.children)
    match kind.id:
        case "decimal":
            return DecimalType(parts["precision"], parts["scale"])
        case "list" | "array":
            return ListType(fresh(), from_duckdb(parts["child"], column, fresh), element_required=False)
        case "map":
            key, value = (from_duckdb(parts[p], column, fresh) for p in ("key", "value"))
            return MapType(fresh(), key, fresh(), value, value_required=False)
        case "struct":
            return StructType(
                *(NestedField(fresh(), n, from_duckdb(t, column, fresh)) for n, t in parts.items())
            )
    return _simple(kind.id, column, str(kind).lower())


def _simple(name: str, column: str, shown: str) -> IcebergType:
    kind = _BY_NAME.get(name)
    if kind is None:
        raise WarehouseError(
            f"Column {column} has the type {shown}, which a table can't hold. Cast it, say to varchar."
        )
    return kind


def from_td(text: str) -> IcebergType:
    """The type Treasure Data's name stands for: `long`, `array<string>`, `decimal(10,2)` and so on."""
    text = text.strip().lower()
    ids = count(1).__next__
    if match := re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", text):
        return DecimalType(int(match[1]), int(match[2]))
    if match := re.fullmatch(r"array<(.+)>", text):
        return ListType(ids(), from_td(match[1]), element_required=False)
    if match := re.fullmatch(r"map<(.+)>", text):
        key, value = _split(match[1], 2)
        return MapType(ids(), from_td(key), ids(), from_td(value), value_required=False)
    if match := re.fullmatch(r"struct<(.+)>", text):
        pairs = [part.split(":", 1) for part in _split(match[1])]
        return StructType(*(NestedField(ids(), name.strip(), from_td(kind)) for name, kind in pairs))
    if text not in _BY_NAME:
        raise WarehouseError(
            f"{text} is no column type. Use int, long, double, string, array<T> or map<K,V>."
        )
    return _BY_NAME[text]


def _split(text: str, parts: int | None = None) -> list[str]:
    """Splits at the commas that stand outside every <…> and (…)."""
    found, depth = [""], 0
    for character in text:
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    if parts is not None and len(found) != parts:
        raise WarehouseError(f"{text} should be {parts} types with a comma between.")
    return found


def field_ids(schema: Schema) -> str:
    """DuckDB's FIELD_IDS option for a file of this schema."""
    return "{" + ", ".join(f"{quoted(f.name)}: {_ids(f.field_id, f.field_type)}" for f in schema.fields) + "}"


def _ids(own: int, kind: IcebergType) -> str:
    match kind:
        case ListType():
            inner = {"element": _ids(kind.element_id, kind.element_type)}
        case MapType():
            inner = {"key": _ids(kind.key_id, kind.key_type), "value": _ids(kind.value_id, kind.value_type)}
        case StructType():
            inner = {f.name: _ids(f.field_id, f.field_type) for f in kind.fields}
        case _:
            return str(own)
    return f"{{__duckdb_field_id: {own}, " + ", ".join(f"{quoted(k)}: {v}" for k, v in inner.items()) + "}"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
