"""What a journey is made of, as a form or the API gives it; creating and saving it."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from activations import naming
from activations.errors import Invalid, Problem, Refused, Stale
from activations.models import Activation, Journey, JourneyStage, JourneyStep, ParentSegment, Segment
from console.accounts.models import User

MOST_STAGES = 8  # as Treasure Data's
LONGEST_WAIT = 366  # days


class JourneyError(Invalid):
    """Paths: "name", "entry_segment", "stages", "stages.0.wait", "stages.1.activations"."""


@dataclass(frozen=True)
class Stage:
    name: str
    segment: Segment | None = None
    wait: int = 0
    wait_unit: str = "days"
    activations: tuple[Activation, ...] = ()


@dataclass(frozen=True)
class Definition:
    name: str
    entry_segment: Segment | None
    exit_segment: Segment | None = None
    stages: tuple[Stage, ...] = ()


def definition_of(journey: Journey) -> Definition:
    stages = journey.stages.select_related("segment").prefetch_related("steps__activation")
    return Definition(
        name=journey.name,
        entry_segment=journey.entry_segment,
        exit_segment=journey.exit_segment,
        stages=tuple(
            Stage(
                one.name, one.segment, one.wait, one.wait_unit, tuple(s.activation for s in one.steps.all())
            )
            for one in stages
        ),
    )


def create(audience: ParentSegment, made: Definition, user: User) -> Journey:
    """A draft. Raises JourneyError, Refused for a name that is taken."""
    _insist(audience, made)
    with naming.unique("journey", made.name.strip(), audience):
        journey = Journey.objects.create(audience=audience, owner=user, saved_by=user, **_fields(made))
        _write_stages(journey, made)
    return journey


@transaction.atomic
def save(journey: Journey, made: Definition, user: User, *, version: int) -> Journey:
    """Saves over `version`. Raises Stale, JourneyError, and Refused while it is active."""
    related = ("audience", "saved_by", "schedule")
    current = Journey.objects.select_for_update(of=("self",)).select_related(*related).get(pk=journey.pk)
    if current.version != version:
        raise Stale(current)
    if current.is_active:
        raise Refused(f"{current} is active. Pause it first, then change it.")
    _insist(current.audience, made)
    if not current.is_draft and len(made.stages) != current.stages.count():
        raise JourneyError(
            [Problem("stages", "Profiles are in these stages: their number can't change any more.")]
        )
    with naming.unique("journey", made.name.strip(), current.audience):
        changed = _fields(made) | {"version": version + 1, "saved_by": user, "updated_at": timezone.now()}
        Journey.objects.filter(pk=current.pk).update(**changed)
    _write_stages(current, made)
    return Journey.objects.select_related(*related).get(pk=current.pk)


def check(audience: ParentSegment, made: Definition) -> list[Problem]:
    problems = []
    try:
        naming.checked(made.name)
    except Refused as refused:
        problems.append(Problem("name", str(refused)))
    if made.entry_segment is None:
        problems.append(Problem("entry_segment", "Choose the segment whose profiles enter."))
    if made.entry_segment and made.entry_segment == made.exit_segment:
        problems.append(
            Problem("exit_segment", "Nobody would enter: choose another segment than the entry's.")
        )
    if not 1 <= len(made.stages) <= MOST_STAGES:
        problems.append(Problem("stages", f"A journey has 1 to {MOST_STAGES} stages."))
    taken: dict[int, int] = {}
    for i, stage in enumerate(made.stages):
        problems += _check_stage(f"stages.{i}", stage, i, taken)
    return problems + _foreign(audience, made)


def _check_stage(path: str, stage: Stage, i: int, taken: dict[int, int]) -> list[Problem]:
    problems = []
    if not stage.name.strip() or len(stage.name) > naming.LONGEST:
        problems.append(Problem(f"{path}.name", f"Write a name, with at most {naming.LONGEST} characters."))
    most = LONGEST_WAIT * (24 if stage.wait_unit == JourneyStage.Unit.HOURS else 1)
    if stage.wait_unit not in JourneyStage.Unit.values or not 0 <= stage.wait <= most:
        problems.append(Problem(f"{path}.wait", f"Wait 0 to {LONGEST_WAIT} days."))
    for one in stage.activations:
        if one.is_draft:
            problems.append(
                Problem(f"{path}.activations", f"{one} isn't created yet. Press Create in it first.")
            )
        if one.pk in taken:
            where = f"stage {taken[one.pk] + 1}"
            message = (
                f"{one} is in {where} already, and a profile is sent by it once. Duplicate the activation."
            )
            problems.append(Problem(f"{path}.activations", message))
        taken.setdefault(one.pk, i)
    return problems


def _foreign(audience: ParentSegment, made: Definition) -> list[Problem]:
    """Things of another parent segment."""
    message = f"It belongs to another parent segment. Choose one of {audience}."
    named = [("entry_segment", made.entry_segment), ("exit_segment", made.exit_segment)]
    named += [(f"stages.{i}.segment", stage.segment) for i, stage in enumerate(made.stages)]
    named += [
        (f"stages.{i}.activations", one.segment)
        for i, stage in enumerate(made.stages)
        for one in stage.activations
    ]
    return [Problem(path, message) for path, one in named if one and one.audience_id != audience.pk]


def _insist(audience: ParentSegment, made: Definition) -> None:
    if problems := check(audience, made):
        raise JourneyError(problems)


def _fields(made: Definition) -> dict[str, Any]:
    return {"name": made.name.strip(), "entry_segment": made.entry_segment, "exit_segment": made.exit_segment}


def _write_stages(journey: Journey, made: Definition) -> None:
    """By number: a stage that profiles are in keeps its row's number, whatever else changes."""
    journey.stages.filter(number__gt=len(made.stages)).delete()
    for number, one in enumerate(made.stages, 1):
        defaults = {
            "name": one.name.strip(), "segment": one.segment, "wait": one.wait, "wait_unit": one.wait_unit,
        }  # fmt: skip
        stage, _ = JourneyStage.objects.update_or_create(journey=journey, number=number, defaults=defaults)
        stage.steps.exclude(activation__in=one.activations).delete()
        there = set(stage.steps.values_list("activation", flat=True))
        JourneyStep.objects.bulk_create(
            JourneyStep(stage=stage, activation=each) for each in one.activations if each.pk not in there
        )
