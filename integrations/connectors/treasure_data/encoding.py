"""Rows to parts: gzip of msgpack maps, written column by column. No Python code runs once per row."""

from collections.abc import Iterator
from typing import cast

import pyarrow as pa
from isal import isal_zlib

from integrations.connector import Chunk, Keys
from integrations.connectors.treasure_data.columns import Plan, plan
from integrations.connectors.treasure_data.msgpack_columns import MapWriter
from integrations.rows import RowStream

SLICE_ROWS = 16_384
SLICE_BYTES = 4 << 20  # of Arrow memory; keeps wide rows from swelling the work area
GZIP = 31  # zlib's window bits for a gzip header, whose time stamp is 0: same rows, same bytes
LEVEL = 1


def encode(settings: Keys, rows: RowStream, default_time: int) -> Iterator[Chunk]:
    """Parts of about `file_split_size` KB, closed when they have reached it. Pure: same input, same bytes.

    Raises `SettingsError` where the result's time column is neither long nor timestamp.
    """
    writer = _PartWriter(int(settings["file_split_size"]) * 1024)
    maps = _map_writer(plan(rows.columns, settings, default_time))
    for batch in rows.open():
        for piece in _slices(batch):
            if part := writer.add(maps.write(piece.columns, piece.num_rows), piece.num_rows):
                yield part
    if part := writer.close():
        yield part


def _map_writer(planned: Plan) -> MapWriter:
    names = [target.name for target in planned.targets]
    constant = {} if planned.constant_time is None else {"time": planned.constant_time}
    return MapWriter(names, constant)


def _slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    per_row = max(1, batch.nbytes // max(1, batch.num_rows))
    step = max(1, min(SLICE_ROWS, SLICE_BYTES // per_row))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


class _PartWriter:
    """Compresses into the current part and closes it at the limit."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.index = 0
        self._begin()

    def add(self, data: memoryview, rows: int) -> Chunk | None:
        self._put(self.gzip.compress(data))
        self.rows += rows
        return self.close() if self.size >= self.limit else None

    def close(self) -> Chunk | None:
        if not self.rows:
            return None
        self._put(self.gzip.flush())
        chunk = Chunk(self.index, b"".join(self.pieces), self.rows)
        self.index += 1
        self._begin()
        return chunk

    def _begin(self) -> None:
        self.gzip = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, GZIP)
        self.pieces: list[bytes] = []
        self.size = self.rows = 0

    def _put(self, data: object) -> None:
        piece = cast(bytes, data)
        if piece:
            self.pieces.append(piece)
            self.size += len(piece)
