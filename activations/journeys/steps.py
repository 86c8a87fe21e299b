"""A step's run: the activation's job, over exactly the profiles that reached the stage in one evaluation."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from activations import mapping, runs, sources, sql
from activations.errors import Invalid, Refused
from activations.journeys import log
from activations.models import Activation, ActivationRun, JourneyStepRun
from console.accounts.models import User
from console.workbench import jobs
from console.workbench.models import Job

__all__ = ["Refused", "may_again", "start", "step_sql"]


@transaction.atomic
def start(step: JourneyStepRun, user: User) -> ActivationRun:
    """The run of a step that has none, or whose job failed before anything was sent.

    Raises Refused: where it has its job, the activation is paused, its authentication missing, or a column of it lost.
    """
    # Locked by itself: what is joined to a row that was waited for is the state from before the wait.
    JourneyStepRun.objects.select_for_update().get(pk=step.pk)
    current = JourneyStepRun.objects.select_related("evaluation__journey__audience").get(pk=step.pk)
    if not may_again(current):
        raise Refused("This step has its job already. Open the job to export again what it did not deliver.")
    activation = Activation.objects.select_for_update().get(pk=current.activation_id)
    if activation.is_paused:
        raise Refused(f"{activation} is paused. Resume it, then press Try again.")
    now = timezone.now()
    query = step_sql(current, activation, now)
    fields = runs.fields(activation, user, int(current.evaluation.time.timestamp()), query)
    run = runs.started(activation, jobs.submit_sql(**fields), now)
    JourneyStepRun.objects.filter(pk=current.pk).update(run=run, problem="")
    return run


def may_again(step: JourneyStepRun) -> bool:
    """Whether nothing of it can have been sent: no job, or one that ended before its export began."""
    if step.run is None:
        return True
    job = step.run.job
    return job.is_finished and job.status != Job.Status.SUCCESS and not job.export_id and not job.result_path


def step_sql(step: JourneyStepRun, activation: Activation, exported_at: datetime) -> str:
    """Raises Refused."""
    journey = step.evaluation.journey
    try:
        columns = runs.outputs(activation, activation.mapping, exported_at)
        log.require(journey)
        schema = sources.schema(journey.audience)
        return sql.to_sql(sql.reached(schema, columns, log.ref(journey), step.evaluation_id, step.stage))
    except (mapping.MappingError, Invalid, sql.Lost) as error:
        raise Refused(str(error)) from error
