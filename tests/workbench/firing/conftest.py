from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from console.workbench.models import Job, Schedule, Slot


class FakeClock:
    """What `timezone.now()` answers: it stands still until it is moved. All times are UTC."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)  # a Monday

    def __call__(self) -> datetime:
        return self.now

    def to(self, text: str) -> None:
        """ "10:00" of the same day, or "03-04 10:00"."""
        date, _, time = text.rpartition(" ")
        self.now = datetime.fromisoformat(f"2026-{date or f'{self.now:%m-%d}'} {time}").replace(tzinfo=UTC)

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, db: None) -> FakeClock:
    fake = FakeClock()
    monkeypatch.setattr(timezone, "now", fake)
    return fake


def listed(schedule: Schedule) -> list[tuple[str, str]]:
    """Time and state of each slot, oldest first."""
    return [(f"{slot.time:%d %H:%M}", slot.state) for slot in schedule.slots.order_by("time")]


def slot(schedule: Schedule, time: str) -> Slot:
    return next(slot for slot in schedule.slots.order_by("time") if f"{slot.time:%d %H:%M}" == time)


def end_jobs(status: str = "success", **fields: str) -> int:
    """Every unfinished job ends."""
    return Job.objects.unfinished().update(status=status, finished_at=timezone.now(), **fields)
