"""What people do with schedules: set the rule, pause, resume, run now. `backfills` makes up for slots.

Who may do it is the pages' question (`permissions.require_schedule`); running now is anybody's, as Run is.
A rule that can't be read raises `schedules.CronError`, everything else `ScheduleRefused`.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from console.accounts.models import User
from console.workbench import runners
from console.workbench.firing import launching
from console.workbench.firing.judging import halt, judge
from console.workbench.firing.plans import advance, aim, slot_at
from console.workbench.models import Job, Query, Schedule, ScheduleQuerySet, Slot
from console.workbench.schedules import Occurrence, parse
from console.workbench.slots import occurrences, zones

LONGEST_DELAY = 7 * 86_400
CHANGED = "The schedule was changed before this run could start."
PAUSED = "The schedule was paused."


class ScheduleRefused(Exception):
    """What was asked can't be done; `str(error)` says why and what to do. `field` is the form's, where it has one
    ("zone", "delay", "starts_on", "ends_on", "start", "end")."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def schedules_of(kind: str | None = None) -> ScheduleQuerySet:
    """All that have a rule, with what a list shows of each (what it runs, owner, last job) fetched."""
    found = Schedule.objects.exclude(cron="").select_related(
        "owner", "paused_by", "last_job", *runners.related()
    )
    return found.filter(kind=kind) if kind else found


def check(
    cron: str, zone: str, delay: int, starts_on: date | None = None, ends_on: date | None = None
) -> None:
    """Raises CronError or ScheduleRefused where `set_rule` would."""
    parse(cron)
    if zone not in zones():
        raise ScheduleRefused(f"“{zone}” is not a time zone. Choose one such as Asia/Tokyo.", "zone")
    if not 0 <= delay <= LONGEST_DELAY:
        raise ScheduleRefused(
            f"A delay is from 0 to {LONGEST_DELAY:,} s (7 days). Change the rule's hour for more.", "delay"
        )
    if starts_on and ends_on and ends_on < starts_on:
        raise ScheduleRefused("The end is before the start. Choose a later end.", "ends_on")


@transaction.atomic
def set_rule(
    target: Query | Schedule,
    cron: str,
    zone: str,
    delay: int,
    user: User,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Schedule | None:
    """Gives a query its schedule, or changes one. `cron` is five fields, "@daily", "@hourly" or "" for None.

    None keeps the schedule's row and so its history, and returns it; for a query without one it returns None. A query's
    schedule runs as the query's owner. Slots of the old rule that have come but not started are skipped, and say so.
    """
    check(cron, zone, delay, starts_on, ends_on)
    schedule = _locked_or_new(target)
    rule = (cron.strip(), zone, starts_on, ends_on)
    if schedule is None or (schedule.pk is None and not rule[0]):
        return None
    if (schedule.cron, schedule.zone, schedule.starts_on, schedule.ends_on) != rule:
        _replace_rule(schedule, *rule)
    schedule.delay = delay
    aim(schedule, schedule.next_slot)
    schedule.save()
    launching.save([schedule])
    return schedule


@transaction.atomic
def pause(schedule: Schedule, user: User, reason: str = "") -> Schedule:
    """Starts nothing more until `resume`. What goes on is not stopped, what waits in the queue is skipped."""
    schedule = lock(schedule)
    if schedule.is_paused:
        raise ScheduleRefused("The schedule is paused already. Resume it to let it run again.")
    halt(schedule, reason or f"Paused by {user}.")
    schedule.paused_by = user
    launching.save([schedule])
    return schedule


@transaction.atomic
def resume(schedule: Schedule, user: User) -> Schedule:
    """Goes on with the next slot, and with no failures counted. What came due meanwhile is listed as skipped."""
    schedule = lock(schedule)
    if not schedule.is_paused:
        raise ScheduleRefused("The schedule is not paused.")
    reason = schedule.paused_reason or PAUSED
    judge(schedule)  # a run that ended before this must not count after it
    schedule.paused_at, schedule.paused_by, schedule.paused_reason, schedule.failures = None, None, "", 0
    if schedule.next_slot is not None:
        _skip(schedule, advance(schedule, timezone.now()), reason)
    launching.save([schedule])
    return schedule


@transaction.atomic
def run_now(schedule: Schedule, user: User) -> Job:
    """A run beside the slots, at once, for this moment's time; also of a schedule that is paused, as a trial.

    Refused while the last run is going. Its end counts as any other run's.
    """
    schedule = lock(schedule)
    if schedule.is_busy:
        raise ScheduleRefused(
            f"Job {schedule.last_job_id} of this schedule is still running. Wait until it has ended, or kill it."
        )
    judge(schedule)
    try:
        job = runners.get(schedule).job(schedule, timezone.now(), user)
    except runners.CantRun as error:
        raise ScheduleRefused(str(error)) from error
    launching.start_by_hand(schedule, job)
    return job


def lock(schedule: Schedule) -> Schedule:
    """As the database has it now; nobody else decides about it until the transaction ends."""
    found = Schedule.objects.select_related("owner", *runners.related()).select_for_update(of=("self",))
    return found.get(pk=schedule.pk)


def _locked_or_new(target: Query | Schedule) -> Schedule | None:
    if isinstance(target, Schedule):
        return lock(target) if target.pk else target  # a room above brings its own, not saved yet
    Query.objects.select_for_update().get(pk=target.pk)  # so that two do not both make its schedule
    if schedule := Schedule.objects.filter(query=target).first():
        return lock(schedule)
    return Schedule(query=target, owner=target.owner, since=timezone.now())


def _replace_rule(
    schedule: Schedule, cron: str, zone: str, starts_on: date | None, ends_on: date | None
) -> None:
    now = timezone.now()
    if schedule.next_slot is not None:
        _skip(schedule, _until(schedule, now), schedule.paused_reason or CHANGED)
    schedule.cron, schedule.zone = cron, zone
    schedule.starts_on, schedule.ends_on, schedule.since = starts_on, ends_on, now
    first = next(occurrences(schedule, after=now), None)
    schedule.next_slot = first.at if first else None


def _until(schedule: Schedule, now: datetime) -> Iterable[Occurrence]:
    """Slots whose time has come although their start, after the delay, may not have."""
    delay, schedule.delay = schedule.delay, 0
    try:
        return advance(schedule, now)
    finally:
        schedule.delay = delay


def _skip(schedule: Schedule, came: Iterable[Occurrence], reason: str) -> None:
    slots = [slot_at(schedule, one.at) for one in came]
    for slot in slots:
        slot.state, slot.reason = Slot.State.SKIPPED, reason
    Slot.objects.bulk_create(slots, batch_size=1000, ignore_conflicts=True)
