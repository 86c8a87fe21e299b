"""Puts schedules right whose next slot is not what their rule says: a clock was set back, a zone's rules have changed,
or a bell is gone. Else a schedule that was fired in a wrong future would be silent until that comes."""

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from console.workbench.firing import BATCH, bells, locked
from console.workbench.firing.judging import give_up
from console.workbench.firing.launching import save
from console.workbench.firing.plans import DECIDED, aim
from console.workbench.models import Schedule
from console.workbench.slots import occurrences

BACK = 1.0  # seconds; less is a clock that is being trimmed


class Clock:
    """Notices that the clock was set back since it was last asked."""

    def __init__(self) -> None:
        self.ahead = self._ahead()

    def was_set_back(self) -> bool:
        before, self.ahead = self.ahead, self._ahead()
        return self.ahead < before - BACK

    @staticmethod
    def _ahead() -> float:
        """How far the clock is ahead of one that can't be set."""
        return time.time() - time.monotonic()


def mend() -> int:
    """Returns how many schedules were put right."""
    ids = list(Schedule.objects.active().values_list("pk", flat=True))
    return sum(_mend(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


@transaction.atomic
def _mend(ids: list[int]) -> int:
    now = timezone.now()
    schedules = locked(Schedule.objects.active().filter(pk__in=ids))
    there = bells.existing(schedules)
    wrong = [schedule for schedule in schedules if _is_put_right(schedule, now) or _lacks(schedule, there)]
    save(wrong)
    return len(wrong)


def _lacks(schedule: Schedule, there: set[int]) -> bool:
    return schedule.due_at is not None and schedule.bell not in there


def _is_put_right(schedule: Schedule, now: datetime) -> bool:
    if schedule.due_at is not None and schedule.due_at <= now:
        return False  # it is about to be fired, which sets the next one
    before = (schedule.next_slot, schedule.due_at, schedule.since)
    schedule.since = min(schedule.since, now)
    try:
        aim(schedule, _first_undecided(schedule, now))
    except Exception as error:
        give_up(schedule, error)
    return (schedule.next_slot, schedule.due_at, schedule.since) != before


def _first_undecided(schedule: Schedule, now: datetime) -> datetime | None:
    decided: set[datetime] | None = None
    for occurrence in occurrences(schedule, after=now - timedelta(seconds=schedule.delay)):
        at = occurrence.at
        if at == schedule.next_slot:
            return at
        if decided is None:
            rows = schedule.slots.filter(time__gte=at, state__in=DECIDED)
            decided = set(rows.values_list("time", flat=True))
        if at not in decided:
            return at
    return None
