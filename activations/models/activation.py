"""An activation sends the profiles of a segment somewhere; a run of it is a job with an export."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from activations.models.tree import Segment
from console.workbench.models import Job, Schedule
from integrations.models import Authentication


class ActivationQuerySet(models.QuerySet["Activation"]):
    def saved(self) -> "ActivationQuerySet":
        """Without those somebody is still filling in."""
        return self.exclude(created_at=None)


class Activation(models.Model):
    """Segment, authentication, export settings and output mapping.

    `draft` is what the pages have of panels that aren't saved yet, as it was typed ({"details": {…}, "mapping": {…},
    "schedule": {…}}): for one that was never created that is everything, for another the changes to it.
    """

    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="activations")
    name = models.CharField(max_length=255, blank=True)
    authentication = models.ForeignKey(
        Authentication, on_delete=models.PROTECT, null=True, blank=True, related_name="activations"
    )
    export_settings = models.JSONField(default=dict, blank=True)
    mapping = models.JSONField(default=dict, blank=True)  # canonical JSON as `activations.mapping` writes it
    schedule = models.OneToOneField(
        Schedule, on_delete=models.SET_NULL, null=True, blank=True, related_name="activation"
    )
    zone = models.CharField(max_length=64, default="UTC")  # of its schedule; the Timestamp string is in it
    draft = models.JSONField(default=dict, blank=True)
    version = models.IntegerField(default=1)  # rises by one at every save; a stale one gets a 409

    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="activations")
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    begun_at = models.DateTimeField(auto_now_add=True)
    created_at = models.DateTimeField(null=True)  # when Create was pressed; None: a draft
    updated_at = models.DateTimeField(auto_now=True)

    objects = ActivationQuerySet.as_manager()

    class Meta:
        ordering = (Lower("name"), "id")
        constraints = (
            models.UniqueConstraint(
                "segment",
                Lower("name"),
                condition=Q(created_at__isnull=False),
                name="activation_names_differ",
            ),
        )

    def __str__(self) -> str:
        return self.name or "New activation"

    @property
    def is_draft(self) -> bool:
        return self.created_at is None

    @property
    def is_paused(self) -> bool:
        """Where it has a schedule, that one knows; `paused_at` is of those without."""
        return self.schedule.is_paused if self.schedule is not None else self.paused_at is not None


class ActivationRun(models.Model):
    """One run of an activation: its job, the profiles it had, and how they differ from the last run's that arrived."""

    activation = models.ForeignKey(Activation, on_delete=models.CASCADE, related_name="runs")
    job = models.OneToOneField(Job, on_delete=models.CASCADE, related_name="activation_run")
    exported_at = models.DateTimeField()  # what the Timestamp string says
    keys_path = models.CharField(
        max_length=255, blank=True
    )  # relative to the folder of keys; "" once removed
    profiles = models.BigIntegerField(null=True)
    # Counted by key against `compared_with`; None for the first run and before the SQL is done.
    compared_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    added = models.BigIntegerField(null=True)
    removed = models.BigIntegerField(null=True)
    unchanged = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"run of {self.activation_id} by job {self.job_id}"
