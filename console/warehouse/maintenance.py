"""Keeps the tables fast and the disk small: compaction, expiry of snapshots, removal of unused files."""

import logging
import time
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from django.conf import settings
from django.utils import timezone
from django_q.models import Schedule

from console.warehouse.models import OrphanFile
from console.warehouse.storage.catalog import catalog, operations
from console.warehouse.storage.commits import KEPT_SNAPSHOTS
from console.warehouse.storage.compaction import compact, expire
from console.warehouse.storage.orphans import remove, unreferenced
from console.warehouse.storage.tables import tables_of_all
from console.warehouse.types import WarehouseError

logger = logging.getLogger(__name__)

REMEMBERED_DAYS = 90  # how long a committed operation is known; no job is retried after that
KEPT_OPERATIONS = "sample/"  # for ever: sample data is loaded once
SCHEDULE = "Warehouse maintenance"


@dataclass
class Report:
    tables: int = 0
    files_compacted: int = 0
    snapshots_expired: int = 0
    orphans_waiting: int = 0
    files_removed: int = 0
    bytes_removed: int = 0


def run() -> Report:
    """Everything, table by table. What fails for one table is logged and does not stop the others."""
    report = Report()
    for info in tables_of_all():
        try:
            report.files_compacted += compact(info.ref)
            report.snapshots_expired += expire(info.ref, keep=KEPT_SNAPSHOTS)
            report.tables += 1
        except WarehouseError as e:  # dropped meanwhile, or written all the time
            logger.warning("Maintenance of %s was left out: %s", info.ref, e)
        except Exception:
            logger.exception("Maintenance of %s failed", info.ref)
    remove_orphans(report)
    forget_operations()
    logger.info("Warehouse maintenance: %s", report)
    return report


def remove_orphans(report: Report | None = None) -> Report:
    """Marks the files no table names, and removes those marked for longer than ORPHAN_GRACE seconds.

    The time runs from when a file was first seen unused, not from its age: a job may be reading a file
    written long ago and replaced a minute ago. Writers never commit files older than half that time.
    """
    report = report or Report()
    now, unused = timezone.now(), unreferenced()
    marked = dict(OrphanFile.objects.values_list("path", "seen_at"))
    _unmark([path for path in marked if path not in unused])
    OrphanFile.objects.bulk_create(
        [OrphanFile(path=path, seen_at=now) for path in sorted(unused - marked.keys())], ignore_conflicts=True
    )
    due = [path for path, seen in marked.items() if path in unused and seen <= now - _grace()]
    for path in due:
        report.bytes_removed += remove(path)
    _unmark(due)
    report.files_removed += len(due)
    report.orphans_waiting = len(unused) - len(due)
    return report


def forget_operations() -> int:
    """Takes operations nobody can repeat any more out of the ledger; how many."""
    known = operations.c
    old = sa.delete(operations).where(
        known.committed_at < time.time() - REMEMBERED_DAYS * 86_400,
        known.operation_id.not_like(KEPT_OPERATIONS + "%"),
    )
    with catalog().engine.begin() as transaction:
        return transaction.execute(old).rowcount


def schedule_maintenance() -> None:
    """One hourly django-q schedule, however often this is called."""
    Schedule.objects.update_or_create(
        name=SCHEDULE,
        defaults={
            "func": "console.warehouse.maintenance.run",
            "schedule_type": Schedule.HOURLY,
            "repeats": -1,
        },
    )


def _grace() -> timedelta:
    return timedelta(seconds=settings.ORPHAN_GRACE)


def _unmark(paths: list[str]) -> None:
    for start in range(0, len(paths), 500):  # SQLite's limit on parameters
        OrphanFile.objects.filter(path__in=paths[start : start + 500]).delete()
