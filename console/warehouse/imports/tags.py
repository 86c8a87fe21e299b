"""Msgpack's one-byte tags, and reading the values behind them for many positions at once."""

from typing import Any

import numpy as np
import pyarrow as pa

Ints = np.ndarray[Any, np.dtype[np.int64]]
Words = np.ndarray[Any, np.dtype[np.uint64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

UNKNOWN, NIL, BOOL, INT, FLOAT, STR = range(6)
KIND = np.full(256, UNKNOWN, np.uint8)
SIZE = np.zeros(256, np.int64)  # tag and payload; of a string with a length field, tag and length field
for _first, _last, _kind, _size in [
    (0x00, 0x7F, INT, 1), (0xE0, 0xFF, INT, 1), (0xC0, 0xC0, NIL, 1), (0xC2, 0xC3, BOOL, 1),
    (0xCA, 0xCA, FLOAT, 5), (0xCB, 0xCB, FLOAT, 9),
    (0xCC, 0xCC, INT, 2), (0xCD, 0xCD, INT, 3), (0xCE, 0xCE, INT, 5), (0xCF, 0xCF, INT, 9),
    (0xD0, 0xD0, INT, 2), (0xD1, 0xD1, INT, 3), (0xD2, 0xD2, INT, 5), (0xD3, 0xD3, INT, 9),
    (0xD9, 0xD9, STR, 2), (0xDA, 0xDA, STR, 3), (0xDB, 0xDB, STR, 5),
]:  # fmt: skip
    KIND[_first : _last + 1], SIZE[_first : _last + 1] = _kind, _size
KIND[0xA0:0xC0], SIZE[0xA0:0xC0] = STR, np.arange(1, 33)
FIXED_STR = range(0xA0, 0xC0)
UNSIGNED = {0xCC: 56, 0xCD: 48, 0xCE: 32, 0xCF: 0}  # how far the eight bytes after the tag are shifted right
SIGNED = {0xD0: 56, 0xD1: 48, 0xD2: 32, 0xD3: 0}
LENGTH = {0xD9: 56, 0xDA: 48, 0xDB: 32}


class View:
    """A chunk of msgpack as bytes and as the eight-byte word at every byte. Positions may reach `size`."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size = data, size
        self.bytes = np.frombuffer(data, np.uint8)
        self.words: Words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))

    def matches(self, at: Ints, wanted: bytes) -> Mask:
        """Which positions have these very bytes."""
        same = np.ones(len(at), np.bool_)
        for offset in range(0, len(wanted), 8):
            piece = wanted[offset : offset + 8]
            words = self.words[np.minimum(at + offset, self.size)]
            if len(piece) < 8:
                words = words & np.uint64((1 << 8 * len(piece)) - 1)
            same &= words == np.uint64(int.from_bytes(piece, "little"))
        return same

    def after(self, at: Ints) -> Ints | None:
        """The position behind each value. None where one is of a kind only `records` reads."""
        seen = self.bytes[at]
        tags = np.bincount(seen, minlength=256).nonzero()[0]
        if (KIND[tags] == UNKNOWN).any():
            return None
        end = at + SIZE[seen]
        for tag in LENGTH.keys() & set(tags.tolist()):
            rows = np.flatnonzero(seen == tag)
            end[rows] += (self._behind(at[rows]) >> np.uint64(LENGTH[tag])).astype(np.int64)
        return end

    def _behind(self, at: Ints) -> Words:
        """The eight bytes after each tag, big-endian as msgpack has them."""
        return self.words[np.minimum(at + 1, self.size)].byteswap()

    def column(self, at: Ints) -> pa.Array | None:
        """The values at these rising positions. None where they are of several kinds."""
        seen = self.bytes[at]
        kinds = set(np.bincount(KIND[seen], minlength=6).nonzero()[0].tolist())
        nulls = seen == 0xC0 if NIL in kinds else None
        kinds.discard(NIL)
        if kinds == {STR}:
            return self._strings(at, seen, nulls)
        if kinds == {INT}:
            return self._ints(at, seen, nulls)
        if kinds == {FLOAT}:
            return self._floats(at, seen, nulls)
        if kinds == {BOOL}:
            return pa.array(seen == 0xC3, mask=nulls)
        return None if kinds else pa.nulls(len(at))

    def _ints(self, at: Ints, seen: np.ndarray[Any, Any], nulls: Mask | None) -> pa.Array | None:
        values = seen.astype(np.int8).astype(np.int64)  # right for the tags that are the number themselves
        tags = set(np.bincount(seen, minlength=256).nonzero()[0].tolist())
        for tag in tags & (UNSIGNED.keys() | SIGNED.keys()):
            rows = np.flatnonzero(seen == tag)
            words = self._behind(at[rows])
            if tag in UNSIGNED:
                values[rows] = (words >> np.uint64(UNSIGNED[tag])).view(np.int64)
                if tag == 0xCF and (values[rows] < 0).any():
                    return None  # beyond 63 bits
            else:
                values[rows] = words.view(np.int64) >> SIGNED[tag]
        return pa.array(values, mask=nulls)

    def _floats(self, at: Ints, seen: np.ndarray[Any, Any], nulls: Mask | None) -> pa.Array:
        words = self._behind(at)
        values = words.view(np.float64).copy()
        short = np.flatnonzero(seen == 0xCA)
        if len(short):
            values[short] = (words[short] >> np.uint64(32)).astype(np.uint32).view(np.float32)
        return pa.array(values, mask=nulls, from_pandas=False)

    def _strings(self, at: Ints, seen: np.ndarray[Any, Any], nulls: Mask | None) -> pa.Array | None:
        """One binary array over the chunk itself, whose elements are in turn a string and the gap behind it;
        then every second element. None where one is not UTF-8.
        """
        offsets = np.empty(2 * len(at), np.int32)
        fixed = (seen >= FIXED_STR.start) & (seen < FIXED_STR.stop)
        offsets[0::2] = at + np.where(fixed, 1, SIZE[seen])
        ends = self.after(at)
        assert ends is not None
        offsets[1::2] = ends
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self.data)]
        spans = pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)
        wanted = pa.array(np.arange(0, len(offsets), 2), mask=nulls)
        try:
            return spans.take(wanted).cast(pa.string())
        except pa.ArrowInvalid:
            return None
