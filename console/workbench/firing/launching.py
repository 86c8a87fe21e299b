"""Makes the jobs of planned slots and writes everything, for many schedules in few statements."""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from console.workbench import runners
from console.workbench.firing import bells, judging
from console.workbench.firing.plans import Plan
from console.workbench.models import Job, JobEvent, Schedule, Slot

log = logging.getLogger(__name__)
FIELDS = (
    *("next_slot", "due_at", "since", "bell", "last_job_id", "settled"),
    *("failures", "paused_at", "paused_by_id", "paused_reason"),
)
CHUNK = 200
INSIDE = "It could not be started because of an error inside Sendoff. The watch's log has more."


def launch(plans: Sequence[Plan]) -> int:
    """Inside one transaction that holds the schedules' locks. Returns how many jobs were made."""
    started = [(plan, job) for plan in plans if (job := _job(plan))]
    _save_jobs([job for _, job in started])
    for plan, job in started:
        _fired(plan, job)
    slots = [slot for plan in plans for slot in plan.slots.values()]
    Slot.objects.bulk_create([slot for slot in slots if slot.pk is None], batch_size=1000)
    changed = [slot for slot in slots if slot.pk is not None]
    Slot.objects.bulk_update(changed, ["state", "reason", "job", "fired_at"], batch_size=CHUNK)
    save([plan.schedule for plan in plans])
    for plan, job in started:
        runners.get(plan.schedule).started(plan.schedule, plan.start, job)
    return len(started)


def save(schedules: Sequence[Schedule]) -> None:
    """The schedules and their bells. Only the fields that changed: in one statement each costs its own CASE."""
    bells.set_bells(schedules)
    fields = [
        name
        for number, name in enumerate(FIELDS)
        if any(
            not schedule.before or schedule.before[number] != state(schedule)[number]
            for schedule in schedules
        )
    ]
    if not fields:
        return
    if len(schedules) == 1:  # the usual case, and for Django a much shorter way
        schedules[0].save(update_fields=fields)
    else:
        Schedule.objects.bulk_update(schedules, fields, batch_size=CHUNK)


def state(schedule: Schedule) -> tuple[Any, ...]:
    return tuple(getattr(schedule, name) for name in FIELDS)


def start_by_hand(schedule: Schedule, job: Job) -> None:
    """A run that is no slot. Raises nothing the runner's `job` did not."""
    _save_jobs([job])
    schedule.last_job, schedule.settled = job, False
    schedule.save(update_fields=["last_job", "settled", "updated_at"])
    runners.get(schedule).started(schedule, None, job)


def _job(plan: Plan) -> Job | None:
    """The job of the plan's slot, not saved; None, and the slot skipped with its reason, where it can't be made."""
    slot, schedule = plan.start, plan.schedule
    if slot is None:
        return None
    try:
        return runners.get(schedule).job(schedule, slot.time, slot.asked_by or schedule.owner)
    except runners.CantRun as error:
        plan.put(slot, Slot.State.SKIPPED, str(error))
        judging.count_failure(schedule, None, str(error))
    except DatabaseError:
        raise
    except Exception:
        log.exception("schedule %s could not be started", schedule.pk)
        plan.put(slot, Slot.State.SKIPPED, INSIDE)
    return None


def _save_jobs(jobs: list[Job]) -> None:
    now = timezone.now()
    for job in jobs:
        job.rung_at = now
    Job.objects.bulk_create(jobs, batch_size=CHUNK)
    JobEvent.objects.bulk_create([JobEvent(job=job, at=now, level="info", message="Queued") for job in jobs])
    bells.ring_jobs(jobs)


def _fired(plan: Plan, job: Job) -> None:
    slot, schedule = plan.start, plan.schedule
    assert slot is not None
    slot.job, slot.fired_at = job, job.rung_at
    schedule.last_job, schedule.settled = job, False
