"""/v3/database"""

from typing import Any

from console.api.answers import moment
from console.api.call import Call
from console.warehouse import storage
from console.warehouse.storage import DatabaseInfo


def listing(call: Call) -> dict[str, Any]:
    return {"databases": [_printed(info) for info in storage.databases()]}


def show(call: Call, database: str) -> dict[str, Any]:
    info = storage.database(database)
    return {"id": str(info.id), **_printed(info)}


def create(call: Call, database: str) -> dict[str, Any]:
    storage.create_database(database)
    return {"database": database}


def delete(call: Call, database: str) -> dict[str, Any]:
    storage.drop_database(database)
    return {"database": database}


def _printed(info: DatabaseInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "count": info.rows,
        "created_at": moment(info.created_at),
        "updated_at": moment(info.updated_at),
        "organization": None,
        "permission": "administrator",
        "delete_protected": False,
    }
