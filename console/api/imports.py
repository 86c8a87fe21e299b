"""/v3/table/import: streaming import."""

import time
import uuid
from typing import Any

from console.api.answers import ApiError
from console.api.call import Call, scratch
from console.warehouse import storage
from console.warehouse.imports import streaming
from console.warehouse.types import TableRef


def import_rows(
    call: Call, database: str, table: str, format: str, unique_id: str | None = None
) -> dict[str, Any]:
    started = time.monotonic()
    if format.removesuffix(".json") != "msgpack.gz":
        raise ApiError(422, f"{format} can't be imported. Send msgpack.gz.")
    found = storage.table(TableRef(database, table))
    operation = streaming.operation(found, unique_id) if unique_id else f"import:{uuid.uuid4()}"
    with scratch() as folder:
        body = call.receive(folder)
        streaming.add(found, body.path, operation)
    return {
        "database": database,
        "table": table,
        "unique_id": unique_id or body.md5,
        "md5_hex": body.md5,
        "elapsed_time": round(time.monotonic() - started, 3),
    }
