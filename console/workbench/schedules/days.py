"""The days of a rule, and how often a day of month or a day of week comes."""

from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import MAXYEAR, date
from functools import cache

CYCLE = 400  # years after which the calendar repeats, weekdays too


def weekday_of(day: date) -> int:
    """Sunday is 0, as in the rules."""
    return day.isoweekday() % 7


def days_from(
    start: date, months: Collection[int], days: Collection[int], weekdays: Collection[int]
) -> Iterator[date]:
    """Every day from `start` on that is in all three, to the end of the calendar."""
    year, month = start.year, start.month
    while year < MAXYEAR:
        if month in months:
            for day in _days_of(year, month, days, weekdays):
                if day >= start:
                    yield day
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _days_of(year: int, month: int, days: Collection[int], weekdays: Collection[int]) -> Iterator[date]:
    first, length = monthrange(year, month)  # Monday is 0
    for day in sorted(days):
        if day <= length and (first + day) % 7 in weekdays:
            yield date(year, month, day)


def count_days(months: Collection[int], days: Collection[int]) -> int:
    """How many days of `months` in 400 years have one of these numbers."""
    by_day, _ = _cycle()
    return sum(by_day[month, day] for month in months for day in days)


def count_weekdays(months: Collection[int], weekdays: Collection[int]) -> int:
    _, by_weekday = _cycle()
    return sum(by_weekday[month, weekday] for month in months for weekday in weekdays)


@cache
def _cycle() -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    """(month, day) and (month, weekday) -> how often in 400 years."""
    by_day: Counter[tuple[int, int]] = Counter()
    by_weekday: Counter[tuple[int, int]] = Counter()
    for year in range(2000, 2000 + CYCLE):
        for month in range(1, 13):
            first, length = monthrange(year, month)
            for day in range(1, length + 1):
                by_day[month, day] += 1
                by_weekday[month, (first + day) % 7] += 1
    return by_day, by_weekday
