"""kill -9 of the worker that sends a notice: it is never lost, and arrives twice only where the answer was."""

import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from console.notices import outbox
from console.notices.models import Dispatch
from console.workbench.models import Job
from console.workbench.telling import subject_of
from tests.console_process import ROOT
from tests.factories import claim, make_job
from tests.servers import wait_for

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
KILLED = -9


def work(dispatch: Dispatch, point: str, environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "tests.notices.sending_worker", str(dispatch.pk), point]
    return subprocess.run(command, env=environment, check=False).returncode


@pytest.mark.parametrize(
    ("point", "arrived", "attempts"),
    [("claimed", 1, [None, True]), ("accepted", 2, [None, True]), ("written", 1, [True])],
)
def test_a_notice_outlives_its_worker(
    point, arrived, attempts, hook, wants, query, process_environment, settings
):
    environment = process_environment | {"SENDOFF_ALLOW_PRIVATE_HOSTS": "127.0.0.1"}
    wants(on_failure=True, emails=[], webhook=hook.url)
    job = make_job(query=query, sql=query.sql)
    claim(job, "worker").fail("Away.")
    dispatch = Dispatch.objects.get()
    assert work(dispatch, point, environment) == KILLED
    past = timezone.now() - timedelta(seconds=1)
    held = Dispatch.objects.waiting().exclude(lease_until=None)
    held.update(lease_until=past, rung_at=past - timedelta(seconds=1), next_try_at=past)  # the lease runs out
    assert outbox.ring_due() == (0 if point == "written" else 1)
    assert work(dispatch, "never", environment) == 0
    dispatch.refresh_from_db()
    assert dispatch.status == "sent"
    assert [one.ok for one in dispatch.attempts.all()] == attempts
    assert len(hook.told) == arrived
    assert {one["id"] for one in hook.told} == {dispatch.notice_id}  # by which a receiver knows the second


def test_a_job_that_ends_in_a_killed_process_is_told_with_its_end_or_not_at_all(
    wants, query, process_environment
):
    """Killed between the final status and the notice, inside the transaction."""
    wants(on_failure=True)
    job = make_job(query=query, sql=query.sql)
    claim(job, "worker")
    code = (
        "import os, signal, django; django.setup()\n"
        "from console.notices import outbox\n"
        "from console.workbench.models import Job\n"
        "outbox.post = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"Job.objects.get(pk={job.pk}).fail('Away.')\n"
    )
    died = subprocess.run([sys.executable, "-c", code], env=process_environment, check=False)
    assert died.returncode == KILLED
    assert Job.objects.get(pk=job.pk).status == "queued"
    assert not Dispatch.objects.exists()
    Job.objects.get(pk=job.pk).fail("Away.")
    assert Dispatch.objects.get().notice.subject == subject_of(query)


def test_the_watch_alone_sends_where_no_worker_lives(hook, wants, query, process_environment):
    wants(on_failure=True, emails=[], webhook=hook.url)
    claim(make_job(query=query, sql=query.sql), "worker").fail("Away.")
    Dispatch.objects.update(rung_at=timezone.now() - timedelta(seconds=20))
    environment = process_environment | {"SENDOFF_ALLOW_PRIVATE_HOSTS": "127.0.0.1"}
    watch = subprocess.Popen([sys.executable, "manage.py", "watch"], env=environment, cwd=ROOT)
    try:
        wait_for(lambda: Dispatch.objects.get().status == "sent")
    finally:
        watch.terminate()
        assert watch.wait(60) == 0
    assert len(hook.told) == 1
