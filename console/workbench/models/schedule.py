"""What runs by itself: a rule in a time zone, and a row for each run that it promised."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from console.workbench.models.job import Job
from console.workbench.models.query import Query


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def active(self) -> "ScheduleQuerySet":
        """Those that have a rule and are not paused."""
        return self.exclude(cron="").filter(paused_at=None)

    def due(self, now: datetime) -> "ScheduleQuerySet":
        return self.filter(due_at__lte=now)

    def ended_unsettled(self) -> "ScheduleQuerySet":
        """Those whose last run has ended and has not been counted among the failures yet."""
        return self.filter(settled=False).filter(Q(last_job=None) | Q(last_job__status__in=Job.FINAL))

    def with_queued(self) -> "ScheduleQuerySet":
        """Those that are free to start a slot that waited."""
        waiting = Slot.objects.filter(schedule=OuterRef("pk"), state=Slot.State.QUEUED)
        free = Q(last_job=None) | Q(last_job__status__in=Job.FINAL)
        return self.filter(free, Exists(waiting), paused_at=None)


class Schedule(models.Model):
    """A cron rule in a time zone, and where it stands.

    `kind` names what it runs (`console.workbench.runners`): "query" here, activations register theirs.
    Every slot that came due has been decided once `next_slot` is past it.
    """

    kind = models.CharField(max_length=20, default="query")
    query = models.OneToOneField(Query, on_delete=models.CASCADE, null=True, related_name="schedule")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="schedules")
    cron = models.CharField(max_length=255, blank=True)  # as it was written; "" has no scheduled run time
    zone = models.CharField(max_length=64, default="UTC")  # IANA name
    delay = models.PositiveIntegerField(default=0)  # seconds; moves the start, never the slot
    starts_on = models.DateField(null=True, blank=True)  # in the zone, inclusive
    ends_on = models.DateField(null=True, blank=True)
    since = models.DateTimeField()  # when the rule was set: it promises nothing earlier

    next_slot = models.DateTimeField(null=True)  # None where it is paused, has no rule, or is over
    due_at = models.DateTimeField(null=True, db_index=True)  # next_slot and the delay
    bell = models.BigIntegerField(null=True)  # the id of its row in the queue's own schedule table
    last_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    settled = models.BooleanField(default=True)  # whether the end of last_job has been counted

    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )  # nobody where it was paused after failures
    paused_reason = models.TextField(blank=True)
    failures = models.PositiveIntegerField(default=0)  # consecutive configuration failures
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScheduleQuerySet.as_manager()
    before: tuple[Any, ...] = ()  # what the firing found, to write only what it changed

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["id"], condition=Q(settled=False), name="unsettled_schedules"),)

    def __str__(self) -> str:
        return self.query.name if self.query else f"schedule {self.pk}"

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def is_busy(self) -> bool:
        """Whether its last run is still going (a job that was removed is not)."""
        return self.last_job is not None and not self.last_job.is_finished


class SlotQuerySet(models.QuerySet["Slot"]):
    def offered(self) -> "SlotQuerySet":
        """Those that did not run and can be made up for, newest first."""
        return self.filter(state__in=(Slot.State.MISSED, Slot.State.SKIPPED)).order_by("-time")


class Slot(models.Model):
    """One run that a schedule promised: when, and what became of it."""

    class State(models.TextChoices):
        FIRED = "fired", "Fired"
        QUEUED = "queued", "Queued"  # came due while the run before it was going
        MISSED = "missed", "Missed"  # nobody was there to start it
        SKIPPED = "skipped", "Skipped"  # left out on purpose; `reason` says whose

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="slots")
    time = models.DateTimeField()  # what TD_SCHEDULED_TIME() answers
    due_at = models.DateTimeField()  # the time and the delay
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.TextField(blank=True)  # a sentence, for every state but a plain FIRED
    job = models.OneToOneField(Job, on_delete=models.SET_NULL, null=True, related_name="slot")
    fired_at = models.DateTimeField(null=True)  # when its job was made and rung
    backfill = models.BooleanField(default=False)  # asked for by a person
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )  # for a backfill

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ("-time",)
        constraints = (models.UniqueConstraint(fields=["schedule", "time"], name="each_slot_once"),)
        indexes = (
            models.Index(fields=["schedule"], condition=Q(state="queued"), name="queued_slots"),
            models.Index(fields=["time"], name="slots_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.schedule_id} at {self.time:%Y-%m-%d %H:%M} UTC ({self.state})"

    @property
    def lateness(self) -> timedelta | None:
        """How long after it was due its job was made and rung. A backfill has none."""
        return None if self.backfill or self.fired_at is None else self.fired_at - self.due_at
