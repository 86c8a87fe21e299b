"""The queue's side of schedules and of many jobs at once, in few statements.

Each schedule owns one row of the queue's own schedules, for its next slot. It is the second bell: the watch looks
every second, the queue every half minute and only where a worker is free, so the row rings a little later than the
slot is due and finds nothing left to do, unless no watch was there.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.models import Schedule as Bell
from django_q.tasks import async_task

from console.workbench.models import Job, Schedule

AFTER = timedelta(seconds=15)
CHUNK = 200


class _Collector(ORM):  # type: ignore[misc]  # the queue declares no types
    """A broker that keeps what is put into the queue, to be written in one statement."""

    def __init__(self) -> None:
        super().__init__()
        self.packages: list[Any] = []

    def enqueue(self, task: Any) -> int:
        self.packages.append(task)
        return len(self.packages)


def ring_jobs(jobs: Iterable[Job]) -> None:
    """Tells the queue of jobs that have just been made with `rung_at`. Inside the transaction that made them."""
    broker = _Collector()
    for job in jobs:
        async_task("console.workbench.worker.run_job", job.pk, task_name=f"job-{job.pk}", broker=broker)
    key, now = broker.list_key or Conf.CLUSTER_NAME, timezone.now()
    OrmQ.objects.bulk_create([OrmQ(key=key, payload=package, lock=now) for package in broker.packages])


def set_bells(schedules: Sequence[Schedule]) -> None:
    """Moves each schedule's row to its next slot, makes one where the queue has used it up, removes one that has
    nothing to ring for. Sets `bell`; the caller saves it."""
    if len(schedules) == 1 and _moved(schedules[0]):  # the usual case, in one statement
        return
    ids = [schedule.bell for schedule in schedules if schedule.bell is not None]
    # A row that is locked is being rung and removed by the queue at this moment: as good as gone.
    rows = {bell.pk: bell for bell in Bell.objects.filter(pk__in=ids).select_for_update(skip_locked=True)}
    moved, made, over = [], [], []
    for schedule in schedules:
        row = rows.get(schedule.bell) if schedule.bell is not None else None
        if schedule.due_at is None:
            over.append(schedule)
        elif row is not None:
            row.next_run = schedule.due_at + AFTER
            moved.append(row)
        else:
            made.append(schedule)
    Bell.objects.bulk_update(moved, ["next_run"], batch_size=CHUNK)
    _make(made)
    silence(over)


def _moved(schedule: Schedule) -> bool:
    if schedule.bell is None or schedule.due_at is None:
        return False
    return bool(Bell.objects.filter(pk=schedule.bell).update(next_run=schedule.due_at + AFTER))


def silence(schedules: Sequence[Schedule]) -> None:
    ids = [schedule.bell for schedule in schedules if schedule.bell is not None]
    if ids:
        Bell.objects.filter(pk__in=ids).delete()
    for schedule in schedules:
        schedule.bell = None


def existing(schedules: Iterable[Schedule]) -> set[int]:
    """The ids of those rows that are still there."""
    ids = [schedule.bell for schedule in schedules if schedule.bell is not None]
    return set(Bell.objects.filter(pk__in=ids).values_list("pk", flat=True))


def _make(schedules: Sequence[Schedule]) -> None:
    rows = [
        Bell(
            name=f"schedule-{schedule.pk}",
            func="console.workbench.firing.ring",
            args=f"({schedule.pk},)",
            schedule_type=Bell.ONCE,
            next_run=schedule.due_at + AFTER,
        )
        for schedule in schedules
        if schedule.due_at
    ]
    for schedule, row in zip(schedules, Bell.objects.bulk_create(rows), strict=True):
        schedule.bell = row.pk
