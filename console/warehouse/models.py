"""What the warehouse keeps in the console's own database: the clean-up's memory. Tables are in the catalog."""

from django.db import models


class OrphanFile(models.Model):
    """A file no table named when the clean-up last looked. It goes once no job that saw it can still be running."""

    path = models.TextField(unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.path
