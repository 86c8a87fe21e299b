"""Starts what came due. Any number of processes may do so at once: each schedule is locked while it is decided.

The watch calls `turn` every second; `ring` is the queue's own bell for one schedule: harmless where the watch was.
Slot, job, its place in the queue and the schedule's next slot are written in one transaction.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from console.workbench import runners
from console.workbench.firing.judging import give_up, judge
from console.workbench.firing.launching import launch, save, state
from console.workbench.firing.plans import Plan, decide
from console.workbench.models import Job, Schedule, ScheduleQuerySet, Slot

BATCH = 100
# Of the last job only its end is of interest here.
HEAVY = ("sql", "translated_sql", "result_schema", "export_settings")


def turn() -> int:
    """Counts what ended, starts what waited, fires what came due. Returns how many runs were started."""
    settle()
    return start_queued() + fire_due()


def ring(schedule_id: int) -> None:
    """The queue's task."""
    _fire(Schedule.objects.filter(pk=schedule_id), timezone.now())


def fire_due() -> int:
    return _in_batches(_due, _fire)


def start_queued() -> int:
    """Starts the slots that waited for the run before them, one of each schedule."""
    return _in_batches(lambda now: Schedule.objects.with_queued(), _start_queued)


def settle() -> int:
    """Counts the ends of runs. A schedule that failed too often is paused here."""
    return _in_batches(lambda now: Schedule.objects.ended_unsettled(), _settle)


def locked(schedules: ScheduleQuerySet) -> list[Schedule]:
    """Those that nobody else is deciding about, with what that needs. Inside a transaction."""
    found = schedules.select_related("owner", *runners.related())
    taken = list(found.select_for_update(skip_locked=True, of=("self",))[:BATCH])
    # Not joined: PostgreSQL answers a lock it waited for with the new row beside what the old row was joined to.
    jobs = Job.objects.defer(*HEAVY).in_bulk([s.last_job_id for s in taken if s.last_job_id is not None])
    for schedule in taken:
        schedule.before = state(schedule)
        schedule.last_job = jobs.get(schedule.last_job_id or 0)
    return taken


def _in_batches(
    found: Callable[[datetime], ScheduleQuerySet], work: Callable[[ScheduleQuerySet, datetime], tuple[int, int]]
) -> int:  # fmt: skip
    """Until nothing is left. Looks without a transaction first: SQLite's would lock out all others."""
    total = 0
    while True:
        now = timezone.now()
        schedules = found(now)
        if not schedules.exists():
            return total
        taken, started = work(schedules, now)
        total += started
        if taken < BATCH:
            return total


def _due(now: datetime) -> ScheduleQuerySet:
    return Schedule.objects.due(now).order_by("due_at")


@transaction.atomic
def _fire(schedules: ScheduleQuerySet, now: datetime) -> tuple[int, int]:
    due = locked(schedules.filter(due_at__lte=now))
    if not due:
        return 0, 0
    for schedule in due:
        judge(schedule)
    known = _known([schedule for schedule in due if not schedule.is_paused])
    plans = [_plan(schedule, now, known[schedule.pk]) for schedule in due]
    return len(due), launch(plans)


def _plan(schedule: Schedule, now: datetime, known: list[Slot]) -> Plan:
    if schedule.is_paused:  # by `judge`, just now
        return Plan(schedule)
    waiting = [slot for slot in known if slot.state == Slot.State.QUEUED and not slot.backfill]
    try:
        return decide(schedule, now, {slot.time: slot for slot in known}, waiting[0] if waiting else None)
    except Exception as error:  # such as a zone that is gone from the system's list: the others must go on
        give_up(schedule, error)
        return Plan(schedule)


def _known(schedules: list[Schedule]) -> dict[int, list[Slot]]:
    """The rows that there are of the slots to be decided, and those that wait."""
    found: dict[int, list[Slot]] = defaultdict(list)
    if not schedules:
        return found
    first = min(schedule.next_slot for schedule in schedules if schedule.next_slot)
    queued = Q(state=Slot.State.QUEUED, backfill=False)
    rows = Slot.objects.filter(Q(time__gte=first) | queued, schedule__in=schedules)
    for slot in rows:
        found[slot.schedule_id].append(slot)
    return found


@transaction.atomic
def _start_queued(schedules: ScheduleQuerySet, now: datetime) -> tuple[int, int]:
    free = locked(schedules)
    plans = []
    for schedule in free:
        judge(schedule)
        plan = Plan(schedule)
        if not (schedule.is_paused or schedule.is_busy) and (slot := _first_waiting(schedule)):
            plan.start = plan.put(slot, Slot.State.FIRED, slot.reason if slot.backfill else "")
        plans.append(plan)
    return len(free), launch(plans)


def _first_waiting(schedule: Schedule) -> Slot | None:
    """What came due goes before what was asked for; of the latter the oldest is first."""
    waiting = schedule.slots.filter(state=Slot.State.QUEUED).select_related("asked_by")
    return waiting.order_by("backfill", "time").first()


@transaction.atomic
def _settle(schedules: ScheduleQuerySet, now: datetime) -> tuple[int, int]:
    ended = locked(schedules)
    for schedule in ended:
        judge(schedule)
    save(ended)
    return len(ended), 0
