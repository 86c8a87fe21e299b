"""Rows for the tests of files, and the file as one string of bytes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from integrations.formats.files import encode
from integrations.formats.options import FileOptions
from integrations.rows import Column, RowStream


def stream(table: pa.Table, *, names: Sequence[str] | None = None, batch: int = 65_536) -> RowStream:
    columns = tuple(Column(name, "varchar") for name in names or table.column_names)
    return RowStream(columns, table.num_rows, lambda: iter(table.to_batches(max_chunksize=batch)))


def stored(table: pa.Table, path: Path, *, row_group: int = 1_000) -> RowStream:
    """The same rows as a Parquet file that the writer reads by itself."""
    pq.write_table(table, path, row_group_size=row_group)

    def opened() -> Any:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches()

    columns = tuple(Column(name, "varchar") for name in table.column_names)
    return RowStream(columns, table.num_rows, opened, path)


def texts(*values: str | None, name: str = "a") -> RowStream:
    """One column of text."""
    return stream(pa.table({name: pa.array(values, pa.string())}))


def written(options: FileOptions, rows: RowStream) -> bytes:
    pieces = list(encode(options, rows))
    assert sum(piece.rows for piece in pieces) == rows.total
    return b"".join(piece.data for piece in pieces)


def value(array: pa.Array, **options: Any) -> list[str]:
    """What a column's values look like in a file without quotes: one line each."""
    rows = stream(pa.table({"a": array}))
    file = written(
        FileOptions(**{"header_line": False, "newline": "LF", "quote_policy": "NONE", **options}), rows
    )
    return file.decode().split("\n")[:-1]
