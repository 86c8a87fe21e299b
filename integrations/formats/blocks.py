"""The file before compression, in blocks of a fixed size: the same rows give the same blocks."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from integrations.errors import RefusedError
from integrations.formats import checks, fields
from integrations.formats.options import FileOptions
from integrations.formats.session import Source, source
from integrations.rows import RowStream

Ends = NDArray[np.int64]


@dataclass(frozen=True)
class Block:
    data: bytes
    rows: int  # how many rows end in it


def blocks(options: FileOptions, rows: RowStream, size: int) -> Generator[Block]:
    """Blocks of `size` bytes, the last one shorter; none where the file is empty."""
    checks.refuse_nul_in_names(rows.columns)
    cutter = _Cutter(size)
    with source(rows) as opened:
        for data, ends in _lines(options, rows, opened):
            for block in cutter.add(data, ends):
                yield _checked(block, cutter, rows)
    for block in cutter.rest():
        yield _checked(block, cutter, rows)
    if cutter.rows != rows.total:
        raise RefusedError(
            f"The stored result holds {cutter.rows:,} rows instead of {rows.total:,}.",
            action="Run the query again.",
        )


def _lines(options: FileOptions, rows: RowStream, opened: Source) -> Iterator[tuple[memoryview, Ends]]:
    """Whole lines, many at a time, and where each row ends. The text buffer of an Arrow array is the file."""
    if options.header_line and rows.columns:
        names = [column.name for column in rows.columns]
        line: str = opened.connection.sql(fields.header(options, names)).fetchall()[0][0]
        yield memoryview(line.encode()), np.zeros(0, np.int64)
    if not opened.table:
        return
    query = fields.record(options, opened.columns, opened.table)
    for batch in opened.connection.sql(query).to_arrow_reader(opened.batch_rows):
        lines = batch.column(0)
        _, offsets, data = lines.buffers()
        width = np.int32 if pa.types.is_string(lines.type) else np.int64
        bounds = np.frombuffer(offsets, width)[lines.offset : lines.offset + len(lines) + 1]
        yield memoryview(data)[bounds[0] : bounds[-1]], (bounds[1:] - bounds[0]).astype(np.int64)


class _Cutter:
    """Cuts a run of bytes into blocks of one size, and counts the rows that end in each."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows = 0  # that ended in finished blocks
        self._parts: list[memoryview] = []
        self._length = self._pending = 0

    def add(self, data: memoryview, ends: Ends) -> Generator[Block]:
        start = counted = 0
        while self._length + len(data) - start >= self.size:
            stop = start + self.size - self._length
            until = int(np.searchsorted(ends, stop, side="right"))
            self._parts.append(data[start:stop])
            self._pending += until - counted
            yield self._finished()
            start, counted = stop, until
        self._parts.append(data[start:])
        self._length += len(data) - start
        self._pending += len(ends) - counted

    def rest(self) -> Generator[Block]:
        if self._length or self._pending:
            yield self._finished()

    def _finished(self) -> Block:
        block = Block(b"".join(self._parts), self._pending)
        self.rows += block.rows
        self._parts, self._length, self._pending = [], 0, 0
        return block


def _checked(block: Block, cutter: _Cutter, rows: RowStream) -> Block:
    """A NUL can only come from a value: no other byte of the file is one."""
    if 0 in block.data:
        before = cutter.rows - block.rows
        raise checks.nul_in_value(rows, before, before + block.rows)
    return block
