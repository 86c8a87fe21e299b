"""Compacts tables, expires snapshots and removes unused files, now; or sets the hourly schedule."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from console.warehouse import maintenance


class Command(BaseCommand):
    help = "Compacts tables, expires snapshots and removes files no table names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--schedule", action="store_true", help="only set up the hourly schedule")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schedule"]:
            maintenance.schedule_maintenance()
            self.stdout.write("Warehouse maintenance runs every hour.")
        else:
            self.stdout.write(str(maintenance.run()))
