"""After an evaluation: what it moved is counted, and each step gets its run for the profiles that reached its stage.

The end of the evaluation's job rings in its own transaction; the watch rings again for what was forgotten. Counts, the
ledger of steps and their jobs are written in one transaction, so a death leaves all of it or nothing.
"""

import logging
from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from activations import asking, sql
from activations.journeys import log, steps
from activations.models import Activation, Journey, JourneyEvaluation, JourneyStepRun
from activations.sql.journeys import COMPLETED, EXITED, REACHED
from console.warehouse.engine.interface import SqlError
from console.warehouse.types import WarehouseError
from console.workbench.models import Job

logger = logging.getLogger(__name__)
FORGOTTEN = timedelta(seconds=60)
DOUBTED = 50  # evaluations without success that are looked at again
Moves = dict[int, dict[str, Any]]


def job_ended(sender: Any, job: Job, **_: Any) -> None:
    """However it ended: a job that was killed may have written its rows before."""
    if job.query_id is None and job.kind == Job.Kind.QUERY:
        for evaluation in JourneyEvaluation.objects.filter(job=job):
            _ring(evaluation)


def ring_again(sender: Any, **_: Any) -> None:
    """At every turn of the watch."""
    ended = JourneyEvaluation.objects.filter(settled_at=None, job__status__in=Job.FINAL)
    for evaluation in ended.exclude(rung_at__gte=timezone.now() - FORGOTTEN):
        _ring(evaluation)


def _ring(evaluation: JourneyEvaluation) -> None:
    JourneyEvaluation.objects.filter(pk=evaluation.pk).update(rung_at=timezone.now())
    async_task("activations.journeys.settling.settle", evaluation.pk, task_name=f"journey-{evaluation.pk}")


def settle(number: int) -> None:
    """The queue's task. Does nothing for an evaluation that is settled or still going."""
    waiting = JourneyEvaluation.objects.filter(pk=number, settled_at=None, job__status__in=Job.FINAL)
    evaluation = waiting.select_related("journey__audience", "job").first()
    if evaluation is None:
        return
    try:
        these = [evaluation, *_doubted(evaluation)]
        moves = _moves(evaluation.journey, [one.pk for one in these])
        counts = _counts(evaluation.journey)
    except (SqlError, WarehouseError):
        if evaluation.job and evaluation.job.status == Job.Status.SUCCESS:
            raise  # the log is there: ring again
        these, moves, counts = [evaluation], {}, None
    with transaction.atomic():
        _write(evaluation, these, moves, counts)


def _doubted(evaluation: JourneyEvaluation) -> list[JourneyEvaluation]:
    """Earlier ones without success: a worker that was thought dead may have written their rows after all."""
    others = evaluation.journey.evaluations.filter(pk__lt=evaluation.pk).exclude(settled_at=None)
    return list(others.exclude(job__status=Job.Status.SUCCESS).select_related("job")[:DOUBTED])


def _write(evaluation: JourneyEvaluation, these: list[JourneyEvaluation], moves: Moves, counts: Any) -> None:
    Journey.objects.select_for_update().get(pk=evaluation.journey_id)  # one after the other
    if not JourneyEvaluation.objects.filter(pk=evaluation.pk, settled_at=None).exists():
        return  # another worker heard the same bell
    now = timezone.now()
    for one in these:
        JourneyEvaluation.objects.filter(pk=one.pk).update(settled_at=now, moves=moves.get(one.pk, _none()))
        _note_steps(one, moves.get(one.pk, _none()))
    if counts is not None:
        Journey.objects.filter(pk=evaluation.journey_id).update(counts=counts, counted_at=now)
    waiting = JourneyStepRun.objects.filter(evaluation__journey=evaluation.journey_id, run=None)
    for step in waiting.select_related("evaluation__journey", "evaluation__job__user").order_by("pk"):
        _start(step)


def _note_steps(evaluation: JourneyEvaluation, moves: dict[str, Any]) -> None:
    """The ledger's rows. A stage that nobody reached sends nothing."""
    if not moves[REACHED]:
        return
    known = set(
        Activation.objects.filter(pk__in=[one for _, one in evaluation.steps]).values_list("pk", flat=True)
    )
    for stage, activation in evaluation.steps:
        if activation in known and (profiles := moves[REACHED].get(str(stage))):
            JourneyStepRun.objects.get_or_create(
                evaluation=evaluation,
                activation_id=activation,
                defaults={"stage": stage, "profiles": profiles},
            )


def _start(step: JourneyStepRun) -> None:
    """One that can't start keeps its place and its reason; the next evaluation tries again."""
    assert step.evaluation.job is not None
    try:
        steps.start(step, step.evaluation.job.user)
    except steps.Refused as error:
        problem = str(error)
    except OperationalError:
        raise
    except Exception:
        logger.exception("step run %s could not be started", step.pk)
        problem = "It could not be started because of an error inside Sendoff. The worker's log has more."
    else:
        return
    JourneyStepRun.objects.filter(pk=step.pk, run=None).update(problem=problem)


def _moves(journey: Journey, evaluations: list[int]) -> Moves:
    found: Moves = defaultdict(_none)
    for evaluation, stage, event, profiles in _ask(sql.to_sql(sql.moves(log.ref(journey), evaluations))):
        if event == REACHED:
            found[evaluation][REACHED][str(stage)] = profiles
        else:
            found[evaluation][event] += profiles
    return found


def _none() -> dict[str, Any]:
    return {REACHED: {}, EXITED: 0, COMPLETED: 0}


def _counts(journey: Journey) -> dict[str, Any]:
    """Of each stage: how many are in it, ever reached it, moved on, left by the exit."""
    number = journey.stages.count()
    here, out = [0] * number, [0] * number
    done = 0
    for stage, ended, profiles in _ask(sql.to_sql(sql.standing(log.ref(journey)))):
        if ended == 1:
            done += profiles
        else:
            (out if ended else here)[stage - 1] += profiles
    reached = [done + sum(here[i:]) + sum(out[i:]) for i in range(number)]
    stages = [
        {"here": here[i], "reached": reached[i], "exited": out[i], "moved": reached[i] - here[i] - out[i]}
        for i in range(number)
    ]
    return {"stages": stages, "entered": reached[0], "inside": sum(here), EXITED: sum(out), COMPLETED: done}


def _ask(query: str) -> list[tuple[Any, ...]]:
    return asking.ask(query, scheduled_time=0, seconds=settings.JOB_TIMEOUT).rows
