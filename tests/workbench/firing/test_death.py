"""kill -9 of schedulers and clusters at every point: no slot is lost, none runs twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import PIPE

import pytest
from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ
from django_q.models import Schedule as Bell

from console.workbench import firing
from console.workbench.models import Job, Schedule, Slot
from tests.console_process import ROOT
from tests.factories import make_query, make_schedule
from tests.servers import wait_for
from tests.workbench.firing.conftest import end_jobs

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
KILLED = -9
POINTS = (
    *("locked", "decided", "jobs-made", "jobs-rung", "slots-written", "bells-set"),
    *("schedules-written", "before-commit", "committed"),
)


def due_at(schedule: Schedule, at: datetime) -> datetime:
    """Lets the schedule's slot come at an exact second: its minute's, and a delay. The one after it comes tomorrow."""
    slot = at.replace(second=0, microsecond=0)
    schedule.cron, schedule.delay = f"{slot.minute} {slot.hour} * * *", int((at - slot).total_seconds())
    schedule.since, schedule.next_slot = slot - timedelta(hours=1), slot
    schedule.due_at = slot + timedelta(seconds=schedule.delay)
    schedule.save()
    return schedule.due_at


def scheduler_dies(environment: dict[str, str], points: list[str]) -> list[int]:
    """How the schedulers ended that had one turn each."""
    command = [sys.executable, "-m", "tests.workbench.firing.dying_watch"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, input="\n".join(points) + "\n", stdout=PIPE, text=True, check=True
    )
    return [int(line) for line in done.stdout.split()]


def test_a_scheduler_that_dies_leaves_all_or_nothing(process_environment):
    """Each of them finds what the one before it left undone; the last one lives."""
    schedules = [make_schedule(query=make_query(sql="SELECT 1")) for _ in range(3)]
    for schedule in schedules:
        due_at(schedule, timezone.now())
    ends = scheduler_dies(process_environment, [*POINTS[:-1], "never", "never"])
    assert ends == [KILLED] * (len(POINTS) - 1) + [0, 0]
    _each_ran_once(schedules)


def test_a_scheduler_that_dies_behind_its_commit_is_not_repeated(process_environment):
    schedules = [make_schedule() for _ in range(3)]
    for schedule in schedules:
        due_at(schedule, timezone.now())
    assert scheduler_dies(process_environment, ["committed", "never"]) == [KILLED, 0]
    _each_ran_once(schedules)


def test_a_slot_that_waited_starts_once_whatever_dies(process_environment):
    schedule = make_schedule()
    due_at(schedule, timezone.now())
    firing.turn()
    first = Job.objects.get()
    due_at(Schedule.objects.get(), timezone.now() - timedelta(minutes=1))
    firing.turn()
    assert sorted(schedule.slots.values_list("state", flat=True)) == ["fired", "queued"]
    end_jobs()
    points = [point for point in POINTS if point != "committed"]
    ends = scheduler_dies(process_environment, [*points, "never", "never"])
    assert ends == [KILLED] * len(points) + [0, 0]
    assert set(schedule.slots.values_list("state", flat=True)) == {"fired"}
    assert Job.objects.exclude(pk=first.pk).count() == 1
    assert OrmQ.objects.count() == 2


def _each_ran_once(schedules: list[Schedule]) -> None:
    assert Job.objects.count() == OrmQ.objects.count() == Slot.objects.count() == len(schedules)
    for schedule in schedules:
        slot = schedule.slots.get()
        assert (slot.state, slot.job is not None) == ("fired", True)
    assert Bell.objects.count() == len(schedules)


# Whole processes ---------------------------------------------------------------------------------


class Herd:
    """Watches and clusters that are started, killed with all their children, and started again."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment | {"SENDOFF_WORKERS": "1", "SENDOFF_LEASE_SECONDS": "3"}
        self.kinds = ["watch", "qcluster", "watch", "qcluster"]
        self.processes = [self._start(kind) for kind in self.kinds]

    def _start(self, kind: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", kind]
        with Path(settings.DATA_DIR, "herd.log").open("a") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, number: int) -> None:
        os.killpg(self.processes[number].pid, signal.SIGKILL)
        self.processes[number].wait()

    def replace(self, number: int) -> None:
        self.kill(number)
        self.processes[number] = self._start(self.kinds[number])

    def end(self) -> None:
        for number in range(len(self.processes)):
            self.kill(number)


@pytest.fixture
def herd(process_environment: dict[str, str]) -> Iterator[Herd]:
    started = Herd(process_environment)
    yield started
    started.end()


def test_two_clusters_and_two_watches_that_are_killed_lose_and_double_nothing(herd):
    chance = random.Random(5)
    owner = make_query().owner
    schedules = [make_schedule(query=make_query(owner=owner, sql="SELECT 1")) for _ in range(24)]
    wait_for(lambda: _alive("watch") == _alive("worker") == 2)
    for number, schedule in enumerate(schedules):
        due_at(schedule, timezone.now() + timedelta(seconds=1 + number // 2))
    for number in (0, 1, 2, 3, 0, 2):
        _wait_for_another(len(schedules))
        time.sleep(chance.random())  # somewhere within the work that just began
        herd.replace(number)
    wait_for(lambda: Job.objects.filter(status__in=Job.FINAL).count() >= len(schedules))
    assert Slot.objects.count() == Job.objects.count() == len(schedules)
    for schedule in schedules:
        slot = schedule.slots.get()
        assert slot.job is not None
        assert (slot.state, slot.job.status, slot.job.error_message) == ("fired", "success", "")
    assert not Job.objects.unfinished().exists()


def _wait_for_another(all_of_them: int) -> None:
    seen = Slot.objects.count()
    wait_for(lambda: Slot.objects.count() > seen or seen == all_of_them)


def _alive(kind: str) -> int:
    from console.operations import heartbeats

    return heartbeats.alive(kind)
