"""Makes the sample tables, once: what a user drops is not made again."""

from typing import Any

from django.core.management.base import BaseCommand

from console.warehouse.sample import DATABASE, load_sample_data


class Command(BaseCommand):
    help = "Loads the sample tables into the database sample_datasets, unless they were loaded before."

    def handle(self, *args: Any, **options: Any) -> None:
        made = load_sample_data()
        self.stdout.write(
            f"Loaded {', '.join(made)} into {DATABASE}." if made else "The sample data was loaded before."
        )
