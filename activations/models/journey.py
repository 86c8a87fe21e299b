"""A batch journey: profiles enter it once and move from stage to stage; those that reach a stage are sent somewhere.

Where each profile stands is no row here but a table of the warehouse (`activations.journeys.log`).
"""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from activations.models.activation import Activation, ActivationRun
from activations.models.parent_segment import ParentSegment
from activations.models.tree import Segment
from console.workbench.models import Job, Schedule


class Journey(models.Model):
    """Who enters, who leaves early, and when it is evaluated. Its stages can't be counted anew once it was started:
    profiles are in them."""

    audience = models.ForeignKey(ParentSegment, on_delete=models.PROTECT, related_name="journeys")
    name = models.CharField(max_length=255)
    entry_segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+")
    exit_segment = models.ForeignKey(Segment, on_delete=models.PROTECT, null=True, related_name="+")
    schedule = models.OneToOneField(Schedule, on_delete=models.SET_NULL, null=True, related_name="journey")
    version = models.IntegerField(default=1)  # rises by one at every save; a stale one gets a 409

    started_at = models.DateTimeField(null=True)  # when Start was first pressed; None: a draft
    counts = models.JSONField(null=True)  # `settling.Counts` as JSON, after the last evaluation
    counted_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = (Lower("name"), "id")
        constraints = (
            models.UniqueConstraint("audience", Lower("name"), name="journey_names_differ_in_an_audience"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        return self.started_at is None

    @property
    def is_paused(self) -> bool:
        return not self.is_draft and (self.schedule is None or self.schedule.is_paused)

    @property
    def is_active(self) -> bool:
        return not self.is_draft and not self.is_paused


class JourneyStage(models.Model):
    """A place in the journey. Its number never changes once the journey was started."""

    class Unit(models.TextChoices):
        HOURS = "hours", "Hours"
        DAYS = "days", "Days"

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="stages")
    number = models.PositiveSmallIntegerField()  # from 1
    name = models.CharField(max_length=255)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, null=True, related_name="+")  # None: all
    wait = models.PositiveIntegerField(default=0)
    wait_unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.DAYS)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["journey", "number"], name="journey_stages_have_numbers"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def wait_seconds(self) -> int:
        """A day is 24 hours here: a wait has no time zone."""
        return int(timedelta(**{self.wait_unit: self.wait}).total_seconds())


class JourneyStep(models.Model):
    """An activation that the profiles that reach a stage are sent by."""

    stage = models.ForeignKey(JourneyStage, on_delete=models.CASCADE, related_name="steps")
    activation = models.ForeignKey(Activation, on_delete=models.PROTECT, related_name="journey_steps")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.activation} in stage {self.stage_id}"


class JourneyEvaluation(models.Model):
    """One look at all profiles: a job whose SQL writes who moved. Settled once the steps of that are in the ledger."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="evaluations")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, null=True, related_name="journey_evaluation")
    time = models.DateTimeField()  # the slot's, from which waits are counted
    steps = models.JSONField(default=list)  # [[stage, activation], …] as they were when it began
    rung_at = models.DateTimeField(null=True)  # when the queue was last told to settle it
    settled_at = models.DateTimeField(null=True)
    moves = models.JSONField(null=True)  # {"reached": {"1": 5}, "exited": 2, "completed": 0}

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["id"], condition=models.Q(settled_at=None), name="unsettled_journey_evaluations"
            ),
        )

    def __str__(self) -> str:
        return f"evaluation {self.pk} of journey {self.journey_id}"


class JourneyStepRun(models.Model):
    """The ledger of what is sent: one row for an activation and an evaluation, whatever dies."""

    evaluation = models.ForeignKey(JourneyEvaluation, on_delete=models.CASCADE, related_name="step_runs")
    stage = models.PositiveSmallIntegerField()
    activation = models.ForeignKey(Activation, on_delete=models.CASCADE, related_name="journey_runs")
    profiles = models.BigIntegerField()
    run = models.OneToOneField(
        ActivationRun, on_delete=models.SET_NULL, null=True, related_name="journey_step"
    )
    problem = models.TextField(blank=True)  # why it couldn't be started yet

    class Meta:
        ordering = ("-evaluation", "stage", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["evaluation", "activation"], name="each_journey_step_once_in_an_evaluation"
            ),
        )

    def __str__(self) -> str:
        return f"step of {self.activation_id} in evaluation {self.evaluation_id}"
