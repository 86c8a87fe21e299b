"""The records and parts a session could not take, as one gzip file of msgpack maps."""

import gzip
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgpack
from isal import igzip

from console.warehouse.imports.models import BulkImport, BulkImportPart

NAME = "errors.msgpack.gz"


def file_of(session: BulkImport) -> Path:
    """The session's file; an empty one where there is none yet."""
    path = session.folder / NAME
    if not path.exists():
        _write(path, ())
    return path


def write(session: BulkImport, parts: Iterable[BulkImportPart]) -> None:
    """One gzip member, for Ruby reads no second one. Written beside and renamed: a reader never sees half."""
    _write(session.folder / NAME, (record for part in parts for record in _of(part)))


def _write(path: Path, records: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    packer = msgpack.Packer(unicode_errors="surrogateescape", default=str)
    beside = path.with_suffix(f".{os.getpid()}")
    with gzip.open(beside, "wb", compresslevel=1) as stream:
        for record in records:
            stream.write(packer.pack(record))
    beside.replace(path)


def _of(part: BulkImportPart) -> Iterator[dict[str, Any]]:
    if part.error:
        yield {"part": part.name, "row": None, "error": part.error, "record": None}
    if not part.errors:
        return
    with igzip.open(part.folder / NAME, "rb") as stream:  # type: ignore[no-untyped-call]
        unpacker = msgpack.Unpacker(stream, raw=False, unicode_errors="surrogateescape", strict_map_key=False)
        for error in unpacker:
            yield {"part": part.name, **error}
