"""When everything runs in the next 24 hours: counted by rule, so that it is quick with any number of schedules."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from console.workbench.models import Schedule
from console.workbench.schedules import CronError
from console.workbench.slots import JUST, due_at, occurrences

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(hours=24)
HOURS = 25  # the hour that has begun, and 24 more
RULES = 300  # different ones; the rarest of more are left out, and the picture says so
MOST_RUNS = 20_000  # made anew for one picture; they are kept until the hour is over


class Rhythm(NamedTuple):
    """What two schedules have in common that run at the same times."""

    cron: str
    zone: str
    delay: int
    starts_on: date | None
    ends_on: date | None

    @classmethod
    def of(cls, schedule: Schedule) -> "Rhythm":
        return cls(schedule.cron, schedule.zone, schedule.delay, schedule.starts_on, schedule.ends_on)


@dataclass(frozen=True)
class Bar:
    begin: datetime
    runs: int
    index: int  # of the quarter of an hour


@dataclass(frozen=True)
class Day:
    """The next 24 hours, in quarters of an hour from the beginning of this hour on."""

    begin: datetime
    now: datetime
    counts: Counter[int] = field(default_factory=Counter)
    left_out: int = 0  # rules that are not counted

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def most(self) -> int:
        return max(self.counts.values(), default=0)

    @property
    def bars(self) -> list[Bar]:
        return [Bar(self.begin + index * QUARTER, runs, index) for index, runs in sorted(self.counts.items())]

    @property
    def hours(self) -> list[tuple[datetime, int, int]]:
        """Those with runs: when it begins, how many, and how many in its busiest quarter."""
        found = []
        for hour in range(HOURS):
            quarters = [self.counts[index] for index in range(hour * 4, hour * 4 + 4)]
            if any(quarters):
                found.append((self.begin + hour * HOUR, sum(quarters), max(quarters)))
        return found

    @property
    def marks(self) -> list[datetime]:
        """Every third hour, for the axis."""
        return [self.begin + hour * HOUR for hour in range(0, HOURS, 3)]


def begin_of(now: datetime) -> datetime:
    """The beginning of the hour on the reader's clock."""
    return timezone.localtime(now).replace(minute=0, second=0, microsecond=0)


def day() -> Day:
    now = timezone.now()
    rules = Schedule.objects.active().exclude(next_slot=None).values_list(*Rhythm._fields)
    found = list(rules.annotate(n=Count("pk")).order_by("-n")[: RULES + 1])
    made = Day(begin_of(now), now)
    counted, runs = 0, 0
    for *values, n in found[:RULES]:
        if runs > MOST_RUNS:
            break
        times = starts(Rhythm(*values), made.begin)
        runs, counted = runs + len(times), counted + 1
        _add(made, times, n)
    return Day(made.begin, now, made.counts, len(found) - counted)


def _add(made: Day, times: Iterable[datetime], n: int) -> None:
    for at in times:
        if made.now <= at < made.now + DAY:
            made.counts[(at - made.begin) // QUARTER] += n


@lru_cache(maxsize=4 * RULES)
def starts(rhythm: Rhythm, begin: datetime) -> tuple[datetime, ...]:
    """The starts, after the delay, in the 25 hours from `begin` on."""
    wait = timedelta(seconds=rhythm.delay)
    draft = Schedule(**rhythm._asdict(), since=begin - wait - DAY)
    end, found = begin + HOURS * HOUR, []
    try:
        for occurrence in occurrences(draft, after=begin - wait - JUST):
            at = due_at(draft, occurrence.at)
            if at >= end:
                break
            found.append(at)
    except CronError:  # of a rule that this build can't read; its own row says so
        return ()
    return tuple(found)
