"""How the columns of new rows and of a table become one schema."""

from dataclasses import dataclass

import duckdb
from pyiceberg.schema import Schema
from pyiceberg.table import Transaction
from pyiceberg.types import (
    DecimalType,
    DoubleType,
    FloatType,
    IcebergType,
    IntegerType,
    LongType,
    NestedField,
    StringType,
)

from console.warehouse.storage.columns import engine_type, from_duckdb, literal, quoted, td_type
from console.warehouse.types import TableRef, WarehouseError

TIME_COLUMN = "time"  # every Treasure Data table has it; a replace without it keeps it, empty
_NESTED = ("struct", "map", "list", "array")


@dataclass(frozen=True)
class Source:
    """The new rows: Parquet files and their columns as DuckDB reads them."""

    relation: str  # the FROM item
    columns: dict[str, IcebergType]
    engine_types: dict[str, str]
    nested: frozenset[str]


def read_source(connection: duckdb.DuckDBPyConnection, paths: tuple[str, ...]) -> Source:
    relation = f"read_parquet([{', '.join(map(literal, paths))}], union_by_name=true)"
    rows = connection.sql(f"SELECT * FROM {relation} LIMIT 0")
    found = list(zip(rows.columns, rows.types, strict=True))
    return Source(
        relation,
        {name: from_duckdb(kind, name) for name, kind in found},
        {name: str(kind) for name, kind in found},
        frozenset(name for name, kind in found if kind.id in _NESTED),
    )


def new_fields(source: Source) -> Schema:
    """The schema of a table made from these rows."""
    return Schema(*(NestedField(i, name, kind) for i, (name, kind) in enumerate(source.columns.items(), 1)))


@dataclass(frozen=True)
class Changes:
    """What has to happen to a table's columns before the rows fit."""

    add: dict[str, IcebergType]
    widen: dict[str, IcebergType]
    drop: tuple[str, ...] = ()


def changes(
    connection: duckdb.DuckDBPyConnection, ref: TableRef, schema: Schema, source: Source, *, replace: bool
) -> Changes:
    """What an append (or a replace) of `source` does to `schema`; WarehouseError where values don't fit.

    A column keeps the table's type where every value can be cast to it without loss; int grows to long,
    float to double, a decimal to a wider one. A replace leaves no old value behind, so a column that does not
    fit takes the type of the new rows and a column they lack goes, except `time`.
    """
    mine = {f.name.lower(): f for f in schema.fields}
    added, widened, dropped = {}, {}, []
    for name, kind in source.columns.items():
        field = mine.get(name.lower())
        if field is None:
            added[name] = kind
        elif widens(field.field_type, kind):
            widened[field.name] = kind
        elif refused := misfit(connection, source, name, field.field_type):
            if not replace:
                raise WarehouseError(_refusal(ref, field.name, field.field_type, kind, refused[0]))
            dropped.append(field.name)
            added[field.name] = kind
    if replace:
        given = {name.lower() for name in source.columns} | {TIME_COLUMN}
        dropped += [f.name for f in schema.fields if f.name.lower() not in given]
    return Changes(added, widened, tuple(dropped))


def widens(table: IcebergType, new: IcebergType) -> bool:
    """Whether the column may simply become the new type: the three promotions every Iceberg reader knows."""
    match table, new:
        case (IntegerType(), LongType()) | (FloatType(), DoubleType()):
            return True
        case (DecimalType(), DecimalType()):
            return table.scale == new.scale and new.precision > table.precision
    return False


def misfit(
    connection: duckdb.DuckDBPyConnection, source: Source, name: str, wanted: IcebergType
) -> tuple[str] | None:
    """A value of the column, as text, that the wanted type can't hold; None where all fit."""
    given, kind = source.columns[name], engine_type(wanted)
    if engine_type(given) == kind or (isinstance(wanted, StringType)):
        return None
    value = quoted(name)
    if isinstance(given, StringType) and isinstance(wanted, IntegerType | LongType):
        kept = f"TRY_CAST({value} AS DECIMAL(38,9)) = TRY_CAST({value} AS {kind})"  # '1.5' would round to 2
    elif isinstance(given, StringType):
        kept = f"TRY_CAST({value} AS {kind}) IS NOT NULL"
    else:
        kept = f"TRY_CAST(TRY_CAST({value} AS {kind}) AS {source.engine_types[name]}) = {value}"
    question = f"SELECT CAST({value} AS VARCHAR) FROM {source.relation} WHERE {value} IS NOT NULL"
    try:
        found = connection.execute(f"{question} AND ({kept}) IS NOT TRUE LIMIT 1").fetchone()
    except (duckdb.BinderException, duckdb.ConversionException):  # no cast between the two at all
        found = connection.execute(f"{question} LIMIT 1").fetchone()
    return (str(found[0])[:60],) if found else None


def _refusal(ref: TableRef, column: str, table: IcebergType, new: IcebergType, value: str) -> str:
    return (
        f"Column {column} of {ref} is {td_type(table)}, and the new rows bring {td_type(new)} with a value"
        f" that does not fit ({value}). Cast it to {td_type(table)} in the SQL, or give it another name."
    )


def apply(transaction: Transaction, planned: Schema) -> bool:
    """Stages what turns the table's schema into the planned one. False: it can't, the table has changed."""
    now = {f.field_id: f for f in transaction.table_metadata.schema().fields}
    wanted = {f.field_id: f for f in planned.fields}
    if now != wanted:
        stage(
            transaction,
            Changes(
                add={f.name: f.field_type for i, f in wanted.items() if i not in now},
                widen={
                    f.name: f.field_type
                    for i, f in wanted.items()
                    if i in now and now[i].field_type != f.field_type
                },
                drop=tuple(f.name for i, f in now.items() if i not in wanted),
            ),
        )
    return list(transaction.table_metadata.schema().fields) == list(planned.fields)


def stage(transaction: Transaction, wanted: Changes) -> None:
    if wanted.drop:
        with transaction.update_schema(allow_incompatible_changes=True) as update:
            for name in wanted.drop:
                update.delete_column((name,))
    if wanted.add or wanted.widen:
        with transaction.update_schema() as update:
            for name, kind in wanted.add.items():
                update.add_column((name,), kind)
            for name, kind in wanted.widen.items():
                update.update_column((name,), kind)


def projection(schema: Schema, source: Source) -> str:
    """The SELECT list that turns the source's columns into the schema's, in its order and types."""
    given = {name.lower(): name for name in source.columns}
    return ", ".join(
        f"{_cast(given.get(f.name.lower()), f.field_type, source)} AS {quoted(f.name)}" for f in schema.fields
    )


def _cast(name: str | None, kind: IcebergType, source: Source) -> str:
    if name is None:
        return f"NULL::{engine_type(kind)}"
    if isinstance(kind, StringType) and name in source.nested:
        return f"to_json({quoted(name)})::VARCHAR"
    return f"CAST({quoted(name)} AS {engine_type(kind)})"
