"""Msgpack maps from Arrow columns: fixed-width parts as byte matrices, text joined by Arrow."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from integrations.connectors.treasure_data.values import as_sendable

Bytes = NDArray[np.uint8]
NIL = 0xC0


class MapWriter:
    """Writes rows as maps with these keys, in this order, the constants first."""

    def __init__(self, names: Sequence[str], constants: Mapping[str, int]) -> None:
        head = _map_header(len(names) + len(constants))
        for name, number in constants.items():
            head += _text(name) + b"\xd3" + number.to_bytes(8, "big", signed=True)
        self.head = head
        self.keys = [_text(name) for name in names]
        self.seconds = [name == "time" for name in names]

    def write(self, columns: Sequence[pa.Array], rows: int) -> memoryview:
        """The maps of `rows` rows, one after another, without anything between them."""
        pieces: list[pa.Array] = []
        run = _Run(rows)
        run.constant(self.head)
        for key, column, seconds in zip(self.keys, columns, self.seconds, strict=True):
            run.constant(key)
            if text := _append(run, as_sendable(column, seconds=seconds)):
                pieces += [run.close(), text[0]]
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
            return _binary(lengths, matrix.reshape(-1))
        masks = [np.ones(block.shape, np.bool_) if keep is None else keep for block, keep in self.blocks]
        mask = np.concatenate(masks, axis=1)
        return _binary(mask.sum(axis=1), matrix[mask])


def _append(run: _Run, column: pa.Array) -> tuple[pa.Array] | None:
    """Puts the column into the run; of text only the headers, and returns the text itself."""
    missing = np.asarray(column.is_null()) if column.null_count else None
    if pa.types.is_string(column.type):
        text = column.cast(pa.binary())
        run.values(_text_headers(text), missing)
        return (pc.fill_null(text, b"") if missing is not None else text,)
    if pa.types.is_null(column.type):
        run.constant(bytes([NIL]))
    elif pa.types.is_floating(column.type):
        numbers = np.asarray(column.fill_null(0.0) if missing is not None else column)
        run.values(_tagged(0xCB, numbers.astype(">f8")), missing)
    else:
        numbers = np.asarray(column.fill_null(0) if missing is not None else column)
        run.values(_integers(numbers), missing)
    return None


def _integers(numbers: NDArray[np.int64]) -> Bytes:
    """The narrowest of msgpack's signed integers that holds them all."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    for tag, kind in ((0xD0, np.int8), (0xD1, np.int16), (0xD2, np.int32)):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return _tagged(tag, numbers.astype(np.dtype(kind).newbyteorder(">")))
    return _tagged(0xD3, numbers.astype(">i8"))


def _text_headers(text: pa.Array) -> Bytes:
    lengths = np.asarray(pc.fill_null(pc.binary_length(text), 0))
    longest = int(lengths.max()) if len(lengths) else 0
    if longest < 1 << 8:
        return _tagged(0xD9, lengths.astype(">u1"))
    return _tagged(0xDA, lengths.astype(">u2")) if longest < 1 << 16 else _tagged(0xDB, lengths.astype(">u4"))


def _tagged(tag: int, numbers: NDArray[np.generic]) -> Bytes:
    """A tag byte and the number's big-endian bytes, row by row."""
    block = np.empty((len(numbers), 1 + numbers.dtype.itemsize), np.uint8)
    block[:, 0] = tag
    block[:, 1:] = np.ascontiguousarray(numbers).view(np.uint8).reshape(len(numbers), -1)
    return block


def _binary(lengths: NDArray[np.int64], data: Bytes) -> pa.Array:
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.binary(), len(lengths), buffers)


def _joined(pieces: list[pa.Array]) -> memoryview:
    whole = pc.binary_join_element_wise(*pieces, b"") if len(pieces) > 1 else pieces[0]
    _, offsets, data = whole.buffers()
    bounds = np.frombuffer(offsets, np.int32)
    return memoryview(data)[bounds[whole.offset] : bounds[whole.offset + len(whole)]]


def _map_header(size: int) -> bytes:
    return bytes([0x80 | size]) if size < 16 else b"\xde" + size.to_bytes(2, "big")


def _text(value: str) -> bytes:
    data = value.encode()
    if len(data) < 32:
        return bytes([0xA0 | len(data)]) + data
    return (b"\xd9" + bytes([len(data)]) if len(data) < 256 else b"\xda" + len(data).to_bytes(2, "big")) + data
