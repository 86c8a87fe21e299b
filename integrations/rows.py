"""Rows on their way out: column names and types, and Arrow record batches."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa


@dataclass(frozen=True)
class Column:
    """A result's column. `type` is Presto's or Hive's name of it: "bigint", "varchar", "array(bigint)"."""

    name: str
    type: str


@dataclass(frozen=True)
class RowStream:
    """A stored result. `open()` starts again at the first row, always in the same order.

    `columns` are in order and may repeat a name; batches have as many columns, in the same order.
    `total` is the exact number of rows. `parquet` is the file the batches come from, where there is one:
    who can read it by itself reads its first `total` rows. `numbers` are the rows' numbers in the whole
    result, from 1 and rising, where these are only some of its rows.
    """

    columns: tuple[Column, ...]
    total: int
    open: Callable[[], Iterator[pa.RecordBatch]]
    parquet: Path | None = None
    numbers: Sequence[int] | None = None

    def first(self, rows: int) -> "RowStream":
        """The same stream, ended after `rows` rows: what a preview reads."""

        def opened() -> Iterator[pa.RecordBatch]:
            left = rows
            for batch in self.open():
                if left <= 0:
                    return
                yield batch.slice(0, left)
                left -= batch.num_rows

        return RowStream(self.columns, min(rows, self.total), opened, self.parquet, self.numbers)

    def only(self, numbers: Sequence[int]) -> "RowStream":
        """The rows with these numbers, which rise. For a whole result only."""

        def opened() -> Iterator[pa.RecordBatch]:
            before = 0  # rows in the batches so far
            for batch in self.open():
                until = before + batch.num_rows
                wanted = numbers[bisect_left(numbers, before + 1) : bisect_left(numbers, until + 1)]
                if wanted:
                    yield batch.take(pa.array([number - before - 1 for number in wanted], pa.int64()))
                before = until

        return RowStream(self.columns, len(numbers), opened, None, numbers)

    def numbered(self, first: int, count: int) -> Sequence[int]:
        """The numbers of `count` rows of this stream, from its `first` one, counted from 0."""
        if self.numbers is None:
            return range(first + 1, first + count + 1)
        return self.numbers[first : first + count]
