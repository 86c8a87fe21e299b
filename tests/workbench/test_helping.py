"""An export that waits for a destination does the imports that no worker is free for."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from console.workbench import helping
from console.workbench.lease import Lease
from console.workbench.models import Job
from integrations.errors import Stopped
from tests.factories import claim, make_job

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helping, "EVERY", 0.0)


def make_import(*, waits: int = 10) -> Job:
    job = make_job(kind=Job.Kind.BULK_IMPORT)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(seconds=waits))
    return job


def helper(done: list[int]) -> helping.HelpingGuard:
    exporting = claim(make_job(kind=Job.Kind.EXPORT), "this worker")

    def work(job_id: int) -> None:
        claim(Job.objects.get(pk=job_id), "this worker").succeed()
        done.append(job_id)

    return helping.HelpingGuard(Lease(exporting), work)


@pytest.mark.usefixtures("outside_a_transaction")
def test_imports_are_done_one_at_a_time_in_their_order() -> None:
    done: list[int] = []
    guard = helper(done)
    waiting = [make_import(), make_import()]
    guard.heed()
    assert done == [waiting[0].pk]
    guard.heed()
    guard.heed()
    assert done == [job.pk for job in waiting]


@pytest.mark.usefixtures("outside_a_transaction")
def test_queries_imports_of_others_and_fresh_ones_are_left_alone() -> None:
    done: list[int] = []
    guard = helper(done)
    make_job()
    claim(make_import(), "another worker")
    make_import(waits=0)
    guard.heed()
    assert done == []


@pytest.mark.usefixtures("outside_a_transaction")
def test_a_kill_comes_first_and_nothing_is_done_within_a_transaction() -> None:
    done: list[int] = []
    guard = helper(done)
    make_import()
    with transaction.atomic():
        guard.heed()
    assert done == []
    guard.lease._killed.set()
    with pytest.raises(Stopped):
        guard.heed()
    assert done == []


@pytest.fixture
def outside_a_transaction(transactional_db: None) -> None:
    """Most tests run inside one, where nobody helps."""
