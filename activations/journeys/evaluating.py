"""An evaluation is a job whose SQL adds this evaluation's moves to the journey's log.

The warehouse commits a job's rows once, whatever dies, so all of an evaluation is there or nothing is.
"""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from activations import permissions
from activations.errors import Refused
from activations.journeys import log, plans
from activations.models import Journey, JourneyEvaluation, JourneyStep
from activations.sql.writing import TYPE
from console.accounts.models import User
from console.workbench import runners
from console.workbench.models import Job, Schedule, Slot

KIND = "journey"


def _job(schedule: Schedule, at: datetime, user: User) -> Job:
    journey = _journey(schedule)
    if journey.is_draft:
        raise runners.CantRun(f"{journey} isn't started yet. Press Start on its page.")
    if schedule.is_paused:
        raise runners.CantRun(f"{journey} is paused. Resume it first.")
    try:
        with transaction.atomic():  # whatever stops it, no row without a job is left
            evaluation = JourneyEvaluation.objects.create(journey=journey, time=at, steps=_steps(journey))
            log.require(journey)
            query = plans.evaluation_sql(journey, evaluation.pk)
    except Refused as error:
        raise runners.CantRun(str(error)) from error
    return Job(
        kind=Job.Kind.QUERY, query_name=f"{journey.name[:240]}: evaluation", user=user, type=TYPE,
        database=journey.audience.master_database, scheduled_time=int(at.timestamp()),
        sql=query,
    )  # fmt: skip


def _started(schedule: Schedule, slot: Slot | None, job: Job) -> None:
    """In the transaction in which `_job` made the evaluation's row: there is one without a job."""
    JourneyEvaluation.objects.filter(journey__schedule=schedule, job=None).update(job=job)


def _steps(journey: Journey) -> list[list[int]]:
    found = JourneyStep.objects.filter(stage__journey=journey).order_by("stage__number", "pk")
    return [[stage, activation] for stage, activation in found.values_list("stage__number", "activation")]


def _journey(schedule: Schedule) -> Journey:
    related = ("audience", "entry_segment", "exit_segment")
    found = Journey.objects.select_related(*related).filter(schedule=schedule).first()
    if found is None:
        raise runners.CantRun("The journey of this schedule was deleted.")
    return found


def _may_change(user: User, schedule: Schedule) -> bool:
    """A draft is started on its own page, where what is missing is said."""
    journey: Journey | None = getattr(schedule, "journey", None)
    return journey is not None and not journey.is_draft and permissions.may_edit(user, journey)


RUNNER = runners.Runner(
    kind=KIND,
    job=_job,
    name=lambda schedule: schedule.journey.name if hasattr(schedule, "journey") else "",
    url=lambda schedule: (
        reverse("journey", args=[schedule.journey.pk]) if hasattr(schedule, "journey") else ""
    ),
    may_change=_may_change,
    noun="journey",
    name_field="journey__name",
    rule_url=lambda schedule: (
        reverse("journey_schedule", args=[schedule.journey.pk]) if hasattr(schedule, "journey") else ""
    ),
    related=("journey", "journey__owner"),
    started=_started,
)
