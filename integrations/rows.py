"""Rows on their way out: column names and types, and Arrow record batches."""

from collections.abc import Callable, Iterator
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
    who can read it by itself reads its first `total` rows.
    """

    columns: tuple[Column, ...]
    total: int
    open: Callable[[], Iterator[pa.RecordBatch]]
    parquet: Path | None = None

    def first(self, rows: int) -> "RowStream":
        """The same stream, ended after `rows` rows: what a preview reads."""

        def opened() -> Iterator[pa.RecordBatch]:
            left = rows
            for batch in self.open():
                if left <= 0:
                    return
                yield batch.slice(0, left)
                left -= batch.num_rows

        return RowStream(self.columns, min(rows, self.total), opened, self.parquet)
