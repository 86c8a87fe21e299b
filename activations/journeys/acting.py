"""What people do with a journey: schedule, start, pause, resume, evaluate now, delete."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from activations.errors import Refused
from activations.journeys import evaluating, log, plans
from activations.models import Journey, JourneyStepRun
from activations.refusing import refusing
from console.accounts.models import User
from console.workbench import scheduling
from console.workbench.models import Job, Schedule

NOT_STARTED = "The journey isn't started yet."


@transaction.atomic
def set_schedule(journey: Journey, user: User, **rule: Any) -> Schedule:
    """`rule` is `scheduling.set_rule`'s. Until the journey is started its schedule is paused. Raises Refused."""
    current = _locked(journey)
    if not rule["cron"]:
        raise Refused("A journey is evaluated by its schedule. Choose one.", "cron")
    schedule = current.schedule or Schedule(
        kind=evaluating.KIND, owner=current.owner, since=timezone.now(), paused_at=timezone.now(),
        paused_reason=NOT_STARTED,
    )  # fmt: skip
    with refusing():
        saved = scheduling.set_rule(schedule, user=user, **rule)
    assert saved is not None
    Journey.objects.filter(pk=journey.pk).update(schedule=saved)
    return saved


@transaction.atomic
def start(journey: Journey, user: User) -> Journey:
    """From here on profiles enter. Raises Refused, saying what is missing."""
    current = _locked(journey)
    if not current.is_draft:
        raise Refused(f"{current} is started already.")
    if missing := problems(current):
        raise Refused(" ".join(missing))
    log.create(current)
    Journey.objects.filter(pk=journey.pk).update(started_at=timezone.now())
    return resume(current, user)


def problems(journey: Journey) -> list[str]:
    """Why it can't be evaluated; empty where all is well."""
    found = []
    if journey.schedule is None or not journey.schedule.cron:
        found.append("It has no schedule. Set one.")
    try:
        log.key_type(journey.audience)
        plans.evaluation_sql(journey, 0)
        if not journey.is_draft:
            log.require(journey)
    except Refused as error:
        found.append(str(error))
    return found


def pause(journey: Journey, user: User) -> Journey:
    """Nobody enters or moves until `resume`; waits go on. Raises Refused."""
    return _schedule(journey, lambda schedule: scheduling.pause(schedule, user))


def resume(journey: Journey, user: User) -> Journey:
    return _schedule(journey, lambda schedule: scheduling.resume(schedule, user))


def evaluate_now(journey: Journey, user: User) -> Job:
    """Raises Refused: for a draft, while paused, while an evaluation is going."""
    if journey.schedule is None:
        raise Refused(f"{journey} has no schedule. Set one.")
    with refusing():
        return scheduling.run_now(journey.schedule, user)


@transaction.atomic
def delete(journey: Journey) -> None:
    """With its log and its schedule; the jobs of its evaluations and steps stay. Raises Refused while one is going."""
    current = _locked(journey)
    going = current.evaluations.exclude(job__status__in=Job.FINAL).first()
    if going is not None:
        raise Refused(f"Job {going.job_id} evaluates this journey. Wait until it has ended, or kill it.")
    runs = JourneyStepRun.objects.filter(evaluation__journey=current)
    if step := runs.exclude(run=None).exclude(run__job__status__in=Job.FINAL).select_related("run").first():
        assert step.run is not None
        raise Refused(
            f"Job {step.run.job_id} sends a step of this journey. Wait until it has ended, or kill it."
        )
    schedule = current.schedule
    current.delete()
    if schedule is not None:
        schedule.delete()
    log.drop(journey)


def _locked(journey: Journey) -> Journey:
    if journey.schedule is not None:
        scheduling.lock(journey.schedule)  # before the journey, as the firing does
    related = ("audience", "entry_segment", "exit_segment", "schedule", "owner")
    return Journey.objects.select_for_update(of=("self",)).select_related(*related).get(pk=journey.pk)


def _schedule(journey: Journey, act: Any) -> Journey:
    if journey.schedule is None:
        raise Refused(f"{journey} has no schedule. Set one.")
    with refusing():
        act(journey.schedule)
    return Journey.objects.select_related("audience", "schedule", "owner").get(pk=journey.pk)
