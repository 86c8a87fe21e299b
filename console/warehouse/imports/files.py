"""What decoding leaves on disk: Parquet files, and one file of refused records."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import msgpack
import pyarrow as pa
import pyarrow.parquet as pq

from console.warehouse.imports.records import ErrorRecord


class PartWriter:
    """Parquet files in `folder`. A new one is begun where a column appears or changes its type."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: list[Path] = []
        self.types: dict[str, pa.DataType] = {}  # of every column seen, null where no value came yet
        self.rows = 0
        self._open: pq.ParquetWriter | None = None
        self._schema = pa.schema([])

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, columns: dict[str, pa.Array], rows: int) -> None:
        for name, column in columns.items():
            if not pa.types.is_null(column.type) or name not in self.types:
                self.types[name] = column.type
        if not rows:
            return
        schema = pa.schema([(n, t) for n, t in self.types.items() if not pa.types.is_null(t)])
        if self._open is None or schema != self._schema:
            self._begin(schema)
        assert self._open is not None
        filled = [
            columns[n] if n in columns and columns[n].type == t else pa.nulls(rows, t)
            for n, t in zip(schema.names, schema.types, strict=True)
        ]
        self._open.write_batch(pa.record_batch(filled, schema=schema))
        self.rows += rows

    def _begin(self, schema: pa.Schema) -> None:
        self._close()
        path = self.folder / f"{len(self.files)}.parquet"
        # Read once, soon, and rewritten by the table: speed counts, size does not.
        self._open = pq.ParquetWriter(
            path, schema, compression="lz4", use_dictionary=False, write_statistics=False
        )
        self._schema = schema
        self.files.append(path)

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


class ErrorFile:
    """Gzip of msgpack maps: `row`, `error`, `record`."""

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0

    def __enter__(self) -> Self:
        self._stream = gzip.open(self.path, "wb", compresslevel=1)
        self._packer = msgpack.Packer(unicode_errors="surrogateescape", default=str)
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def write(self, errors: Iterable[ErrorRecord]) -> None:
        for error in errors:
            self._stream.write(
                self._packer.pack({"row": error.row, "error": error.reason, "record": error.record})
            )
            self.count += 1
