"""Msgpack maps from Arrow columns: fixed-width parts as byte matrices, text joined by Arrow."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from integrations.connectors.treasure_data.msgpack_bytes import (
    NIL,
    Bytes,
    binary,
    integers,
    map_header,
    tagged,
    text,
    text_headers,
)
from integrations.connectors.treasure_data.values import as_sendable


class MapWriter:
    """Writes rows as maps with these keys, in this order, the constants first."""

    def __init__(self, names: Sequence[str], constants: Mapping[str, int]) -> None:
        head = map_header(len(names) + len(constants))
        for name, number in constants.items():
            head += text(name) + b"\xd3" + number.to_bytes(8, "big", signed=True)
        self.head = head
        self.keys = [text(name) for name in names]
        self.seconds = [name == "time" for name in names]

    def write(self, columns: Sequence[pa.Array], rows: int) -> memoryview:
        """The maps of `rows` rows, one after another, without anything between them."""
        pieces: list[pa.Array] = []
        run = _Run(rows)
        run.constant(self.head)
        for key, column, seconds in zip(self.keys, columns, self.seconds, strict=True):
            run.constant(key)
            if found := _append(run, as_sendable(column, seconds=seconds)):
                pieces += [run.close(), found[0]]
                run = _Run(rows)
        return _joined([*pieces, run.close()])


class _Run:
    """Neighbouring fixed-width values of every row: a matrix of bytes, of which a row may use a part."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.blocks: list[tuple[Bytes, NDArray[np.bool_] | None]] = []

    def constant(self, data: bytes) -> None:
        block = np.broadcast_to(np.frombuffer(data, np.uint8), (self.rows, len(data)))
        self.blocks.append((block, None))

    def values(self, block: Bytes, missing: NDArray[np.bool_] | None) -> None:
        """`block` is one encoded value per row; a missing one is nil instead."""
        if missing is None:
            self.blocks.append((block, None))
            return
        block[missing, 0] = NIL
        keep = np.ones(block.shape, np.bool_)
        keep[missing, 1:] = False
        self.blocks.append((block, keep))

    def close(self) -> pa.Array:
        """One binary value per row."""
        if not self.blocks:
            return pa.array([b""] * self.rows, pa.binary())
        matrix = np.concatenate([block for block, _ in self.blocks], axis=1)
        if all(keep is None for _, keep in self.blocks):
            lengths = np.full(self.rows, matrix.shape[1], np.int64)
            return binary(lengths, matrix.reshape(-1))
        masks = [np.ones(block.shape, np.bool_) if keep is None else keep for block, keep in self.blocks]
        mask = np.concatenate(masks, axis=1)
        return binary(mask.sum(axis=1), matrix[mask])


def _append(run: _Run, column: pa.Array) -> tuple[pa.Array] | None:
    """Puts the column into the run; of text only the headers, and returns the text itself."""
    missing = np.asarray(column.is_null()) if column.null_count else None
    if pa.types.is_string(column.type):
        value = column.cast(pa.binary())
        run.values(text_headers(value), missing)
        return (pc.fill_null(value, b"") if missing is not None else value,)
    if pa.types.is_null(column.type):
        run.constant(bytes([NIL]))
    elif pa.types.is_floating(column.type):
        numbers = np.asarray(column.fill_null(0.0) if missing is not None else column)
        run.values(tagged(0xCB, numbers.astype(">f8")), missing)
    else:
        numbers = np.asarray(column.fill_null(0) if missing is not None else column)
        run.values(integers(numbers), missing)
    return None


def _joined(pieces: list[pa.Array]) -> memoryview:
    whole = pc.binary_join_element_wise(*pieces, b"") if len(pieces) > 1 else pieces[0]
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, np.int32)
    return memoryview(data)[bounds[whole.offset] : bounds[whole.offset + len(whole)]]
