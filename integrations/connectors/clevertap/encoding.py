"""Rows to requests: batches filled to the operation's limit. Pure: same rows and settings, same bytes."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.types as types

from integrations.connector import Chunk, Keys, RejectedRow
from integrations.connectors.clevertap.entities.plan import Parts
from integrations.connectors.clevertap.operations import BODY_BYTES, Operation, chosen
from integrations.connectors.clevertap.planning import plan
from integrations.connectors.clevertap.rules import broken
from integrations.connectors.clevertap.wire.json_text import concatenate
from integrations.rows import RowStream

SLICE_ROWS = 8_192
SLICE_BYTES = 4 << 20  # of Arrow memory; keeps wide rows from swelling the work area
MOST_ASIDE = 1_000  # rows set aside in one chunk


def encode(settings: Keys, rows: RowStream, default_time: int) -> Iterator[Chunk]:
    """One chunk per request. Rows that break a rule are set aside in the chunk they fall into.

    Raises `ColumnsError` where the columns do not fit the operation.
    """
    planned = plan(settings, rows.columns, default_time)
    batches = _Batches(chosen(settings))
    for piece, numbers in numbered(rows):
        faults = broken.rejected(planned.broken(piece), numbers)
        kept = broken.keep(piece, faults)
        good = [number for row, number in enumerate(numbers) if row not in faults] if faults else numbers
        yield from batches.set_aside(faults.values())
        if kept.num_rows:
            yield from batches.add(planned.record(kept), good)
    yield from batches.close()


def numbered(rows: RowStream) -> Iterator[tuple[pa.RecordBatch, Sequence[int]]]:
    """The rows in slices of bounded size, with their numbers."""
    before = 0
    for stored in rows.open():
        batch = _plain(stored)
        per_row = max(1, batch.nbytes // max(1, batch.num_rows))
        step = max(1, min(SLICE_ROWS, SLICE_BYTES // per_row))
        for start in range(0, batch.num_rows, step):
            piece = batch.slice(start, step)
            yield piece, rows.numbered(before + start, piece.num_rows)
        before += batch.num_rows


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same values; text of whatever Arrow type as plain strings."""
    kinds = [field.type for field in batch.schema]
    if not any(
        types.is_dictionary(kind) or types.is_large_string(kind) or types.is_string_view(kind)
        for kind in kinds
    ):
        return batch
    columns = [
        column.dictionary_decode() if types.is_dictionary(column.type) else column for column in batch.columns
    ]
    texts = [column.cast(pa.string()) if _is_text(column.type) else column for column in columns]
    return pa.RecordBatch.from_arrays(texts, names=batch.schema.names)


def _is_text(kind: pa.DataType) -> bool:
    return bool(types.is_large_string(kind) or types.is_string_view(kind))


class _Batches:
    """Fills one request after another."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.index = 0
        self._begin()

    def set_aside(self, rows: Iterable[RejectedRow]) -> Iterator[Chunk]:
        for row in rows:
            self.rejected.append(row)
            if len(self.rejected) >= MOST_ASIDE:
                yield from self.close()

    def add(self, records: Parts, numbers: Sequence[int]) -> Iterator[Chunk]:
        """The text buffer of the array is the body: a request's records are one slice of it."""
        whole = concatenate(*records, self.operation.between.decode())
        _, offsets, data = whole.buffers()
        ends, text = memoryview(offsets).cast("i"), memoryview(data)
        at, last = 0, len(whole)
        while at < last:
            until = self._until(ends, at, last)
            if until == at:
                yield from self.close()
                continue
            self.pieces.append(text[ends[at] : ends[until]])
            self.numbers += numbers[at:until]
            self.size += ends[until] - ends[at]
            at = until
            if len(self.numbers) == self.operation.records:
                yield from self.close()

    def close(self) -> Iterator[Chunk]:
        if not self.numbers and not self.rejected:
            return
        yield Chunk(
            self.index,
            self._body() if self.numbers else b"",
            len(self.numbers) + len(self.rejected),
            tuple(self.numbers),
            tuple(self.rejected),
        )
        self.index += 1
        self._begin()

    def _begin(self) -> None:
        self.pieces: list[memoryview] = []
        self.numbers: list[int] = []
        self.rejected: list[RejectedRow] = []
        self.size = 0

    def _until(self, ends: memoryview, at: int, last: int) -> int:
        """How far the records from `at` on fit; a record that is too large by itself goes alone."""
        room = min(last, at + self.operation.records - len(self.numbers))
        fits = bisect_right(ends, ends[at] + BODY_BYTES - self.size, at, room + 1) - 1
        return max(fits, at if self.numbers else at + 1)

    def _body(self) -> bytes:
        self.pieces[-1] = self.pieces[-1][: -len(self.operation.between)]
        return b"".join([self.operation.head, *self.pieces, self.operation.tail])
