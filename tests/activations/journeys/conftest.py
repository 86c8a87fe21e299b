"""A journey of the shop: APAC customers, first those it knows, then those who moved, out by the exit."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from activations import activating, segments
from activations.activating import Content
from activations.journeys import acting, definitions, settling
from activations.journeys.definitions import Definition, Stage
from activations.models import (
    Activation,
    ActivationRun,
    Journey,
    JourneyEvaluation,
    JourneyStepRun,
    ParentSegment,
    Segment,
)
from console.accounts.models import User
from console.workbench import worker
from console.workbench.models import Job

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MakeSegment = Callable[[str, str, Any], Segment]
Evaluate = Callable[..., JourneyEvaluation]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], datetime]:
    """`clock(2.5)` makes it two and a half days after Monday."""
    state = {"now": MONDAY}
    monkeypatch.setattr(timezone, "now", lambda: state["now"])

    def to(days: float) -> datetime:
        state["now"] = MONDAY + timedelta(days=days)
        return state["now"]

    return to


@pytest.fixture
def make_segment(audience: ParentSegment, user: User) -> MakeSegment:
    def make(name: str, operator: str, value: Any, attribute: str = "region") -> Segment:
        rule = {"type": "attribute", "attribute": attribute, "operator": operator}
        if value is not None:
            rule["value"] = value
        return segments.create(audience, name, {"type": "group", "match": "all", "rules": [rule]}, user)

    return make


@pytest.fixture
def second(gold: Segment, content: Content, user: User) -> Activation:
    made = Content("Second", content.authentication, content.export_settings, content.mapping)
    return activating.create(activating.begin(gold, user, afresh=True), made, user)


@pytest.fixture
def definition(make_segment: MakeSegment, activation: Activation, second: Activation) -> Definition:
    return Definition(
        name="Welcome",
        entry_segment=make_segment("New", "equals", "new"),
        exit_segment=make_segment("Gone", "equals", "gone"),
        stages=(
            Stage("Greeted", None, 1, "days", (activation,)),
            Stage("Bought", make_segment("Buyers", "equals", "buyer"), 12, "hours", (second,)),
        ),
    )


@pytest.fixture
def journey(audience: ParentSegment, definition: Definition, user: User) -> Journey:
    return definitions.create(audience, definition, user)


@pytest.fixture
def started(journey: Journey, user: User, shop: Any) -> Journey:
    acting.set_schedule(journey, user, cron="@daily", zone="UTC", delay=0)
    return acting.start(journey, user)


@pytest.fixture
def evaluate(user: User) -> Evaluate:
    def once(journey: Journey, *, steps: bool = True) -> JourneyEvaluation:
        job = acting.evaluate_now(Journey.objects.select_related("schedule").get(pk=journey.pk), user)
        worker.run_job(job.pk)
        evaluation = JourneyEvaluation.objects.get(job=job)
        settling.settle(evaluation.pk)
        if steps:
            for waiting in Job.objects.unfinished():
                worker.run_job(waiting.pk)
        return JourneyEvaluation.objects.select_related("job", "journey").get(pk=evaluation.pk)

    return once


def job_of(evaluation: JourneyEvaluation) -> Job:
    assert evaluation.job is not None
    return evaluation.job


def run_of(step: JourneyStepRun) -> ActivationRun:
    assert step.run is not None
    return step.run
