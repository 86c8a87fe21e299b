"""Finished lines, many at a time: the one writer under every file and every preview."""

from collections.abc import Generator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from integrations.formats import checks, records
from integrations.formats.options import FileOptions
from integrations.formats.session import Source, source
from integrations.rows import RowStream

Ends = NDArray[np.int64]


@dataclass(frozen=True)
class Lines:
    data: memoryview
    ends: Ends  # where each row ends in `data`; the header line is no row


def lines(options: FileOptions, rows: RowStream) -> Generator[Lines]:
    checks.refuse_nul_in_names(rows.columns)
    with source(rows) as opened:
        try:
            if options.header_line and rows.columns:
                yield _header(options, rows, opened)
            if opened.table:
                yield from _rows(options, opened)
        except (duckdb.Error, OSError):  # OSError where Arrow passes on what DuckDB said
            if opened.failures:
                raise opened.failures[0] from None
            raise


def _header(options: FileOptions, rows: RowStream, opened: Source) -> Lines:
    query = records.header(options, [column.name for column in rows.columns])
    line: str = opened.connection.sql(query).fetchall()[0][0]
    return Lines(memoryview(line.encode()), np.zeros(0, np.int64))


def _rows(options: FileOptions, opened: Source) -> Generator[Lines]:
    """The text buffer of an Arrow array is the file: no line is ever an object of Python's."""
    query = records.record(options, opened.columns, opened.table)
    for batch in opened.connection.sql(query).to_arrow_reader(opened.batch_rows):
        array = batch.column(0)
        _, offsets, data = array.buffers()
        width = np.int32 if pa.types.is_string(array.type) else np.int64
        bounds = np.frombuffer(offsets, width)[array.offset : array.offset + len(array) + 1]
        yield Lines(memoryview(data)[bounds[0] : bounds[-1]], (bounds[1:] - bounds[0]).astype(np.int64))
