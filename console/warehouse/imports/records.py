"""Any msgpack maps → columns. The path that copes with everything; `lockstep` is the fast one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import msgpack
import pyarrow as pa

from console.warehouse.imports.errors import BadBody
from console.warehouse.imports.names import column_name, renamed
from console.warehouse.imports.values import LONG, array_of

LONGEST_ROW = 16 * 2**20
CELLS = 2_000_000  # rows × columns turned over at once: many sparse columns must not fill the memory


@dataclass(frozen=True)
class ErrorRecord:
    row: int  # in its part, from 0
    reason: str
    record: Any


@dataclass(frozen=True)
class Batch:
    columns: dict[str, pa.Array]
    rows: int
    errors: tuple[ErrorRecord, ...] = ()


def unpack(data: bytes, first_row: int) -> tuple[list[dict[Any, Any]], int]:
    """Every whole map in `data`, and how many bytes they took."""
    unpacker = msgpack.Unpacker(
        raw=False,
        strict_map_key=False,
        unicode_errors="surrogateescape",
        max_buffer_size=4
        * LONGEST_ROW,  # also the longest string: one that the chunk cuts is longer than `data`
        max_array_len=2**20,
    )
    unpacker.feed(data)
    rows: list[dict[Any, Any]] = []
    end = 0
    try:
        for row in unpacker:
            if type(row) is not dict:
                raise BadBody(f"Row {first_row + len(rows)} is not a map. Send map after map, in no array.")
            rows.append(row)
            end = unpacker.tell()
    except (ValueError, TypeError, msgpack.UnpackException) as problem:
        raise BadBody(
            f"The body is not msgpack from row {first_row + len(rows)} on. Send gzip-compressed msgpack maps."
        ) from problem
    return rows, end


def batches(rows: list[dict[Any, Any]], first_row: int, default_time: int) -> Iterator[Batch]:
    """Columns of these rows. `default_time` (Unix seconds) is for rows without a time."""
    widest = max(map(len, rows), default=1) + 1
    keys = len(dict.fromkeys(chain.from_iterable(rows))) + 1
    step = max(1, CELLS // max(keys, widest))
    for start in range(0, len(rows), step):
        yield _batch(rows[start : start + step], first_row + start, default_time)


def _batch(rows: list[dict[Any, Any]], first_row: int, default_time: int) -> Batch:
    errors: dict[int, str] = {}
    named = _name(rows, errors)
    times = _times(named, errors, default_time)
    names = [n for n in dict.fromkeys(chain.from_iterable(named)) if n != "time"]
    columns: dict[str, pa.Array] = {"time": times}
    for name in names:
        values = [row.get(name) for row in named]
        columns[name], unfit = array_of(values)
        for at, reason in unfit.items():
            errors.setdefault(at, f"Column {name} {reason}.")
    if not errors:
        return Batch(columns, len(rows))
    refused = tuple(ErrorRecord(first_row + at, errors[at], rows[at]) for at in sorted(errors))
    # Anew without them, so that no column comes into being for a refused record alone.
    clean = _batch([row for at, row in enumerate(rows) if at not in errors], first_row, default_time)
    return Batch(clean.columns, clean.rows, refused)


def _name(rows: list[dict[Any, Any]], errors: dict[int, str]) -> list[dict[str, Any]]:
    keys = dict.fromkeys(chain.from_iterable(rows))
    if all(type(key) is str and column_name(key) == key != "" for key in keys):
        return rows
    named: list[dict[str, Any]] = []
    for at, row in enumerate(rows):
        outcome = renamed(row)
        if isinstance(outcome, str):
            errors[at] = outcome
            outcome = {}
        named.append(outcome)
    return named


def _times(rows: list[dict[str, Any]], errors: dict[int, str], default_time: int) -> pa.Array:
    values = [row.get("time") for row in rows]
    if not _all_longs(values):
        for at, value in enumerate(values):
            seconds = _seconds(value, default_time)
            values[at] = seconds
            if seconds is None:
                errors.setdefault(at, f"time is {value!r:.60}. It must be Unix seconds as a whole number.")
    return pa.array(values, pa.int64())


def _all_longs(values: list[Any]) -> bool:
    return set(map(type, values)) == {int} and min(values) in LONG and max(values) in LONG


def _seconds(value: Any, default_time: int) -> int | None:
    if value is None:
        return default_time
    if type(value) is int and value in LONG:
        return value
    if type(value) is float and abs(value) < 2**63:  # NaN compares false
        return int(value)
    return None
