"""What the warehouse keeps in the console's database: the clean-up's memory. Tables are in the catalog."""

from django.db import models

from console.warehouse.imports.models import BulkImport, BulkImportPart  # noqa: F401


class OrphanFile(models.Model):
    """A file no table named when the clean-up looked. It goes once no job that saw it can be running."""

    path = models.TextField(unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.path
