"""The size and a sample of a segment, or of rules that are only being written. Hidden work: no job, no history."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from activations.models.parent_segment import ParentSegment
from activations.models.tree import Segment


class Measurement(models.Model):
    """One question and its answer. A newer one with the same `asker` makes it superseded, and its work stops."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        SUPERSEDED = "superseded", "Superseded"

    OPEN = frozenset({State.WAITING, State.RUNNING})

    audience = models.ForeignKey(ParentSegment, on_delete=models.CASCADE, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, null=True, related_name="measurements")
    segment_version = models.IntegerField(null=True)  # what the size is kept for; None: rules nobody saved
    rules = models.JSONField(default=dict)
    outputs = models.JSONField(
        null=True
    )  # the columns of the sample, as `mapping.Written`; None: all attributes
    asker = models.CharField(max_length=100)  # the builder or page that waits for the answer
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    scheduled_time = models.BigIntegerField()  # Unix seconds: what TD_SCHEDULED_TIME() answers

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    beaten_at = models.DateTimeField(null=True)  # while somebody works on it
    finished_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=100, blank=True)

    sql = models.TextField(blank=True)  # what was run to count
    size = models.BigIntegerField(null=True)  # known before the sample is
    sample = models.BinaryField(null=True)  # Parquet of the first profiles, in the order they would be sent
    sample_columns = models.JSONField(null=True)  # [[name, type], …]
    error_message = models.TextField(blank=True)
    error_action = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["asker"], condition=Q(state__in=("waiting", "running")), name="open_measurements"
            ),
        )

    def __str__(self) -> str:
        return f"size {self.pk} ({self.state})"

    @property
    def is_finished(self) -> bool:
        return self.state not in self.OPEN
