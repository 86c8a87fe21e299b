"""Python values of one column → one Arrow array: boolean, long, double, string, lists of the last three.

Mixed values widen boolean → long → double → string. Maps, nested lists and mixed lists become JSON text:
that keeps every value whatever the next record holds, where a fixed nested type would refuse it.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

import orjson
import pyarrow as pa

NUMBERS = {bool, int, float}
SCALARS = NUMBERS | {str, bytes}
LONG = range(-(2**63), 2**63)


class BadValue(Exception):
    """This value can't be stored in any column."""


def array_of(values: list[Any]) -> tuple[pa.Array, dict[int, str]]:
    """The array, and why (by position) a value can't be held by anything: it is null in the array."""
    kinds = set(map(type, values)) - {type(None)}
    try:
        return _uniform(values, kinds), {}
    except (pa.ArrowInvalid, UnicodeError, OverflowError, BadValue):
        return _one_by_one(values)


def _uniform(values: list[Any], kinds: set[type]) -> pa.Array:
    if not kinds:
        return pa.nulls(len(values))
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds <= {bool, int}:
        return _long([int(v) if v is True or v is False else v for v in values] if bool in kinds else values)
    if kinds <= NUMBERS:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if kinds == {str}:
        return pa.array(values, pa.string())
    if kinds == {list}:
        return _lists(values)
    return _texts(values, text)


def _long(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values, pa.int64())
    except OverflowError:  # beyond 64 bits: text keeps every digit
        return _texts(values, str)


def _lists(values: list[Any]) -> pa.Array:
    kinds = set(map(type, chain.from_iterable(v for v in values if v is not None))) - {type(None)}
    if kinds == {int}:
        return pa.array(values, pa.list_(pa.int64()))
    if kinds and kinds <= {int, float}:
        return pa.array(values, pa.list_(pa.float64()))
    if kinds <= {str}:
        return pa.array(values, pa.list_(pa.string()))
    return _texts(values, text)


def _texts(values: list[Any], write: Callable[[Any], str]) -> pa.Array:
    return pa.array([None if v is None else write(v) for v in values], pa.string())


def _one_by_one(values: list[Any]) -> tuple[pa.Array, dict[int, str]]:
    """The slow way, for a column with a value that does not fit: find which, and why."""
    kept, reasons = list(values), {}
    for at, value in enumerate(values):
        try:
            if value is not None:
                text(value).encode()
        except UnicodeError:
            kept[at], reasons[at] = None, "holds bytes that are not UTF-8 text"
        except BadValue as problem:
            kept[at], reasons[at] = None, str(problem)
    kinds = set(map(type, kept)) - {type(None)}
    try:
        return _uniform(kept, kinds), reasons
    except (pa.ArrowInvalid, UnicodeError, OverflowError):
        return _texts(kept, text), reasons


def text(value: Any) -> str:
    """One value as a string column shows it; a double as DuckDB casts it."""
    match value:
        case str():
            return value
        case bytes():
            return value.decode()
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case list() | dict():
            return _json(value)
    raise BadValue("is of an extension type, which no column can hold")


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()
    except (orjson.JSONEncodeError, RecursionError) as problem:
        raise BadValue(f"can't be written as JSON ({problem})") from problem


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    raise BadValue("holds an extension type, which no column can hold")
