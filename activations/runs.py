"""Runs of an activation: jobs with an export. The job is the workbench's; the run's row says whose it is."""

import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from activations import mapping, queries, sources
from activations.errors import Invalid, Problem, Refused
from activations.models import Activation, ActivationRun
from activations.refusing import refusing
from activations.sql import Lost
from activations.sql.writing import TYPE
from activations.string_builder import Facts
from console.accounts.models import User
from console.workbench import jobs, scheduling
from console.workbench.models import Job, Schedule


def run(activation: Activation, user: User) -> ActivationRun:
    """A run now. Raises Refused: for a draft, while running, for a lost column, without authentication; and while it
    is paused, unless it has a schedule: a trial is how one sees that what paused it is mended."""
    if activation.schedule is not None:
        return _run_schedule(activation, activation.schedule, user)
    if activation.is_paused:
        raise Refused(f"{activation} is paused. Resume it first.")
    now = timezone.now()
    with transaction.atomic():
        Activation.objects.select_for_update().get(pk=activation.pk)  # of two who press Run now, one runs
        _refuse_second(activation)
        job = jobs.submit_sql(**_fields(activation, user, int(time.time()), now))
        return started(activation, job, now)


def _run_schedule(activation: Activation, schedule: Schedule, user: User) -> ActivationRun:
    """So that its schedule knows of it: a slot that comes due meanwhile waits. The schedule's lock is the only one."""
    _refuse_second(activation)
    with refusing():
        job = scheduling.run_now(schedule, user)
    return ActivationRun.objects.get(job=job)


def _refuse_second(activation: Activation) -> None:
    if going := activation.runs.exclude(job__status__in=Job.FINAL).first():
        raise Refused(f"Job {going.job_id} of this activation is still running. Wait for it, or kill it.")


def job_for(
    activation: Activation, slot: datetime, user: User, *, exported_at: datetime | None = None
) -> Job:
    """The Job of a schedule's slot, not saved; `started` belongs to it. Raises Refused.

    `exported_at` is when it really starts (the slot and its delay), for the Timestamp string.
    """
    seconds = int(slot.timestamp())
    fields = _fields(activation, user, seconds, exported_at or slot)
    return Job(kind=Job.Kind.QUERY, query_name=activation.name, **fields)


def started(activation: Activation, job: Job, exported_at: datetime) -> ActivationRun:
    """The run's row, once its job has a number. Inside the transaction that made the job."""
    if not job.query_name:  # what lists of jobs call it
        job.query_name = activation.name
        job.save(update_fields=["query_name"])
    return ActivationRun.objects.create(activation=activation, job=job, exported_at=exported_at)


def run_sql(activation: Activation, exported_at: datetime) -> str:
    """What a run at that moment would run: the mapped columns in order, and the key last. Raises Refused."""
    try:
        selection = queries.select_segment(activation.segment)
        return selection.profiles_sql(outputs(activation, activation.mapping, exported_at))
    except Invalid as error:
        raise Refused(str(error)) from error
    except Lost as error:
        raise Refused(str(error)) from error


def outputs(activation: Activation, raw: Any, exported_at: datetime) -> list[mapping.Written]:
    """The columns of a mapping, also one that isn't saved yet, as it would be sent. Raises MappingError."""
    audience = activation.segment.audience
    available = sources.attribute_names(audience)
    return mapping.written(mapping.parse(raw, available), available, facts(activation, exported_at))


def facts(activation: Activation, exported_at: datetime) -> Facts:
    segment = activation.segment
    return Facts(
        segment.number, segment.name, segment.audience_id, exported_at.astimezone(ZoneInfo(activation.zone))
    )


def problems(activation: Activation) -> list[Problem]:
    """Why the next run would not start, for the activation's page; empty where all is well. Reads no rows."""
    if activation.authentication is None:
        return [Problem("authentication", "Its authentication is missing. Choose one in Details.")]
    try:
        run_sql(activation, timezone.now())
    except Refused as error:
        return (
            list(error.__cause__.problems)
            if isinstance(error.__cause__, Invalid)
            else [Problem("", str(error))]
        )
    return []


def _fields(activation: Activation, user: User, scheduled_time: int, exported_at: datetime) -> dict[str, Any]:
    _require_whole(activation)
    return fields(activation, user, scheduled_time, run_sql(activation, exported_at))


def fields(activation: Activation, user: User, scheduled_time: int, sql: str) -> dict[str, Any]:
    """A job's, for a run of this SQL. Raises Refused."""
    _require_whole(activation)
    return {
        "user": user,
        "database": activation.segment.audience.master_database,
        "type": TYPE,
        "sql": sql,
        "scheduled_time": scheduled_time,
        "export_authentication": activation.authentication,
        "export_settings": activation.export_settings,
    }


def _require_whole(activation: Activation) -> None:
    if activation.is_draft:
        raise Refused("This activation isn't created yet. Press Create first.")
    if activation.authentication is None:
        raise Refused(
            "The authentication of this activation is missing. Choose one in Details.", "authentication"
        )
