"""How schedules keep their times, told from their rows."""

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from console.workbench.models import Schedule

LATE = timedelta(seconds=60)  # a watch that lives starts a slot within a second or two


def lateness() -> timedelta:
    """How long the most overdue slot has not been started."""
    first = next_start()
    return max(timezone.now() - first, timedelta(0)) if first else timedelta(0)


def next_start() -> datetime | None:
    """When the next slot of all is due; in the past where it is overdue."""
    found: datetime | None = Schedule.objects.aggregate(at=Min("due_at"))["at"]
    return found
