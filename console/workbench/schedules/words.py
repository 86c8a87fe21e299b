"""A rule in words."""

from collections.abc import Sequence
from itertools import pairwise

from console.workbench.schedules.fields import Field

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FEW = 6  # times of day that are named one by one


def sentence(minute: Field, hour: Field, day: Field | None, month: Field, weekday: Field | None) -> str:
    """`day` or `weekday` is None where it is ignored. "At 00:00 every Monday"."""
    when = _time(minute, hour)
    return " ".join(part for part in (when, _days(day, month, weekday, named=when.startswith("At"))) if part)


def conflict(day: Field, weekday: Field, ignored: str) -> str:
    label = {"day": "day of month", "weekday": "day of week"}[ignored]
    return (
        f"Day of month ({dates(day.values)}) and day of week ({weekday_names(weekday.values)}) disagree. "
        f"The one that runs more often is followed, so {label} is ignored."
    )


def dates(values: Sequence[int]) -> str:
    """ "1st, 11th and 21st", "1st to 10th"."""
    return _spans(values, [ordinal(number) for number in range(32)])


def weekday_names(values: Sequence[int]) -> str:
    return _spans(values, WEEKDAYS)


def month_names(values: Sequence[int]) -> str:
    return _spans(values, ("", *MONTHS))


def ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _time(minute: Field, hour: Field) -> str:
    times = [f"{h:02}:{m:02}" for h in hour.values for m in minute.values]
    if hour.restricts and not _even(hour, 24) and len(times) <= FEW:
        return f"At {_list(times)}"
    every = _even(minute, 60)
    if not hour.restricts:
        return _every("minute", every) if every else f"Every hour at {_minutes(minute)}"
    if not every and (hours := _even(hour, 24)):
        return f"{_every('hour', hours)} at {_minutes(minute)}"
    often = _every("minute", every) if every else f"At {_minutes(minute)}"
    return f"{often} from {_list([_hours(low, high) for low, high in _runs(hour.values)])}"


def _hours(low: int, high: int) -> str:
    return f"{low:02}:00 to {high:02}:59"


def _even(field: Field, whole: int) -> int:
    """n where the field is `*` or a `*/n` that comes out even, else 0."""
    return field.step if field.step and whole % field.step == 0 else 0


def _every(unit: str, n: int) -> str:
    return f"Every {unit}" if n == 1 else f"Every {n} {unit}s"


def _minutes(minute: Field) -> str:
    """ ":00 and :30"; many in a row as ":05 to :20"."""
    return _spans(minute.values, [f":{number:02}" for number in range(60)])


def _days(day: Field | None, month: Field, weekday: Field | None, *, named: bool) -> str:
    months = month_names(month.values) if month.restricts else ""
    if day and day.restricts:
        return f"on the {dates(day.values)} of {months or 'every month'}"
    inside = f" in {months}" if months else ""
    if weekday and weekday.restricts:
        return f"every {weekday_names(weekday.values)}{inside}"
    return f"every day{inside}" if named or inside else ""


def _spans(values: Sequence[int], names: Sequence[str]) -> str:
    """Three and more in a row as "Monday to Friday"."""
    parts: list[str] = []
    for low, high in _runs(values):
        if high - low >= 2:
            parts.append(f"{names[low]} to {names[high]}")
        else:
            parts.extend(names[value] for value in range(low, high + 1))
    return _list(parts)


def _runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """The runs of values without a hole, as (first, last)."""
    breaks = [n for n, (left, right) in enumerate(pairwise(values), 1) if right != left + 1]
    edges = [0, *breaks, len(values)]
    return [(values[low], values[high - 1]) for low, high in pairwise(edges)]


def _list(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
