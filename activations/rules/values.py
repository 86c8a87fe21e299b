"""A value as JSON has it, to the value that is compared, and back."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from activations.rules.errors import Wrong
from activations.rules.nodes import Scalar, Value
from activations.rules.operators import Operator, Takes

DIGITS, PLACES = 38, 15  # what an exact number of the engine holds beside any whole number
TEXT, LIST, DAYS = 10_000, 10_000, 36_500
_EXACT = Context(prec=100)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?")


def read(raw: Any, kind: str, operator: Operator) -> Value:
    """Raises Wrong."""
    if operator.takes == Takes.NOTHING:
        if raw is not None:
            raise Wrong(f"“{operator.words}” takes no value. Leave it out.")
        return None
    if operator.takes == Takes.DAYS:
        return _days(raw)
    if operator.takes == Takes.ONE:
        return _READ[kind](raw)
    if not isinstance(raw, list):
        raise Wrong(
            "Give two values, from and to." if operator.takes == Takes.TWO else "Give a list of values."
        )
    return _two(raw, kind) if operator.takes == Takes.TWO else _list(raw, kind)


def write(value: Value) -> Any:
    """The same as JSON, in one spelling."""
    if isinstance(value, tuple):
        return [write(one) for one in value]
    if isinstance(value, Decimal):
        return format(value, "f")  # as text: JSON's own numbers are floats to many readers
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def _list(raw: list[Any], kind: str) -> Value:
    if not raw:
        raise Wrong("The list is empty. Add a value.")
    if len(raw) > LIST:
        raise Wrong(f"The list has {len(raw):,} values, {LIST:,} are the most. Join a table of them instead.")
    return tuple(dict.fromkeys(map(_READ[kind], raw)))


def _two(raw: list[Any], kind: str) -> Value:
    if len(raw) != 2:
        raise Wrong("Give two values, from and to.")
    low, high = map(_READ[kind], raw)
    if _start(low) > _end(high):
        raise Wrong("The first value is larger than the second. Exchange them.")
    return low, high


def _start(value: Scalar) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return value


def _end(value: Scalar) -> Any:
    """A date alone is the whole day."""
    day = isinstance(value, date) and not isinstance(value, datetime)
    return _start(value) + timedelta(days=1) if day else value


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Wrong("Give a text.")
    if not raw:
        raise Wrong("The value is empty. Write one, or use “is not set”.")
    if len(raw) > TEXT:
        raise Wrong(f"The text has {len(raw):,} characters, {TEXT:,} are the most.")
    if "\0" in raw or any("\ud800" <= character <= "\udfff" for character in raw):
        raise Wrong("The text has a character that no table can hold.")
    return raw


def _number(raw: Any) -> int | Decimal:
    """Exact, whatever its size; from text too, since a number of JavaScript has 15 digits."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        raise Wrong("Give a number.")
    try:
        value = Decimal(str(raw).strip())
    except InvalidOperation:
        raise Wrong(f"{raw!r} is no number. Write digits, with a point before decimals.") from None
    if not value.is_finite():
        raise Wrong("Give a number that has an end.")
    if value and value.adjusted() >= DIGITS:
        raise Wrong(f"The number is too large. {DIGITS} digits are the most.")
    if value == value.to_integral_value():
        return int(value)
    plain = value.normalize(_EXACT)
    decimals, before = -int(plain.as_tuple().exponent), plain.adjusted() + 1
    if len(value.as_tuple().digits) > _EXACT.prec or decimals > PLACES or before > DIGITS - PLACES:
        raise Wrong(f"The number is too long. {DIGITS - PLACES} digits and {PLACES} decimals are the most.")
    return plain


def _day(raw: Any) -> date:
    if not isinstance(raw, str) or not _DATE.fullmatch(raw.strip()):
        raise Wrong("Write a date as 2026-01-31.")
    return _existing(raw.strip())


def _existing(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Wrong(f"There is no {text}. Write a date as 2026-01-31.") from None
    if not 1000 <= found.year <= 9998:
        raise Wrong("Use a year from 1000 to 9998.")
    return found


def _moment(raw: Any) -> date | datetime:
    found = _MOMENT.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if found is None:
        if isinstance(raw, str) and _DATE.fullmatch(raw.strip()):
            return _day(raw)
        raise Wrong("Write a date as 2026-01-31, or with a time as 2026-01-31 14:30.")
    _existing(found[1])
    try:
        return datetime.fromisoformat(f"{found[1]} {found[2]}{found[3] or ':00'}")
    except ValueError:
        raise Wrong(f"There is no time {found[2]}{found[3] or ''}.") from None


def _days(raw: Any) -> int:
    if isinstance(raw, str) and raw.strip().isdecimal():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= DAYS:
        raise Wrong(f"Give a whole number of days from 1 to {DAYS:,}.")
    return raw


_READ: dict[str, Callable[[Any], Scalar]] = {
    "text": _text, "number": _number, "date": _day, "timestamp": _moment,
}  # fmt: skip
