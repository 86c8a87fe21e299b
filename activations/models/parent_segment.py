"""A parent segment: the customers of a master table, what is known of each, and what each did."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from console.warehouse.types import TableRef

REFRESHING = timedelta(minutes=15)  # two counts of at most 120 s for each of a few tables


class ColumnKind(models.TextChoices):
    """What a column's values are to a person; it decides which operators a rule may use.

    A date may be stored as a date or as text (`2026-01-02`), a timestamp as a timestamp or as Unix seconds.
    """

    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    BOOLEAN = "boolean", "True or false"
    DATE = "date", "Date"
    TIMESTAMP = "timestamp", "Date and time"
    OTHER = "other", "Other"  # lists, maps and the like: sent as they are, in rules only set or not set


class ParentSegment(models.Model):
    """The master table has one row for each customer; `key_column` tells them apart."""

    name = models.CharField(max_length=255, unique=True)
    master_database = models.CharField(max_length=255)
    master_table = models.CharField(max_length=255)
    key_column = models.CharField(max_length=255)
    zone = models.CharField(max_length=64, default="UTC")  # IANA name: where its days begin
    version = models.IntegerField(default=1)  # rises by one at every save; a stale one gets a 409

    customers = models.BigIntegerField(null=True)  # None: never counted
    refreshed_at = models.DateTimeField(null=True)
    problems = models.JSONField(default=list, blank=True)  # of the last check; `parents.Problem` as JSON
    # When to count and check anew, as a schedule's rule; "" for only by hand.
    refresh_cron = models.CharField(max_length=255, blank=True)
    refresh_zone = models.CharField(max_length=64, default="UTC")
    refresh_due_at = models.DateTimeField(null=True, db_index=True)  # of the next slot; None without a rule
    refresh_asked_at = models.DateTimeField(null=True)  # while a worker has been asked to refresh
    sample = models.CharField(
        max_length=50, unique=True, null=True
    )  # which sample made it; None for a person

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> int:
        """What is shown as Audience Id."""
        return self.pk

    @property
    def master(self) -> TableRef:
        return TableRef(self.master_database, self.master_table)

    @property
    def is_refreshing(self) -> bool:
        """A worker that says nothing for so long is gone."""
        return self.refresh_asked_at is not None and timezone.now() - self.refresh_asked_at < REFRESHING


class AttributeTable(models.Model):
    """A table with at most one row for each customer, joined on a key."""

    audience = models.ForeignKey(ParentSegment, on_delete=models.CASCADE, related_name="attribute_tables")
    database = models.CharField(max_length=255)
    table = models.CharField(max_length=255)
    key_column = models.CharField(max_length=255)  # in this table
    master_column = models.CharField(max_length=255)  # of the master that it equals; often its key
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return str(self.ref)

    @property
    def ref(self) -> TableRef:
        return TableRef(self.database, self.table)


class Attribute(models.Model):
    """A column that rules, samples and activations can use, of the master or of an attribute table."""

    audience = models.ForeignKey(ParentSegment, on_delete=models.CASCADE, related_name="attributes")
    table = models.ForeignKey(
        AttributeTable, on_delete=models.CASCADE, null=True, blank=True, related_name="attributes"
    )  # None: the master
    column = models.CharField(max_length=255)
    name = models.CharField(max_length=255)  # one of each in a parent segment, whatever its case
    kind = models.CharField(max_length=10, choices=ColumnKind.choices)
    group = models.CharField(max_length=255, blank=True)  # a heading over some of them
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                "audience", Lower("name"), name="attribute_names_differ_in_more_than_case"
            ),
        )

    def __str__(self) -> str:
        return self.name


class BehaviorTable(models.Model):
    """A table with many rows for each customer: what they did, and when."""

    audience = models.ForeignKey(ParentSegment, on_delete=models.CASCADE, related_name="behavior_tables")
    name = models.CharField(max_length=255)
    database = models.CharField(max_length=255)
    table = models.CharField(max_length=255)
    key_column = models.CharField(max_length=255)
    master_column = models.CharField(max_length=255)
    time_column = models.CharField(max_length=255)  # Unix seconds, a timestamp, or a date
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                "audience", Lower("name"), name="behavior_names_differ_in_more_than_case"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> TableRef:
        return TableRef(self.database, self.table)


class BehaviorColumn(models.Model):
    """A column of a behavior table that rules can use."""

    behavior = models.ForeignKey(BehaviorTable, on_delete=models.CASCADE, related_name="columns")
    column = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    kind = models.CharField(max_length=10, choices=ColumnKind.choices)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                "behavior", Lower("name"), name="behavior_columns_differ_in_more_than_case"
            ),
        )

    def __str__(self) -> str:
        return self.name


class MadeSample(models.Model):
    """A sample parent segment that was made once: one that somebody deleted isn't made again."""

    key = models.CharField(max_length=50, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key
