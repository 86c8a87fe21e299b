"""Every run of SQL. The Job row is the truth; the queue only rings a bell."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from console.workbench.models.event import JobEvent
from console.workbench.models.query import EngineType, Query
from console.workbench.signals import job_ended
from integrations.errors import Lost
from integrations.models import Authentication, Export


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> "JobQuerySet":
        return self.exclude(status__in=Job.FINAL)

    def claimable(self) -> "JobQuerySet":
        """Not finished, and held by nobody whose lease still runs."""
        return self.unfinished().filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now()))

    def claim(self, pk: int, worker: str) -> "Job | None":
        """Takes the job for `worker`, or returns None where somebody else holds it or it is finished.

        One conditional UPDATE: of two workers that hear the same bell, one changes a row. The fence
        rises with every claim, so what a worker that was thought dead still writes can be refused.
        """
        until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
        taken = (
            self.claimable()
            .filter(pk=pk)
            .update(worker=worker, lease_until=until, fence=F("fence") + 1, claims=F("claims") + 1)
        )
        return self.get(pk=pk) if taken else None


class Job(models.Model):
    """One run: of SQL, of an export of a stored result, or of a bulk import's perform."""

    class Kind(models.TextChoices):
        QUERY = "query", "Query"
        EXPORT = "export", "Result export"
        BULK_IMPORT = "bulk_import_perform", "Bulk import"

    class Status(models.TextChoices):  # the six words Treasure Data's clients know, and no other
        QUEUED = "queued", "Queued"
        BOOTING = "booting", "Booting"
        RUNNING = "running", "Running"
        SUCCESS = "success", "Done"
        ERROR = "error", "Failed"
        KILLED = "killed", "Killed"

    class Stage(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        EXPORTING = "exporting", "Exporting"
        DONE = "done", "Done"

    FINAL = frozenset({Status.SUCCESS, Status.ERROR, Status.KILLED})

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.QUERY)
    query = models.ForeignKey(Query, on_delete=models.SET_NULL, null=True, related_name="jobs")
    query_name = models.CharField(max_length=255, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    database = models.CharField(max_length=255)
    type = models.CharField(max_length=10, choices=EngineType.choices, default=EngineType.PRESTO)
    sql = models.TextField(blank=True)
    translated_sql = models.TextField(blank=True)  # what the embedded engine really ran
    bulk_import = models.CharField(max_length=255, blank=True)  # the session's name, for BULK_IMPORT
    source = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="exports_again")
    scheduled_time = models.BigIntegerField()  # Unix seconds: what TD_SCHEDULED_TIME() answers
    domain_key = models.CharField(max_length=255, unique=True, null=True)
    priority = models.SmallIntegerField(default=0)
    retry_limit = models.SmallIntegerField(default=0)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    sql_finished_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    rows = models.BigIntegerField(null=True)  # of the result, or written by CREATE TABLE AS and INSERT
    result_path = models.TextField(blank=True)  # Parquet, relative to RESULTS_DIR; "" where there is none
    result_bytes = models.BigIntegerField(null=True)
    result_schema = models.JSONField(null=True)  # [["code", "bigint"], …] in Presto's or Hive's type names
    scanned_bytes = models.BigIntegerField(null=True)
    progress = models.FloatField(null=True)  # 0 to 1 of the SQL, where the engine can tell
    written_table = models.CharField(max_length=511, blank=True)  # "database.table"
    # More than one job where an export that ended in doubt was continued.
    export = models.ForeignKey(Export, on_delete=models.PROTECT, null=True, related_name="jobs")
    # Where the result is to go, as the query said when this job was submitted.
    export_authentication = models.ForeignKey(
        Authentication, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    export_settings = models.JSONField(default=dict)
    confirmed_empty = models.BooleanField(default=False)

    error_message = models.TextField(blank=True)
    error_line = models.IntegerField(null=True)  # 1-based, in the SQL the user wrote
    error_column = models.IntegerField(null=True)
    error_kept = models.TextField(blank=True)
    error_action = models.TextField(blank=True)
    error_kind = models.CharField(max_length=20, blank=True)  # integrations.errors.Kind: who has to act

    worker = models.CharField(max_length=100, blank=True)
    rung_at = models.DateTimeField(null=True)  # when the queue was last told of this job
    fence = models.BigIntegerField(default=0)
    claims = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    kill_requested_at = models.DateTimeField(null=True)
    killed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["status", "lease_until"]),
            models.Index(fields=["query", "-id"]),
        )

    def __str__(self) -> str:
        return f"job {self.pk} ({self.status})"

    @property
    def is_finished(self) -> bool:
        return self.status in self.FINAL

    @property
    def has_rejected_rows(self) -> bool:
        """Done, but not with every row: never shown as plain Done."""
        return self.status == self.Status.SUCCESS and bool(self.export and self.export.rows_rejected)

    @property
    def outcome(self) -> str:
        """The status in words."""
        return str(Export.Status.REJECTED.label if self.has_rejected_rows else self.get_status_display())

    def log(self, level: str, message: str) -> None:
        JobEvent.objects.create(job=self, at=timezone.now(), level=level, message=message)

    # Status changes. Only the worker that holds the claim gets through; any other has lost it. -----

    def _write(self, **fields: Any) -> None:
        fields["updated_at"] = timezone.now()
        written = (
            Job.objects.filter(pk=self.pk, fence=self.fence).exclude(status__in=self.FINAL).update(**fields)
        )
        if not written:
            raise Lost
        for name, value in fields.items():
            setattr(self, name, value)

    def begin(self) -> None:
        self._write(status=self.Status.RUNNING, started_at=self.started_at or timezone.now())

    def enter(self, stage: str) -> None:
        self._write(stage=stage)

    def note_progress(self, progress: float | None) -> None:
        self._write(progress=progress)

    def keep_result(self, **facts: Any) -> None:
        """The SQL is done: `rows`, `result_path`, `result_bytes`, `result_schema`, `scanned_bytes`, `written_table`."""
        self._write(sql_finished_at=timezone.now(), progress=1.0, **facts)

    def attach(self, export: Export) -> None:
        self._write(export=export)

    def succeed(self) -> None:
        self._finish(self.Status.SUCCESS, stage=self.Stage.DONE)

    def fail(
        self, message: str, *, kept: str = "", action: str = "", kind: str = "",
        line: int | None = None, column: int | None = None,
    ) -> None:  # fmt: skip
        """`kind` says who has to act: `integrations.errors.Kind`."""
        self._finish(
            self.Status.ERROR,
            error_message=message,
            error_kept=kept,
            error_action=action,
            error_line=line,
            error_column=column,
            error_kind=kind,
        )

    def end_killed(self, kept: str = "") -> None:
        self._finish(self.Status.KILLED, error_kept=kept)

    def _finish(self, status: str, **fields: Any) -> None:
        with transaction.atomic():
            self._write(status=status, finished_at=timezone.now(), lease_until=None, **fields)
            job_ended.send(sender=Job, job=self)
