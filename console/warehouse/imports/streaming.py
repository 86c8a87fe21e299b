"""Streaming import: one body, one commit, all its rows or none."""

import hashlib
import time
from pathlib import Path

import msgpack
from django.conf import settings
from isal import igzip

from console.warehouse import storage
from console.warehouse.imports.decode import Decoded, Limits, decode
from console.warehouse.imports.errors import BadBody
from console.warehouse.storage import TableInfo
from console.warehouse.types import WarehouseError

COLUMNS = 512


def operation(table: TableInfo, unique_id: str) -> str:
    """The import's name for ever. A table dropped and made again has another id and takes the rows again."""
    return f"import:{table.id}:{hashlib.sha256(unique_id.encode()).hexdigest()}"


def add(table: TableInfo, body: Path, operation_id: str) -> int:
    """Adds the body's rows; their number. A second call with the same `operation_id` adds nothing.

    Raises BadBody where one record can't be taken: nothing is added then.
    """
    done = storage.committed_rows(operation_id)
    if done is not None:
        return done
    limits = Limits(settings.IMPORT_MAX_BYTES, COLUMNS)
    decoded = decode(body, body.parent / "rows", default_time=int(time.time()), limits=limits)
    if decoded.errors:
        raise BadBody(_refusal(decoded))
    if not decoded.rows:
        return 0
    try:
        return storage.append(table.ref, decoded.files, operation_id=operation_id)
    except WarehouseError:
        done = storage.committed_rows(operation_id)  # it came twice at once: the other was first
        if done is None:
            raise
        return done


def _refusal(decoded: Decoded) -> str:
    with igzip.open(decoded.error_file, "rb") as stream:  # type: ignore[no-untyped-call]
        first = next(
            iter(msgpack.Unpacker(stream, raw=False, unicode_errors="replace", strict_map_key=False))
        )
    more = f" and {decoded.errors - 1} more" if decoded.errors > 1 else ""
    return f"Row {first['row']}{more} can't be imported: {first['error']} No row was added."
