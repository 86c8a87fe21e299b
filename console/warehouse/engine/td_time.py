"""Treasure Data's time arithmetic on constants. Times are unix seconds; zones are names or offsets."""

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_SHORT = {
    "JST": "Asia/Tokyo", "KST": "Asia/Seoul", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
    "MST": "America/Denver", "MDT": "America/Denver", "CST": "America/Chicago", "CDT": "America/Chicago",
    "EST": "America/New_York", "EDT": "America/New_York", "CET": "Europe/Paris", "CEST": "Europe/Paris",
    "GMT": "UTC", "UTC": "UTC", "Z": "UTC", "BST": "Europe/London", "IST": "Asia/Kolkata",
}  # fmt: skip
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[ T](\d\d?)(?::(\d\d?)(?::(\d\d?)(?:\.\d+)?)?)?)?"
    r"\s*([+-]\d\d:?\d\d|[A-Za-z]+(?:/[A-Za-z_+\-/0-9]+)?)?"
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
UNITS = {
    "s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "M": "month", "q": "quarter", "y": "year",
}  # fmt: skip
STEP = re.compile(r"([+-]?\d+)([smhdwMqy])")


class Wrong(ValueError):
    """`str()` is a sentence for the user."""


def zone_name(name: str) -> str:
    """The engine's name of a zone. Raises Wrong for one that doesn't exist."""
    if found := _OFFSET.fullmatch(name):
        return f"GMT{found[1]}{found[2]}:{found[3]}"
    known = _SHORT.get(name.upper(), name)
    try:
        ZoneInfo(known)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong(f"There is no time zone {name!r}. Use a name such as Asia/Tokyo, or JST.") from None
    return known


def _zone(name: str) -> tzinfo:
    if found := _OFFSET.fullmatch(name):
        delta = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(delta if found[1] == "+" else -delta)
    return ZoneInfo(zone_name(name))


def parse(text: str, zone: str) -> int:
    """`2026-01-02`, with a time and with a zone of its own, which beats `zone`. Raises Wrong."""
    if re.fullmatch(r"[+-]?\d+", text.strip()):
        return int(text)
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise Wrong(f"{text!r} is no time. Write 'YYYY-MM-DD' or 'YYYY-MM-DD hh:mm:ss'.")
    parts = [int(part or 0) for part in found.groups()[:6]]
    try:
        return int(datetime(*parts, tzinfo=_zone(found[7] or zone)).timestamp())  # type: ignore[arg-type,misc]
    except (ValueError, OverflowError) as error:
        if isinstance(error, Wrong):
            raise
        raise Wrong(f"{text!r} is no time that exists.") from None


def truncate(time: int, unit: str, zone: str) -> int:
    local = datetime.fromtimestamp(time, UTC).astimezone(_zone(zone))
    midnight = local.replace(hour=0, minute=0, second=0, fold=0)
    if unit == "y":
        local = midnight.replace(month=1, day=1)
    elif unit == "q":
        local = midnight.replace(month=(local.month - 1) // 3 * 3 + 1, day=1)
    elif unit == "M":
        local = midnight.replace(day=1)
    elif unit == "w":
        local = midnight - timedelta(days=local.weekday())
    elif unit == "d":
        local = midnight
    elif unit in "hm":
        return time - (local.minute * 60 if unit == "h" else 0) - local.second
    return int(local.timestamp())


def shift(time: int, count: int, unit: str, zone: str) -> int:
    """`count` units on the wall clock of `zone` (days of 23 or 25 hours count as one)."""
    if unit in "smh":
        return time + count * _SECONDS[unit]
    local = datetime.fromtimestamp(time, UTC).astimezone(_zone(zone))
    if unit in "dw":
        return int((local + timedelta(days=count * (7 if unit == "w" else 1))).timestamp())
    months = local.year * 12 + local.month - 1 + count * {"M": 1, "q": 3, "y": 12}[unit]
    year, month = divmod(months, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return int(local.replace(year=year, month=month + 1, day=day).timestamp())


def duration(text: str) -> int:
    """Seconds of `-1d`, `1d2h`. Raises Wrong for months and years, which have no fixed length."""
    if not re.fullmatch(r"\s*(?:[+-]?\d+[smhdw]\s*)+", text):
        raise Wrong(f"{text!r} is no duration. Write a number and one of s, m, h, d, w, such as '-1d'.")
    sign, total = 1, 0
    for part_sign, count, unit in re.findall(r"([+-]?)(\d+)([smhdw])", text):
        sign = {"-": -1, "+": 1}.get(part_sign, sign)
        total += sign * int(count) * _SECONDS[unit]
    return total


def interval(spec: str, zone: str, now: int) -> tuple[int, int]:
    """First second and the one after the last, of `-7d`, `0d`, `-1d/2026-01-03`, `-1d/-7d`, `0M/now`."""
    span, slash, offset = spec.strip().partition("/")
    found = STEP.fullmatch(span)
    if not found:
        raise Wrong(
            f"{spec!r} is no interval. Write a number and one of s, m, h, d, w, M, q, y, such as '-1d' or '-7d/-1d'."
        )
    count, unit = int(found[1]), found[2]
    base = _point(offset, zone, now) if slash else now
    edge = base if offset == "now" else truncate(base, unit, zone)
    whole = truncate(base, unit, zone)
    if count == 0:
        return (whole, edge) if offset == "now" else (whole, shift(whole, 1, unit, zone))
    if count < 0:
        return shift(whole, count, unit, zone), edge
    return edge, shift(whole, count, unit, zone)


def _point(text: str, zone: str, now: int) -> int:
    if text == "now":
        return now
    if found := STEP.fullmatch(text):
        return shift(truncate(now, found[2], zone), int(found[1]), found[2], zone)
    return parse(text, zone)
