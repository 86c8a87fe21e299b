"""1,000 schedules due in the same minute on 2 clusters and 2 watches: each fired once, the last start, SQL per slot."""

import subprocess
import sys
import time
from datetime import datetime, timedelta

from bench.rig import ROOT, Console, wait_for

SCHEDULES = 1_000
EMAIL = "schedules@example.com"
BAR = 60.0  # seconds after the minute
ALONE = 5.0  # seconds after its time, where nothing else is due
BEHIND = 20.0  # seconds in which the schedules are made before their minute comes


def run(console: Console) -> None:
    second = [_start(kind) for kind in ("qcluster", "watch")]
    try:
        _owner()
        _alone()
        minute = _make()
        _wait_until_fired(minute, SCHEDULES)
        _report(minute)
        _statements(minute)
    finally:
        for process in second:
            process.terminate()
            process.wait()


def _start(kind: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "manage.py", kind], cwd=ROOT, start_new_session=True)


def _owner() -> None:
    from console.accounts.models import User

    User.objects.create_user(EMAIL, "a password for the bench")


def _make() -> datetime:
    """The schedules, and the minute at which all of them are due."""
    from django.utils import timezone

    at = (timezone.now() + timedelta(seconds=60 + BEHIND)).replace(second=0, microsecond=0)
    cron = f"{at.minute} {at.hour} * * *"
    began = time.monotonic()
    for number in range(SCHEDULES):
        _schedule(number, cron)
    print(f"  {SCHEDULES:,} schedules set in {time.monotonic() - began:.1f} s")
    return at


def _schedule(number: int, cron: str) -> None:
    from console.accounts.models import User
    from console.workbench import scheduling
    from console.workbench.models import Query

    owner = User.objects.get(email=EMAIL)
    fields = {"name": f"bench {number}", "database": "bench", "sql": "SELECT 1"}
    query = Query.objects.create(owner=owner, saved_by=owner, **fields)
    scheduling.set_rule(query, cron, "UTC", 0, owner)


def _wait_until_fired(minute: datetime, slots: int) -> None:
    from console.workbench.models import Slot

    wait_for(lambda: Slot.objects.filter(time=minute).count() >= slots, seconds=600, step=0.5)


def _report(minute: datetime) -> None:
    from console.workbench.models import Job, Slot

    slots = list(Slot.objects.filter(time=minute))
    late = sorted((slot.fired_at - slot.due_at).total_seconds() for slot in slots if slot.fired_at)
    assert len(late) == SCHEDULES
    assert {slot.state for slot in slots} == {"fired"}
    assert Job.objects.filter(scheduled_time=int(minute.timestamp())).count() == SCHEDULES
    print(f"  each fired once: {len(slots):,} slots, as many jobs")
    print(f"  start after its time: first {late[0]:.1f} s, middle {late[len(late) // 2]:.1f} s")
    print(f"  the last start after its time: {late[-1]:.1f} s (bar {BAR:g} s)")


def _alone() -> None:
    """One schedule by itself."""
    from django.utils import timezone

    from console.workbench.models import Slot

    at = (timezone.now() + timedelta(seconds=65)).replace(second=0, microsecond=0)
    _schedule(SCHEDULES, f"{at.minute} {at.hour} * * *")
    _wait_until_fired(at, 1)
    lateness = Slot.objects.get(time=at).lateness
    assert lateness is not None
    print(f"  one alone starts after its time: {lateness.total_seconds():.1f} s (bar {ALONE:g} s)")


def _statements(minute: datetime) -> None:
    """SQL statements per fired slot, many at once and one alone, of the newest: the oldest has a rule of its own.
    Counted in a transaction that is taken back, so that the watches see nothing of it."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from console.workbench import firing
    from console.workbench.models import Schedule, Slot

    for count in (100, 1):
        with transaction.atomic():
            Slot.objects.all().delete()
            ids = list(Schedule.objects.order_by("-pk").values_list("pk", flat=True)[:count])
            Schedule.objects.update(due_at=None, last_job=None, settled=True)
            Schedule.objects.filter(pk__in=ids).update(
                since=minute - timedelta(hours=1), next_slot=minute, due_at=minute
            )
            with CaptureQueriesContext(connection) as found:
                fired = firing.fire_due()
            assert fired == count
            transaction.set_rollback(True)
        print(f"  SQL statements per slot, {count:3} due at once: {len(found) / count:.2f}")
