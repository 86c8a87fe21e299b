"""Runs made up for: slots that did not run are queued by a person, and run one after the other, oldest first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from console.accounts.models import User
from console.workbench.firing.plans import DECIDED, slot_at
from console.workbench.models import Schedule, Slot
from console.workbench.scheduling import ScheduleRefused, lock
from console.workbench.slots import rule_of

MOST = 1000  # slots in one go


@transaction.atomic
def backfill(schedule: Schedule, start: datetime, end: datetime, user: User) -> list[Slot]:
    """Queues every slot of start <= time < end that has not run. Those from before the schedule existed are made.

    Raises ScheduleRefused where nothing is left to run, or more than can be asked for at once.
    """
    schedule = _open(schedule)
    return _queue(schedule, _left_of(schedule, start, end), user)


def planned(schedule: Schedule, start: datetime, end: datetime) -> list[Slot]:
    """The slots that `backfill` would queue, as they are now. Those that have no row yet are not saved."""
    require_open(schedule)
    return _left_of(schedule, start, end)


@transaction.atomic
def backfill_slots(schedule: Schedule, slots: Sequence[int], user: User) -> list[Slot]:
    """The same for chosen slots of `slots.offered`, by their ids."""
    schedule = _open(schedule)
    if len(slots) > MOST:
        raise _too_many(len(slots))
    found = list(schedule.slots.offered().filter(pk__in=slots).order_by("time"))
    if not found:
        raise ScheduleRefused("These runs have run or wait already. Load the page again.")
    return _queue(schedule, found, user)


@transaction.atomic
def withdraw(schedule: Schedule, user: User) -> int:
    """Takes back what was asked for and has not started. Returns how many slots."""
    waiting = lock(schedule).slots.filter(state=Slot.State.QUEUED, backfill=True)
    return waiting.update(state=Slot.State.SKIPPED, reason=f"Taken back by {user}.")


def require_open(schedule: Schedule) -> None:
    """Raises ScheduleRefused where nothing can be made up for now."""
    if not schedule.cron:
        raise ScheduleRefused("The schedule has no rule, and so no runs. Set one first.")
    if schedule.is_paused:
        raise ScheduleRefused("The schedule is paused. Resume it, then run what was left out.")


def _open(schedule: Schedule) -> Schedule:
    schedule = lock(schedule)
    require_open(schedule)
    return schedule


def _left_of(schedule: Schedule, start: datetime, end: datetime) -> list[Slot]:
    times = _times(schedule, start, end)
    rows = {slot.time: slot for slot in schedule.slots.filter(time__gte=start, time__lt=end)}
    found = [rows.get(time) or slot_at(schedule, time) for time in times]
    missing = [slot for slot in found if slot.state not in DECIDED]
    if not missing:
        raise ScheduleRefused(
            "Every run of this range has run or waits already. Choose another range.", "start"
        )
    return missing


def _times(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    """Of the range those that are past. The next slot, though its time may have come, will start by itself."""
    if end <= start:
        raise ScheduleRefused("The end is not after the start. Choose a later end.", "end")
    end = min(end, schedule.next_slot or timezone.now(), timezone.now())
    rule = rule_of(schedule.cron)
    assert rule is not None
    found = [one.at for one in islice(rule.between(start, end, ZoneInfo(schedule.zone)), MOST + 1)]
    if len(found) > MOST:
        raise _too_many(None)
    if not found:
        raise ScheduleRefused("The rule has no run in this range before now. Choose another range.", "start")
    return found


def _queue(schedule: Schedule, slots: Iterable[Slot], user: User) -> list[Slot]:
    queued = list(slots)
    for slot in queued:
        slot.state, slot.reason = Slot.State.QUEUED, f"Asked for by {user}."
        slot.backfill, slot.asked_by = True, user
    known = [slot for slot in queued if slot.pk is not None]
    Slot.objects.bulk_create([slot for slot in queued if slot.pk is None], batch_size=1000)
    Slot.objects.bulk_update(known, ["state", "reason", "backfill", "asked_by"], batch_size=200)
    return queued


def _too_many(count: int | None) -> ScheduleRefused:
    asked = f"{count:,} runs were" if count else f"More than {MOST:,} runs were"
    return ScheduleRefused(f"{asked} asked for. Ask for at most {MOST:,} at once.", "end")
