"""The folders of a parent segment and the segments in them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from activations.models.parent_segment import ParentSegment


class Folder(models.Model):
    """A folder of segments and folders. Those without `folder` are at the top."""

    audience = models.ForeignKey(ParentSegment, on_delete=models.CASCADE, related_name="folders")
    folder = models.ForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="folders"
    )
    name = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = (Lower("name"), "id")
        constraints = (
            models.UniqueConstraint("folder", Lower("name"), name="folder_names_differ_in_a_folder"),
            models.UniqueConstraint(
                "audience", Lower("name"), condition=Q(folder=None), name="folder_names_differ_at_the_top"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Segment(models.Model):
    """A rule tree over a parent segment; `rules` is canonical JSON as `activations.rules` writes it."""

    audience = models.ForeignKey(ParentSegment, on_delete=models.CASCADE, related_name="segments")
    folder = models.ForeignKey(
        Folder, on_delete=models.RESTRICT, null=True, blank=True, related_name="segments"
    )
    name = models.CharField(max_length=255)
    rules = models.JSONField(default=dict)
    previous_rules = models.JSONField(null=True)  # what Undo brings back; None where there is nothing to undo
    version = models.IntegerField(default=1)  # rises by one at every save; a stale one gets a 409

    size = models.BigIntegerField(null=True)  # of the rules as they were at `size_version`
    size_at = models.DateTimeField(null=True)
    size_version = models.IntegerField(null=True)
    sample = models.JSONField(null=True)  # {"columns": [name, …], "rows": [[text or null, …], …]}

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = (Lower("name"), "id")
        constraints = (
            models.UniqueConstraint("folder", Lower("name"), name="segment_names_differ_in_a_folder"),
            models.UniqueConstraint(
                "audience", Lower("name"), condition=Q(folder=None), name="segment_names_differ_at_the_top"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> int:
        """What is shown as Segment Id."""
        return self.pk

    @property
    def size_is_current(self) -> bool:
        """Whether `size` is of the rules as they are now, by the data it was measured on."""
        return self.size is not None and self.size_version == self.version
