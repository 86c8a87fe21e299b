from django.db import models


class Heartbeat(models.Model):
    """When a process last said that it lives. Each process writes its own row; `heartbeats` reads them."""

    class Kind(models.TextChoices):
        WORKER = "worker", "Worker"
        WATCH = "watch", "Watch"

    process = models.CharField(max_length=255, primary_key=True)  # "host:pid"
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.process}"
