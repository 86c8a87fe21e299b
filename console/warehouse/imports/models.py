"""Bulk import sessions and their parts. Rows lie beside them in the spool, as Parquet."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models

from console.warehouse.types import TableRef


class BulkImport(models.Model):
    """A session: parts are uploaded, performed (read and prepared) and committed into one table at once."""

    class Status(models.TextChoices):  # the words Treasure Data's clients know
        UPLOADING = "uploading"
        PERFORMING = "performing"
        READY = "ready"
        COMMITTING = "committing"
        COMMITTED = "committed"

    name = models.CharField(max_length=255, unique=True)
    identity = models.UUIDField(default=uuid.uuid4, unique=True)  # a later one of the same name is another
    database = models.CharField(max_length=255)
    table = models.CharField(max_length=255)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UPLOADING)
    upload_frozen = models.BooleanField(default=False)
    job_id = models.BigIntegerField(null=True)
    valid_records = models.BigIntegerField(null=True)
    error_records = models.BigIntegerField(null=True)
    valid_parts = models.IntegerField(null=True)
    error_parts = models.IntegerField(null=True)
    prepared = models.JSONField(null=True)  # storage.Prepared; null where no record is valid
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> TableRef:
        return TableRef(self.database, self.table)

    @property
    def operation_id(self) -> str:
        return f"bulk-import:{self.identity}"

    @property
    def folder(self) -> Path:
        folder: Path = settings.SPOOL_DIR / "imports" / self.identity.hex
        return folder


class BulkImportPart(models.Model):
    """One uploaded part, already decoded. `error` says why a part could not be read at all."""

    session = models.ForeignKey(BulkImport, on_delete=models.CASCADE, related_name="parts")
    name = models.CharField(max_length=255)
    upload = models.CharField(max_length=32)  # its folder's name in the session's: every upload has its own
    files = models.JSONField(default=list)  # names in that folder
    rows = models.BigIntegerField(default=0)
    errors = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    uploaded_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["session", "name"], name="one_part_per_name"),)

    def __str__(self) -> str:
        return f"{self.session_id}/{self.name}"

    @property
    def folder(self) -> Path:
        return self.session.folder / self.upload
