"""Which slots a schedule has: those to come, from its rule; those that were, from its rows."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone

from console.workbench.models import Schedule, SlotQuerySet
from console.workbench.runners import related
from console.workbench.schedules import Occurrence, Rule, parse

JUST = datetime.resolution
NO_ZONES = {"Factory", "localtime", "posixrules"}  # names that tzdata has beside its zones


@dataclass(frozen=True)
class Coming:
    """A run that is expected."""

    starts_at: datetime  # the time and the delay, UTC
    occurrence: Occurrence
    schedule: Schedule


def upcoming(schedule: Schedule, n: int) -> list[Coming]:
    """The next n runs. Empty where it is paused, over, or has no rule."""
    return list(islice(_coming(schedule), n))


def preview(
    cron: str, zone: str, delay: int, n: int = 5, *, starts_on: date | None = None, ends_on: date | None = None
) -> list[Coming]:  # fmt: skip
    """The same for a rule that is only being written; its values as `scheduling.check` has let them through."""
    now = timezone.now()
    draft = Schedule(cron=cron, zone=zone, delay=delay, starts_on=starts_on, ends_on=ends_on, since=now)
    return [_starting(draft, occurrence) for occurrence in islice(occurrences(draft, after=now), n)]


def next_across_console(until: datetime) -> Iterator[Coming]:
    """Every run of every active schedule that starts before `until`, in order."""
    schedules = Schedule.objects.active().exclude(next_slot=None).select_related("owner", *related())
    streams = [_before(until, _coming(schedule)) for schedule in schedules.filter(next_slot__lt=until)]
    return heapq.merge(*streams, key=lambda coming: (coming.starts_at, coming.schedule.pk))


def offered(schedule: Schedule) -> SlotQuerySet:
    """Missed and skipped slots that `scheduling.backfill_slots` can make up for, newest first."""
    return schedule.slots.offered()


def occurrences(schedule: Schedule, *, after: datetime) -> Iterator[Occurrence]:
    """What the rule promises later than `after` and later than it was set, on the days it is in force."""
    rule = rule_of(schedule.cron)
    if rule is None:
        return
    zone = ZoneInfo(schedule.zone)
    later_than = max(after, schedule.since)
    if schedule.starts_on:
        begin = datetime.combine(schedule.starts_on, time(), zone).astimezone(UTC)
        later_than = max(later_than, begin - JUST)
    for occurrence in rule.after(later_than, zone):
        if schedule.ends_on and occurrence.local.date() > schedule.ends_on:
            return
        yield occurrence


def due_at(schedule: Schedule, at: datetime) -> datetime:
    return at + timedelta(seconds=schedule.delay)


def local_words(schedule: Schedule, at: datetime) -> str:
    """ "Nov 25, 10:00", in the schedule's zone."""
    local = at.astimezone(ZoneInfo(schedule.zone))
    return f"{local:%b} {local.day}, {local:%H:%M}"


@lru_cache(maxsize=4096)
def rule_of(cron: str) -> Rule | None:
    return parse(cron)


@cache
def zones() -> frozenset[str]:
    """The names a schedule's zone can have."""
    return frozenset(available_timezones() - NO_ZONES)


def _coming(schedule: Schedule) -> Iterator[Coming]:
    if schedule.next_slot is None or schedule.is_paused:
        return iter(())
    found = occurrences(schedule, after=schedule.next_slot - JUST)
    return (_starting(schedule, occurrence) for occurrence in found)


def _starting(schedule: Schedule, occurrence: Occurrence) -> Coming:
    return Coming(due_at(schedule, occurrence.at), occurrence, schedule)


def _before(until: datetime, coming: Iterator[Coming]) -> Iterator[Coming]:
    for one in coming:
        if one.starts_at >= until:
            return
        yield one
