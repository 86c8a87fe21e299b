"""/v3/table"""

from typing import Any

import msgpack
from django.http import HttpResponse

from console.api.answers import ApiError, iso, moment
from console.api.call import Call
from console.api.types import schema_of, schema_text
from console.warehouse import storage
from console.warehouse.storage import TableInfo
from console.warehouse.types import TableRef

MOST_ROWS = 1000  # of a tail


def listing(call: Call, database: str) -> dict[str, Any]:
    return {"database": database, "name": database, "tables": [_printed(t) for t in storage.tables(database)]}


def show(call: Call, database: str, table: str) -> dict[str, Any]:
    return _printed(storage.table(TableRef(database, table)))


def create(call: Call, database: str, table: str, type: str = "log") -> dict[str, Any]:
    if type != "log":
        raise ApiError(422, f"{type} is not a type of table. Use log.")
    columns = schema_of(call)
    storage.create_table(TableRef(database, table), [("time", "long"), *columns])
    return _changed(database, table)


def delete(call: Call, database: str, table: str) -> dict[str, Any]:
    storage.drop_table(TableRef(database, table))
    return _changed(database, table)


def swap(call: Call, database: str, table: str, other: str) -> dict[str, Any]:
    storage.swap(database, table, other)
    return {"database": database, "table1": table, "table2": other}


def rename(call: Call, database: str, table: str, other: str) -> dict[str, Any]:
    storage.rename(TableRef(database, table), other, overwrite=call.flag("overwrite"))
    return _changed(database, other)


def update_schema(call: Call, database: str, table: str) -> dict[str, Any]:
    """Adds the columns the table lacks. None goes away, for a column left out may hold data."""
    columns = schema_of(call)
    ref = TableRef(database, table)
    storage.table(ref)
    if columns:
        storage.add_columns(ref, columns)
    return _changed(database, table)


def update(call: Call, database: str, table: str) -> dict[str, Any]:
    """`name` and `schema` are heeded; expiry and the like mean nothing here."""
    update_schema(call, database, table)
    if name := call.text("name"):
        storage.rename(TableRef(database, table), name, overwrite=call.flag("overwrite"))
    return _changed(database, name or table)


def tail(call: Call, database: str, table: str) -> HttpResponse:
    """Some rows, as msgpack maps one after another."""
    count = call.number("count", 30) or 0
    columns, rows = storage.first_rows(TableRef(database, table), max(0, min(count, MOST_ROWS)))
    names = [column.name for column in columns]
    packer = msgpack.Packer(default=str)
    packed = b"".join(packer.pack(dict(zip(names, map(_packable, row), strict=True))) for row in rows)
    return HttpResponse(packed, content_type="application/x-msgpack")


def distribution(call: Call, database: str, table: str) -> dict[str, Any]:
    storage.table(TableRef(database, table))
    raise ApiError(404, f"Table {database}.{table} has no distribution.")


def _packable(value: Any) -> Any:
    """An integer that msgpack's 64 bits can't hold becomes its digits."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    if isinstance(value, list):
        return [_packable(item) for item in value]
    return {k: _packable(v) for k, v in value.items()} if isinstance(value, dict) else value


def _changed(database: str, table: str) -> dict[str, Any]:
    return {"database": database, "table": table, "type": "log"}


def _printed(info: TableInfo) -> dict[str, Any]:
    """Exactly the keys the strictest client allows."""
    return {
        "id": info.id,
        "name": info.ref.table,
        "type": "log",
        "count": info.rows,
        "created_at": moment(info.created_at),
        "updated_at": moment(info.updated_at),
        "counter_updated_at": iso(info.last_import_at),
        "last_log_timestamp": None,
        "delete_protected": False,
        "estimated_storage_size": info.bytes,
        "schema": schema_text(info.columns),
        "expire_days": None,
        "include_v": False,
    }
