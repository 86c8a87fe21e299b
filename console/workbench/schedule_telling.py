"""What a schedule's trouble means to the people who want to hear of it: receivers of the schedules' signals."""

from dataclasses import replace
from typing import Any

from django.urls import reverse

from console.notices import telling
from console.notices.models import State
from console.notices.telling import Report
from console.workbench import schedule_signals
from console.workbench.models import Job, Query, Schedule
from console.workbench.telling import report_of, subject_of

MEND = "Correct what failed, run the query once by hand, then resume its schedule."


def register() -> None:
    schedule_signals.schedule_failing.connect(schedule_failing)
    schedule_signals.schedule_paused.connect(schedule_paused)


def schedule_failing(
    sender: Any, *, schedule: Schedule, job: Job | None, failures: int, limit: int, **_: Any
) -> None:
    """A scheduled run failed on its configuration again. Told each time, because a pause comes nearer."""
    query: Query | None = schedule.query
    if query is None:
        return
    left = limit - failures
    warning = f"This is failure {failures:,} of {limit:,} in a row that somebody has to mend: " + (
        f"after {left:,} more the schedule is paused." if left > 0 else "the schedule is paused."
    )
    known = report_of(job, query) if job else None
    report = known or _unmade(schedule, query, failures)
    message = f"{report.message}\n{warning}".strip()
    facts = report.facts | {"failures": failures, "failures_to_pause": limit}
    telling.tell(replace(report, message=message, facts=facts), always=True)


def schedule_paused(
    sender: Any, *, schedule: Schedule, job: Job | None, failures: int, reason: str, **_: Any
) -> None:
    """It was paused after too many such failures."""
    query: Query | None = schedule.query
    if query is None:
        return
    telling.tell(
        Report(
            subject=subject_of(query),
            event=f"pause:{_moment(schedule)}",
            name=query.name,
            state=State.PAUSED,
            link=_page(query, job),
            message=reason,
            action=MEND,
            facts={"query": query.pk, "job": job.pk if job else None, "failures": failures},
        ),
        always=True,
    )


def _unmade(schedule: Schedule, query: Query, failures: int) -> Report:
    """Not even a job could be made."""
    return Report(
        subject=subject_of(query),
        event=f"unmade:{schedule.pk}:{failures}:{_moment(schedule)}",
        name=query.name,
        state=State.FAILED,
        link=_page(query, None),
        message="The scheduled run could not be started.",
        action="Open the query and look at its database and its export settings.",
        facts={"query": query.pk},
    )


def _moment(schedule: Schedule) -> str:
    """By it one pause differs from the next of the same schedule."""
    return f"{schedule.pk}:{(schedule.paused_at or schedule.updated_at).isoformat()}"


def _page(query: Query, job: Job | None) -> str:
    return reverse("job", args=[job.pk]) if job else reverse("query", args=[query.pk])
