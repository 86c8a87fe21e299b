"""Msgpack maps of one shape → columns, all rows at once.

Nearly every stream repeats the keys of its first map in the same order. Then the rows can be walked side
by side: numpy holds one position per row and moves them all over one key, then over one value. No Python
object is made per row or cell. Where a row starts is guessed (the first key's bytes) and then proven: each
row must end exactly where the next begins. What does not fit returns None; `records` reads it one by one.
"""

from dataclasses import dataclass
from typing import Any

import msgpack
import numpy as np
import pyarrow as pa

from console.warehouse.imports import tags
from console.warehouse.imports.names import LONGEST, column_name
from console.warehouse.imports.records import Batch

PADDING = bytes(16)  # after the data: lets an eight-byte load start at the last byte
MOST_SKIPPED = 100  # guessed starts inside strings, per chunk
Positions = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Shape:
    """The keys of one map: `header`, then `keys` with their msgpack bytes, in order."""

    header: bytes
    keys: tuple[bytes, ...]
    names: tuple[str, ...]  # "" for a key that names no column


def decode(data: bytes, default_time: int) -> tuple[Batch, int] | None:
    """Rows at the start of `data`, which must end in PADDING, and how many bytes they took."""
    shape = _shape(data)
    if shape is None:
        return None
    view = tags.View(data, len(data) - len(PADDING))
    starts = _guess_starts(view, shape)
    walked = _walk(view, shape, starts)
    if walked is None:
        return None
    values, ends, sound = walked
    chain = _prove(starts, ends, sound, view.size)
    if chain is None or not len(chain):
        return None
    columns = _columns(view, shape, values, chain, default_time)
    return None if columns is None else (Batch(columns, len(chain)), int(ends[chain[-1]]))


def _shape(data: bytes) -> Shape | None:
    """The first map's. None where it has no keys, or keys that need the careful path."""
    unpacker = msgpack.Unpacker(raw=False, max_buffer_size=len(data) + 1)
    unpacker.feed(data[:1_000_000])
    keys: list[bytes] = []
    names: list[str] = []
    try:
        count = unpacker.read_map_header()
        header = data[: unpacker.tell()]
        for _ in range(count):
            start = unpacker.tell()
            key = unpacker.unpack()
            keys.append(data[start : unpacker.tell()])
            names.append(column_name(key) if type(key) is str else "\0")
            unpacker.skip()
    except (ValueError, msgpack.UnpackException):
        return None
    named = [name for name in names if name]
    awkward = not named or "\0" in named or len(set(named)) < len(named) or max(map(len, named)) > LONGEST
    return None if awkward else Shape(header, tuple(keys), tuple(names))


def _guess_starts(view: tags.View, shape: Shape) -> Positions:
    """Wherever the header and the first key stand: the rows, and seldom something inside a string."""
    found = np.flatnonzero(view.bytes[: view.size] == shape.header[0])
    return found[view.matches(found, shape.header + shape.keys[0])]


def _walk(view: tags.View, shape: Shape, starts: Positions) -> tuple[list[Positions], Positions, Mask] | None:
    """Where each value of each row begins, where each row ends, and which rows have the shape."""
    at = starts + len(shape.header)
    sound = np.ones(len(starts), np.bool_)
    values: list[Positions] = []
    for key in shape.keys:
        sound &= view.matches(at, key)
        at = np.where(sound, at + len(key), view.size)
        values.append(at)
        after = view.after(at)
        if after is None:
            return None
        at = np.minimum(after, view.size + 1)
        sound &= at <= view.size
    return values, at, sound


def _prove(starts: Positions, ends: Positions, sound: Mask, size: int) -> Positions | None:
    """Indices of the rows that follow each other gapless from byte 0 on. None: better read one by one."""
    if not len(starts) or starts[0] != 0:
        return None
    follows = np.empty(len(starts), np.bool_)
    follows[:-1] = ends[:-1] == starts[1:]
    follows[-1] = False
    breaks = np.flatnonzero(~(follows & sound))
    runs: list[Positions] = []
    first = 0
    for _ in range(MOST_SKIPPED):
        last = int(breaks[np.searchsorted(breaks, first)])
        runs.append(np.arange(first, last + 1 if sound[last] else last))
        if not sound[last] or ends[last] >= size:
            break
        first = int(np.searchsorted(starts, ends[last]))
        if first == len(starts) or starts[first] != ends[last]:
            break
    else:
        return None
    return runs[0] if len(runs) == 1 else np.concatenate(runs)


def _columns(
    view: tags.View, shape: Shape, values: list[Positions], chain: Positions, default_time: int
) -> dict[str, pa.Array] | None:
    whole = len(chain) == len(values[0])
    columns: dict[str, pa.Array] = {}
    for name, at in zip(shape.names, values, strict=True):
        if not name:
            continue
        column = view.column(at if whole else at[chain])
        if column is None or (name == "time" and (column.type != pa.int64() or column.null_count)):
            return None
        columns[name] = column
    if "time" not in columns:
        columns["time"] = pa.array(np.full(len(chain), default_time, np.int64))
    return columns
