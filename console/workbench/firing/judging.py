"""Counts the failures of a schedule that only a person can mend, and pauses it when there are too many in a row."""

import logging

from django.conf import settings
from django.utils import timezone

from console.workbench.models import Job, Schedule, Slot
from console.workbench.schedule_signals import schedule_failing, schedule_paused, schedule_recovered
from integrations.errors import Kind

log = logging.getLogger(__name__)
CONFIGURATION = frozenset({Kind.SETTINGS, Kind.CREDENTIALS})


def judge(schedule: Schedule) -> None:
    """Counts the end of the last run, once. Changes the schedule; the caller holds its lock and saves it.

    What may pass by itself (a busy destination, a full disk, refused rows, a kill) neither counts nor breaks the row.
    """
    job = schedule.last_job
    if schedule.settled or (job and not job.is_finished):
        return
    schedule.settled = True
    if job is None:
        return
    if job.status == Job.Status.SUCCESS and schedule.failures:
        schedule.failures = 0
        schedule_recovered.send(sender=Schedule, schedule=schedule, job=job)
    elif job.status == Job.Status.ERROR and job.error_kind in CONFIGURATION:
        count_failure(schedule, job, job.error_message)


def count_failure(schedule: Schedule, job: Job | None, message: str) -> None:
    """`job` is None where it could not even be made."""
    limit = settings.PAUSE_AFTER_FAILURES
    schedule.failures += 1
    schedule_failing.send(
        sender=Schedule, schedule=schedule, job=job, failures=schedule.failures, limit=limit
    )
    if schedule.failures >= limit and not schedule.is_paused:
        reason = f"It failed {schedule.failures} times in a row: {message} Mend this, then resume."
        halt(schedule, reason)
        schedule_paused.send(
            sender=Schedule, schedule=schedule, job=job, failures=schedule.failures, reason=reason
        )


def give_up(schedule: Schedule, error: Exception) -> None:
    """Its next slot can't be told."""
    log.error("schedule %s can't be read", schedule.pk, exc_info=error)
    halt(schedule, f"Its rule or time zone can't be read any more ({error}). Set them again, then resume.")


def halt(schedule: Schedule, reason: str) -> None:
    """Pauses it. `next_slot` stays: from there on, nothing has been decided. What waits in the queue is skipped."""
    schedule.paused_at, schedule.paused_by, schedule.paused_reason = timezone.now(), None, reason
    schedule.due_at = None
    waiting = schedule.slots.filter(state=Slot.State.QUEUED)
    waiting.update(state=Slot.State.SKIPPED, reason="The schedule was paused before this run could start.")
