"""Schedules and their runs in the words of the pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from console.workbench.models import Schedule
from console.workbench.schedules import DAILY, HOURLY, CronError
from console.workbench.slots import Coming, rule_of

LABELS = {"": "None", DAILY: "@daily (midnight)", HOURLY: "@hourly (:00)"}


def label(cron: str) -> str:
    """What stands on the editor's button: a preset's own label, or the five fields."""
    return LABELS.get(cron, cron)


def sentence(schedule: Schedule) -> str:
    """ "At 00:00 every Monday"; the text itself where this build can't read it any more."""
    try:
        rule = rule_of(schedule.cron)
    except CronError:
        return schedule.cron
    return rule.sentence() if rule else "No schedule"


def wait(seconds: int) -> str:
    """A delay: 90 -> "90 s", 600 -> "10 min", 5400 -> "1 h 30 min"."""
    if seconds % 60:
        return f"{seconds:,} s"
    hours, minutes = divmod(seconds // 60, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part
    )


@dataclass(frozen=True)
class Run:
    """One line of "Next five runs"."""

    number: int
    at: datetime
    scheduled: str  # "Mon Nov 23, 00:00", in the schedule's zone
    starts: str  # "00:10", after the delay
    starts_at: datetime
    utc: str  # of the start
    from_now: str  # to the start: "5 h"
    words: str  # what the clocks do to it, "" on most days


def runs(coming: Iterable[Coming]) -> list[Run]:
    now = timezone.now()
    return [_run(number, one, now) for number, one in enumerate(coming, 1)]


def _run(number: int, coming: Coming, now: datetime) -> Run:
    local = coming.occurrence.local
    starts = coming.starts_at.astimezone(ZoneInfo(coming.schedule.zone))
    utc = coming.starts_at.astimezone(UTC)
    return Run(
        number,
        coming.occurrence.at,
        f"{local:%a} {_date(local, now)}, {local:%H:%M}",
        _clock(starts) if starts.date() == local.date() else f"{_date(starts, now)}, {_clock(starts)}",
        coming.starts_at,
        f"{_date(utc, now)}, {_clock(utc)}",
        distance(coming.starts_at - now),
        coming.occurrence.words,
    )


def moment(at: datetime, zone: str) -> str:
    """ "Mon Nov 23, 00:00", in the zone."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a} {_date(local, timezone.now())}, {local:%H:%M}"


def distance(away: timedelta) -> str:
    """ "5 min", "5 h", "7 d"."""
    minutes = away // timedelta(minutes=1)
    if away < timedelta():
        return "due now"
    if minutes < 60:
        return f"{minutes} min" if minutes else "under 1 min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def _date(local: datetime, now: datetime) -> str:
    year = "" if local.year == now.astimezone(local.tzinfo).year else f" {local.year}"
    return f"{local:%b} {local.day}{year}"


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
