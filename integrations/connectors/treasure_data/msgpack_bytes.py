"""Msgpack values of one column as bytes, all rows at once."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
NIL = 0xC0


def integers(numbers: NDArray[np.int64]) -> Bytes:
    """The narrowest of msgpack's signed integers that holds them all."""
    low, high = (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)
    for tag, kind in ((0xD0, np.int8), (0xD1, np.int16), (0xD2, np.int32)):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return tagged(tag, numbers.astype(np.dtype(kind).newbyteorder(">")))
    return tagged(0xD3, numbers.astype(">i8"))


def text_headers(text: pa.Array) -> Bytes:
    lengths = np.asarray(pc.fill_null(pc.binary_length(text), 0))
    longest = int(lengths.max()) if len(lengths) else 0
    if longest < 1 << 8:
        return tagged(0xD9, lengths.astype(">u1"))
    return tagged(0xDA, lengths.astype(">u2")) if longest < 1 << 16 else tagged(0xDB, lengths.astype(">u4"))


def tagged(tag: int, numbers: NDArray[np.generic]) -> Bytes:
    """A tag byte and the number's big-endian bytes, row by row."""
    block = np.empty((len(numbers), 1 + numbers.dtype.itemsize), np.uint8)
    block[:, 0] = tag
    block[:, 1:] = np.ascontiguousarray(numbers).view(np.uint8).reshape(len(numbers), -1)
    return block


def binary(lengths: NDArray[np.int64], data: Bytes) -> pa.Array:
    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))]
    return pa.Array.from_buffers(pa.binary(), len(lengths), buffers)


def map_header(size: int) -> bytes:
    return bytes([0x80 | size]) if size < 16 else b"\xde" + size.to_bytes(2, "big")


def text(value: str) -> bytes:
    data = value.encode()
    if len(data) < 32:
        return bytes([0xA0 | len(data)]) + data
    return (
        b"\xd9" + bytes([len(data)]) if len(data) < 256 else b"\xda" + len(data).to_bytes(2, "big")
    ) + data
