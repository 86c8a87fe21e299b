"""Saved SQL."""

from django.conf import settings
from django.db import models

from integrations.models import Authentication


class EngineType(models.TextChoices):
    PRESTO = "presto", "Presto"
    HIVE = "hive", "Hive"


class Query(models.Model):
    """Saved SQL: name, database, type, SQL, and where its result goes."""

    name = models.CharField(max_length=255, unique=True)
    database = models.CharField(max_length=255)
    type = models.CharField(max_length=10, choices=EngineType.choices, default=EngineType.PRESTO)
    sql = models.TextField(blank=True)
    version = models.IntegerField(default=1)  # rises by one at every save; a stale one gets a 409
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="queries")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    export_authentication = models.ForeignKey(
        Authentication, on_delete=models.PROTECT, null=True, blank=True, related_name="queries"
    )
    export_settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "queries"

    def __str__(self) -> str:
        return self.name


class QueryVersion(models.Model):
    """What a query said at one save, and who saved it."""

    query = models.ForeignKey(Query, on_delete=models.CASCADE, related_name="versions")
    version = models.IntegerField()
    sql = models.TextField(blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-version",)
        constraints = (models.UniqueConstraint(fields=["query", "version"], name="one_row_per_version"),)

    def __str__(self) -> str:
        return f"{self.query_id} v{self.version}"
