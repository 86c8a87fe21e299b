"""What a schedule's trouble means to the people who want to hear of it: receivers of the schedules' signals."""

from dataclasses import replace
from typing import Any

from django.urls import reverse

from console.notices import telling
from console.notices.models import State
from console.notices.telling import Report
from console.workbench import runners, schedule_signals
from console.workbench.models import Job, Schedule
from console.workbench.runners import Runner
from console.workbench.telling import report_of

MEND = "Correct what failed, run the {noun} once by hand, then resume its schedule."


def register() -> None:
    schedule_signals.schedule_failing.connect(schedule_failing)
    schedule_signals.schedule_paused.connect(schedule_paused)


def schedule_failing(
    sender: Any, *, schedule: Schedule, job: Job | None, failures: int, limit: int, **_: Any
) -> None:
    """A scheduled run failed on its configuration again. Told each time, because a pause comes nearer."""
    runner = runners.get(schedule)
    left = limit - failures
    warning = f"This is failure {failures:,} of {limit:,} in a row that somebody has to mend: " + (
        f"after {left:,} more the schedule is paused." if left > 0 else "the schedule is paused."
    )
    known = report_of(job, runner.subject(schedule), runner.name(schedule)) if job else None
    report = known or _unmade(schedule, runner, failures)
    message = f"{report.message}\n{warning}".strip()
    facts = report.facts | {"failures": failures, "failures_to_pause": limit}
    telling.tell(replace(report, message=message, facts=facts), always=True)


def schedule_paused(
    sender: Any, *, schedule: Schedule, job: Job | None, failures: int, reason: str, **_: Any
) -> None:
    """It was paused after too many such failures."""
    runner = runners.get(schedule)
    telling.tell(
        Report(
            subject=runner.subject(schedule),
            event=f"pause:{_moment(schedule)}",
            name=runner.name(schedule),
            state=State.PAUSED,
            link=_page(schedule, runner, job),
            message=reason,
            action=MEND.format(noun=runner.noun),
            facts=_facts(schedule, runner) | {"job": job.pk if job else None, "failures": failures},
        ),
        always=True,
    )


def _unmade(schedule: Schedule, runner: Runner, failures: int) -> Report:
    """Not even a job could be made."""
    return Report(
        subject=runner.subject(schedule),
        event=f"unmade:{schedule.pk}:{failures}:{_moment(schedule)}",
        name=runner.name(schedule),
        state=State.FAILED,
        link=_page(schedule, runner, None),
        message="The scheduled run could not be started.",
        action=f"Open the {runner.noun} and look at what it reads and at its export settings.",
        facts=_facts(schedule, runner),
    )


def _facts(schedule: Schedule, runner: Runner) -> dict[str, Any]:
    kind, _, number = runner.subject(schedule).partition(":")
    return {kind: int(number)}


def _moment(schedule: Schedule) -> str:
    """By it one pause differs from the next of the same schedule."""
    return f"{schedule.pk}:{(schedule.paused_at or schedule.updated_at).isoformat()}"


def _page(schedule: Schedule, runner: Runner, job: Job | None) -> str:
    return reverse("job", args=[job.pk]) if job else runner.url(schedule)
