"""Activations as what a schedule runs, and the schedule of an activation."""

from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from activations import permissions, runs, telling
from activations.errors import Refused
from activations.models import Activation
from activations.refusing import refusing
from console.accounts.models import User
from console.notices import subjects
from console.workbench import runners, scheduling
from console.workbench.models import Job, Schedule, Slot

GONE = "The activation of this schedule is gone. Delete the schedule, or create the activation anew."


def activation_of(schedule: Schedule) -> Activation | None:
    return getattr(schedule, "activation", None)


@transaction.atomic
def set_rule(
    activation: Activation,
    user: User,
    *,
    cron: str,
    zone: str,
    delay: int = 0,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Schedule | None:
    """Gives an activation its schedule, or changes it; "" for one that does not repeat. Runs as its owner.

    Raises CronError, ScheduleRefused.
    """
    target = activation.schedule or Schedule(kind=telling.KIND, owner=activation.owner, since=timezone.now())
    days = {"starts_on": starts_on, "ends_on": ends_on} if cron else {}
    saved = scheduling.set_rule(target, cron, zone if cron else "UTC", delay, user, **days)
    Activation.objects.filter(pk=activation.pk).update(schedule=saved, zone=zone)
    activation.schedule, activation.zone = saved, zone
    if saved and activation.paused_at:  # from now on it is the schedule that knows it
        activation.schedule = scheduling.pause(saved, user)
        Activation.objects.filter(pk=activation.pk).update(paused_at=None, paused_by=None)
        activation.paused_at = activation.paused_by = None
    return activation.schedule


def pause(activation: Activation, user: User) -> None:
    """Raises Refused."""
    assert activation.schedule is not None
    with refusing():
        activation.schedule = scheduling.pause(activation.schedule, user)


def resume(activation: Activation, user: User) -> None:
    """Raises Refused."""
    assert activation.schedule is not None
    with refusing():
        activation.schedule = scheduling.resume(activation.schedule, user)


def _job(schedule: Schedule, at: datetime, user: User) -> Job:
    activation = activation_of(schedule)
    if activation is None:
        raise runners.CantRun(GONE)
    # A run by hand is for this moment and starts at once, whatever the delay.
    starts = min(at + timedelta(seconds=schedule.delay), timezone.now())
    try:
        return runs.job_for(activation, at, user, exported_at=starts)
    except Refused as refused:
        raise runners.CantRun(str(refused)) from refused


def _started(schedule: Schedule, slot: Slot | None, job: Job) -> None:
    activation = activation_of(schedule)
    assert activation is not None
    at = datetime.fromtimestamp(job.scheduled_time, UTC)
    runs.started(activation, job, at if slot is None else slot.due_at)


def _name(schedule: Schedule) -> str:
    activation = activation_of(schedule)
    return str(activation) if activation else f"schedule {schedule.pk}"


def _address(name: str, schedule: Schedule) -> str:
    activation = activation_of(schedule)
    return reverse(name, args=[activation.pk]) if activation else reverse("activations")


def _may_change(user: User, schedule: Schedule) -> bool:
    activation = activation_of(schedule)
    return user.is_administrator or (activation is not None and permissions.may_edit(user, activation))


def _subject(schedule: Schedule) -> str:
    activation = activation_of(schedule)
    return subjects.key(telling.KIND, activation.pk if activation else 0)


RUNNER = runners.Runner(
    kind=telling.KIND,
    job=_job,
    name=_name,
    url=lambda schedule: _address("activation", schedule),
    may_change=_may_change,
    subject=_subject,
    rule_url=lambda schedule: _address("activation_schedule", schedule),
    noun="activation",
    name_field="activation__name",
    related=("activation__segment__audience", "activation__authentication", "activation__owner"),
    started=_started,
)
