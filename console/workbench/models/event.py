from django.db import models


class JobEvent(models.Model):
    """A line of the job's log."""

    job = models.ForeignKey("workbench.Job", on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    level = models.CharField(max_length=5)  # info, warn, err
    message = models.TextField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.message
