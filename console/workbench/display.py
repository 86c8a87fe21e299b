"""Values as the text a person reads: exact integers and decimals, doubles as Java and Trino print them."""

import json
import math
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa


def as_text(batch: pa.RecordBatch) -> Iterator[tuple[str | None, ...]]:
    """The batch's rows. None is SQL's NULL and never the word."""
    columns = [
        [None if value is None else text(value) for value in column.to_pylist()] for column in batch.columns
    ]
    yield from zip(*columns, strict=True) if columns else ()


def text(value: Any) -> str:
    for kind, write in WRITERS:
        if isinstance(value, kind):
            return write(value)
    return str(value)


def double(value: float) -> str:
    """Java's Double.toString: 1.0, 1.0E7 from 10^7 up, 1.0E-4 below 10^-3, NaN, Infinity."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return _plain(value)
    mantissa, exponent = _shortest(value)
    return f"{mantissa}E{exponent}"


def _plain(value: float) -> str:
    written = format(Decimal(repr(value)), "f")
    return written if "." in written else f"{written}.0"


def _shortest(value: float) -> tuple[str, int]:
    sign, digits, _ = Decimal(repr(value)).normalize().as_tuple()
    exponent = Decimal(repr(value)).adjusted()
    tail = "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{tail}", exponent


def _timestamp(value: datetime) -> str:
    written = value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"
    return f"{written} UTC" if value.tzinfo else written


def _json(value: Any) -> str:
    return json.dumps(_jsonable(value), ensure_ascii=False, separators=(",", ":"))


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        # Arrow's maps arrive as lists of pairs.
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {str(key): _jsonable(item) for key, item in value}
        return [_jsonable(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else double(value)
    return text(value)


WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (str, str),
    (int, str),
    (float, double),
    (Decimal, lambda value: format(value, "f")),
    (datetime, _timestamp),
    ((date, time), lambda value: value.isoformat()),
    (bytes, bytes.hex),
    ((list, dict), _json),
)
