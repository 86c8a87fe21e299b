"""What a run's end means to the people who want to hear of it. Written in the transaction of the final status."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import OperationalError, transaction
from django.db.models.signals import post_delete
from django.urls import reverse

from console.accounts.models import User
from console.notices import subjects, telling
from console.notices.models import State
from console.notices.telling import Report
from console.workbench import signals
from console.workbench.models import Job, Query
from console.workbench.permissions import may_edit

log = logging.getLogger(__name__)
REASONS = 3  # of the reasons for rejected rows; the job's page has all
KIND = "query"


def subject_of(query: Query) -> str:
    return subjects.key(KIND, query.pk)


def register() -> None:
    subjects.register(
        KIND,
        subjects.Kind(
            may_change=_may_change, settings_url=lambda pk: reverse("query_notifications", args=[pk])
        ),
    )
    signals.job_ended.connect(job_ended)
    post_delete.connect(query_deleted, sender=Query)


def job_ended(sender: Any, job: Job, **_: Any) -> None:
    heard(_tell, job)


def heard(tell: Callable[[Job], None], job: Job) -> None:
    """An error in `tell` must not keep a job from ending; a database that is away ends nothing anyway."""
    try:
        with transaction.atomic():
            tell(job)
    except OperationalError:
        raise
    except Exception:
        log.exception("nobody is told of the end of job %s", job.pk)


def query_deleted(sender: Any, instance: Query, **_: Any) -> None:
    telling.forget(subject_of(instance))


def report_of(job: Job, subject: str, name: str) -> Report | None:
    """What a job's end means for the subject whose run it is. None for an end that is nobody's news: a kill has its
    own witness."""
    report = partial(_report, job, subject, name)
    match job.status:
        case Job.Status.ERROR:
            return report(
                State.FAILED, _failure(job), job.error_action or _way_on(job, subject.partition(":")[0])
            )
        case Job.Status.SUCCESS if job.has_rejected_rows:
            action = "Open the job for the rows and their reasons. Correct them, then send only those again."
            return report(State.REJECTED, _rejected(job), action)
        case Job.Status.SUCCESS:
            return report(State.DONE, _arrived(job))
    return None


def _tell(job: Job) -> None:
    if job.query_id is None or not telling.is_wanted(subjects.key(KIND, job.query_id)):
        return
    query = Query.objects.filter(pk=job.query_id).first()
    if query is None or not _is_of_the_query(job, query):
        return
    report = report_of(job, subject_of(query), query.name)
    if report:
        telling.tell(report)


def _is_of_the_query(job: Job, query: Query) -> bool:
    """Whether it ran what the query said then. SQL that somebody tries out in the editor is nobody else's news."""
    ran = job.source or job
    saved = query.versions.filter(saved_at__lte=ran.created_at).first()
    return ran.sql == (saved.sql if saved else query.sql)


def _report(job: Job, subject: str, name: str, state: State, message: str, action: str = "") -> Report:
    kind, _, number = subject.partition(":")
    return Report(
        subject=subject,
        event=f"job:{job.pk}",
        name=name,
        state=state,
        link=reverse("job", args=[job.pk]),
        message=message,
        action=action,
        facts=_facts(job) | {kind: int(number)},
    )


def _facts(job: Job) -> dict[str, Any]:
    export = job.export
    return {
        "job": job.pk,
        "job_kind": job.kind,
        "started_by": str(job.user),
        "scheduled_time": job.scheduled_time,
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "rows": job.rows if job.rows is not None else (job.source.rows if job.source else None),
        "exported_to": export.authentication_name if export else None,
        "rows_delivered": export.rows_delivered if export else None,
        "rows_rejected": export.rows_rejected if export else None,
        "rows_in_doubt": export.rows_in_doubt if export else None,
    }


def _failure(job: Job) -> str:
    where = f"Line {job.error_line}, column {job.error_column or 1}." if job.error_line else ""
    return " ".join(part for part in (job.error_message, where, job.error_kept) if part)


def _way_on(job: Job, noun: str) -> str:
    """Where the error itself does not say what to do: what the job's page offers."""
    return (
        "Run the export again from the job's page."
        if job.export
        else f"Open the {noun}, correct it and run it again."
    )


def _rejected(job: Job) -> str:
    export = job.export
    assert export is not None
    most = sorted(export.reject_reasons.items(), key=lambda item: -item[1])
    reasons = [f"{rows:,} × {reason}" for reason, rows in most[:REASONS]]
    if len(most) > REASONS:
        reasons.append(f"{len(most) - REASONS} more reasons")
    first = f"{export.authentication_name} rejected {export.rows_rejected:,} of {_rows(export.rows_total)}"
    return "\n".join([f"{first}:" if reasons else f"{first}.", *reasons])


def _arrived(job: Job) -> str:
    if job.export:
        return f"{job.export.authentication_name} accepted {_rows(job.export.rows_delivered)}: every row arrived."
    if job.written_table:
        return f"{_rows(job.rows or 0)} written to {job.written_table}."
    return f"{_rows(job.rows or 0)} in the result. It is not exported."


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"


def _may_change(user: User, pk: int) -> bool:
    query = Query.objects.filter(pk=pk).first()
    return query is not None and may_edit(user, query)
