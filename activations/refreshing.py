"""Parent segments refreshed by a rule. The watch looks every second; of slots that passed one is made up for."""

import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import Error, transaction
from django.utils import timezone

from activations.models import ParentSegment
from console.workbench.schedules import CronError, parse

log = logging.getLogger(__name__)
BATCH = 100


def next_due(cron: str, zone: str, after: datetime) -> datetime | None:
    """The rule's first slot later than `after`. Raises CronError, and ZoneInfo's errors."""
    rule = parse(cron)
    occurrence = next(iter(rule.after(after, ZoneInfo(zone))), None) if rule else None
    return occurrence.at if occurrence else None


def turned(**_: Any) -> None:
    """At each turn of the watch. What goes wrong here must not stop the other things that the watch does."""
    try:
        fire_due()
    except Error:
        raise  # the watch's own affair: it waits for the database
    except Exception:
        log.exception("refreshes of parent segments were not looked at")


def fire_due() -> int:
    """Asks a refresh for each that is due and sets its next slot, in one transaction: one refresh for a slot."""
    now = timezone.now()
    due = ParentSegment.objects.filter(refresh_due_at__lte=now).order_by("refresh_due_at")
    if not due.exists():
        return 0
    with transaction.atomic():
        taken = list(due.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        for parent in taken:
            _fire(parent, now)
    return len(taken)


def _fire(parent: ParentSegment, now: datetime) -> None:
    from activations import parents  # which asks here for the next slot of what it saves

    try:
        due_at = next_due(parent.refresh_cron, parent.refresh_zone, now)
    except (CronError, OSError, ValueError, KeyError):  # a zone that the system has lost, for example
        log.exception("%s is no longer refreshed by itself: its rule can't be read", parent)
        due_at = None
    ParentSegment.objects.filter(pk=parent.pk).update(refresh_due_at=due_at)
    parents.ask_refresh(parent)
