"""What becomes of the slots of one schedule that came due. Decides; `launching` makes jobs and writes."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.workbench.models import Schedule, Slot
from console.workbench.schedules import Occurrence
from console.workbench.slots import JUST, due_at, local_words, occurrences

LONGEST_DOWNTIME = timedelta(days=366)  # of older slots nothing is said
LISTED = 50_000  # of one downtime: more than a month of minutes
DECIDED = frozenset({Slot.State.FIRED, Slot.State.QUEUED})


@dataclass
class Plan:
    """The slots of a schedule to be written, and the one to be started."""

    schedule: Schedule
    start: Slot | None = None
    slots: dict[datetime, Slot] = field(default_factory=dict)

    def put(self, slot: Slot, state: Slot.State, reason: str = "") -> Slot:
        slot.state, slot.reason = state, reason
        self.slots[slot.time] = slot
        return slot


def decide(schedule: Schedule, now: datetime, known: Mapping[datetime, Slot], waiting: Slot | None) -> Plan:
    """`known` are the rows there are already, by time; `waiting` is the slot in the queue that is no backfill.

    Moves the schedule to its next slot. Of several slots that came due the newest runs, the older ones are missed.
    """
    plan = Plan(schedule)
    came = advance(schedule, now)
    if not came:
        return plan
    *older, newest = (known.get(one.at) or slot_at(schedule, one.at) for one in came)
    for slot in older:
        if slot.state not in DECIDED:
            plan.put(slot, Slot.State.MISSED, _missed(schedule, newest))
    if newest.state in DECIDED and newest.pk is not None:
        return plan  # a clock was set back
    if not schedule.is_busy and waiting is None:
        plan.start = plan.put(newest, Slot.State.FIRED)
    elif not schedule.is_busy and waiting is not None:
        plan.start = plan.put(waiting, Slot.State.FIRED)
        plan.put(
            newest, Slot.State.QUEUED, f"The run of {local_words(schedule, waiting.time)} goes before it."
        )
    else:
        _queue(plan, newest, waiting)
    return plan


def advance(schedule: Schedule, now: datetime) -> list[Occurrence]:
    """The occurrences that came due by now, in order, and moves the schedule behind them."""
    assert schedule.next_slot is not None
    begin = max(schedule.next_slot, now - LONGEST_DOWNTIME)
    came: deque[Occurrence] = deque(maxlen=LISTED)
    following = None
    for occurrence in occurrences(schedule, after=begin - JUST):
        if due_at(schedule, occurrence.at) > now:
            following = occurrence.at
            break
        came.append(occurrence)
    aim(schedule, following)
    return list(came)


def aim(schedule: Schedule, at: datetime | None) -> None:
    """Sets the next slot; a schedule that is paused is not armed."""
    schedule.next_slot = at
    schedule.due_at = None if at is None or schedule.is_paused else due_at(schedule, at)


def slot_at(schedule: Schedule, at: datetime) -> Slot:
    return Slot(schedule=schedule, time=at, due_at=due_at(schedule, at), state="")


def _queue(plan: Plan, newest: Slot, waiting: Slot | None) -> None:
    schedule = plan.schedule
    running = f"job {schedule.last_job_id}"
    plan.put(newest, Slot.State.QUEUED, f"Waits until {running} of the run before it has ended.")
    if waiting is not None:
        newer = local_words(schedule, newest.time)
        reason = f"The run of {newer} took its place in the queue while {running} was still going."
        plan.put(waiting, Slot.State.SKIPPED, reason)


def _missed(schedule: Schedule, newest: Slot) -> str:
    newer = local_words(schedule, newest.time)
    return (
        f"The scheduler was not running. Of the runs that came due meanwhile, the newest was made: {newer}."
    )
