"""Makes the sample's parent segment, once: one that a user deletes is not made again."""

from typing import Any

from django.core.management.base import BaseCommand

from activations.samples import make_sample


class Command(BaseCommand):
    help = "Makes the parent segment CDNOW customers of the sample tables, unless it was made before."

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_sample()
        self.stdout.write(f"Made the parent segment {made}." if made else "There was nothing to make.")
