"""Which slots a schedule has: those to come, from its rule; those that were, from its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from console.workbench.models import Schedule, SlotQuerySet
from console.workbench.schedules import Occurrence


@dataclass(frozen=True, order=True)
class Coming:
    """A run that is expected."""

    starts_at: datetime  # the time and the delay, UTC
    occurrence: Occurrence
    schedule: Schedule


def upcoming(schedule: Schedule, n: int, now: datetime | None = None) -> list[Coming]:
    """The next n runs. Empty where it is paused, over, or has no rule."""
    raise NotImplementedError


def preview(cron: str, zone: str, delay: int, n: int = 5, now: datetime | None = None) -> list[Coming]:
    """The same for a rule that is only being written. Raises CronError or ScheduleRefused."""
    raise NotImplementedError


def next_across_console(until: datetime, now: datetime | None = None) -> Iterator[Coming]:
    """Every run of every active schedule that starts before `until`, in order."""
    raise NotImplementedError


def offered(schedule: Schedule) -> SlotQuerySet:
    """Missed and skipped slots that `scheduling.backfill_slots` can make up for, newest first."""
    raise NotImplementedError
