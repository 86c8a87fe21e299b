"""The file before compression, in blocks of a fixed size: the same rows give the same blocks."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from integrations.errors import RefusedError
from integrations.formats import checks
from integrations.formats.lines import Lines, lines
from integrations.formats.options import FileOptions
from integrations.rows import RowStream


@dataclass(frozen=True)
class Block:
    data: bytes
    rows: int  # how many rows end in it


def blocks(options: FileOptions, rows: RowStream, size: int) -> Generator[Block]:
    """Blocks of `size` bytes, the last one shorter; none where the file is empty."""
    cutter = _Cutter(size)
    with closing(lines(options, rows)) as written:
        for each in written:
            for block in cutter.add(each):
                yield _checked(block, cutter, rows)
    for block in cutter.rest():
        yield _checked(block, cutter, rows)
    if cutter.rows != rows.total:
        raise RefusedError(
            f"The stored result holds {cutter.rows:,} rows instead of {rows.total:,}.",
            action="Run the query again.",
        )


class _Cutter:
    """Cuts a run of bytes into blocks of one size, and counts the rows that end in each."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows = 0  # that ended in finished blocks
        self._parts: list[memoryview] = []
        self._length = self._pending = 0

    def add(self, lines: Lines) -> Generator[Block]:
        data, ends = lines.data, lines.ends
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
