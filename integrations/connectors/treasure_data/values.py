"""A result's values as Treasure Data takes them: int64, double or text."""

import base64
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds


def as_sendable(column: pa.Array, *, seconds: bool = False) -> pa.Array:
    """An array of integers, doubles, text or nulls. `seconds`: this is the time column, in Unix seconds."""
    kind = column.type
    if kinds.is_dictionary(kind):
        return as_sendable(column.dictionary_decode(), seconds=seconds)
    if kinds.is_null(kind) or kinds.is_string(kind) or kinds.is_signed_integer(kind):
        return column
    if kinds.is_timestamp(kind):
        return _epoch(column) if seconds else _moment(column)
    if kinds.is_unsigned_integer(kind) and kind.bit_width < 64:
        return column.cast(pa.int64())
    if kinds.is_boolean(kind):
        return column.cast(pa.int8())
    if kinds.is_floating(kind):
        return column.cast(pa.float64())
    return _text(column)


def _text(column: pa.Array) -> pa.Array:
    kind = column.type
    if kinds.is_nested(kind):
        return _each(column, lambda value: orjson.dumps(_plain(value, kind)).decode())
    if kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_fixed_size_binary(kind):
        return _each(column, lambda value: base64.b64encode(value).decode())
    try:
        return column.cast(pa.string())
    except pa.ArrowNotImplementedError:
        return _each(column, str)


def _each(column: pa.Array, write: Callable[[Any], str]) -> pa.Array:
    """The slow way, value by value, for what Arrow can't write as text."""
    return pa.array([None if value is None else write(value) for value in column.to_pylist()], pa.string())


def _moment(column: pa.Array) -> pa.Array:
    """`YYYY-MM-DD HH:MM:SS.mmm`; what has a zone is written in UTC and says so."""
    zone = column.type.tz
    whole = pc.floor_temporal(column, unit="millisecond") if column.type.unit in {"us", "ns"} else column
    text = whole.cast(pa.timestamp("ms", tz=zone)).cast(pa.timestamp("ms")).cast(pa.string())
    return pc.binary_join_element_wise(text, " UTC", "") if zone else text


def _epoch(column: pa.Array) -> pa.Array:
    whole = pc.floor_temporal(column, unit="second") if column.type.unit != "s" else column
    return whole.cast(pa.timestamp("s", tz=column.type.tz)).cast(pa.int64())


def _plain(value: Any, kind: pa.DataType) -> Any:
    """What JSON can say: maps as objects, decimals and dates as text."""
    if value is None:
        return None
    if kinds.is_map(kind):
        return {str(_plain(k, kind.key_type)): _plain(v, kind.item_type) for k, v in value}
    if kinds.is_struct(kind):
        return {field.name: _plain(value[field.name], field.type) for field in kind}
    if kinds.is_nested(kind):
        return [_plain(item, kind.value_type) for item in value]
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "milliseconds") + (" UTC" if value.tzinfo else "")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value) if isinstance(value, Decimal | date | clock | timedelta) else value
