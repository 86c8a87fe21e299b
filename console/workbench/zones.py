"""Time zones to choose from, each with what its clocks show at present."""

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone

from console.workbench.slots import zones

QUARTER = 900  # seconds; no zone's clocks change at another minute


def choices(*first: str) -> list[tuple[str, str]]:
    """(name, "Asia/Tokyo (UTC+09:00)"): those that are asked for first, then all others by name.

    A name that the system has lost stays in the list, so that a form shows what is stored.
    """
    labels = _labels(int(timezone.now().timestamp()) // QUARTER)
    ordered = dict.fromkeys((*filter(None, first), "UTC", *sorted(labels)))
    return [(name, labels.get(name, name)) for name in ordered]


@lru_cache(maxsize=2)
def _labels(quarter: int) -> dict[str, str]:
    moment = datetime.fromtimestamp(quarter * QUARTER, UTC)
    return {name: f"{name} (UTC{_offset(moment.astimezone(_zone(name)))})" for name in zones()}


@cache
def _zone(name: str) -> ZoneInfo:
    """Held, because zoneinfo itself keeps only a few and reads the others from disk again."""
    return ZoneInfo(name)


def _offset(local: datetime) -> str:
    minutes = (local.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
