"""Claims: of many workers one works, and one that was thought dead can write no more."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from console.workbench import jobs, upkeep
from console.workbench.lease import Lease
from console.workbench.models import Job
from integrations.errors import Lost, Stopped
from tests.factories import claim, make_job, make_user

pytestmark = [pytest.mark.both_databases]


def lease_end(job: Job) -> datetime:
    """As the database has it now."""
    found = Job.objects.get(pk=job.pk).lease_until
    assert found is not None
    return found


def expire(job):
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(lease_until=past, rung_at=past - timedelta(seconds=1))


@pytest.mark.django_db
def test_a_claimed_job_is_not_claimed_again():
    job = make_job()
    assert claim(job, "first").fence == 1
    assert Job.objects.claim(job.pk, "second") is None


@pytest.mark.django_db
def test_a_job_whose_lease_is_over_goes_to_the_next_worker():
    job = make_job()
    Job.objects.claim(job.pk, "first")
    expire(job)
    taken = claim(job, "second")
    assert (taken.worker, taken.fence, taken.claims) == ("second", 2, 2)


@pytest.mark.django_db
def test_a_finished_job_is_never_claimed():
    job = make_job()
    claim(job, "first").succeed()
    assert Job.objects.claim(job.pk, "second") is None


@pytest.mark.django_db
def test_a_worker_thought_dead_cannot_change_the_job():
    job = make_job()
    stale = claim(job, "first")
    expire(job)
    claim(job, "second")
    with pytest.raises(Lost):
        stale.succeed()
    with transaction.atomic(), pytest.raises(Lost):
        Lease(stale).hold()
    assert Job.objects.get(pk=job.pk).status == Job.Status.QUEUED


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_one_gets_the_job():
    job = make_job()
    start, taken = threading.Barrier(8), []

    def work(number):
        start.wait()
        try:
            if Job.objects.claim(job.pk, f"worker {number}"):
                taken.append(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1


@pytest.mark.django_db(transaction=True)
def test_a_lease_notices_a_kill_and_goes_on_beating(settings):
    settings.LEASE_SECONDS = 1
    job = claim(make_job(), "worker")
    claimed_until = lease_end(job)
    noticed = threading.Event()
    with Lease(job) as lease:
        lease.heed()
        jobs.kill(job, make_user())
        for _ in range(100):
            try:
                lease.heed()
            except Stopped:
                break
            noticed.wait(0.1)
        with pytest.raises(Stopped):
            lease.heed()
        for _ in range(50):
            if lease_end(job) > claimed_until:
                break
            noticed.wait(0.1)
    assert lease_end(job) > claimed_until


@pytest.mark.django_db
def test_killing_a_job_nobody_has_begun_ends_it_at_once():
    job = jobs.submit_sql(user=make_user(), database="sample_datasets", type="presto", sql="SELECT 1")
    assert jobs.kill(job, make_user()) == "queued"
    job.refresh_from_db()
    assert (job.status, job.error_kept) == ("killed", "Nothing was run.")


@pytest.mark.django_db
def test_the_bell_rings_again_once_per_dead_worker():
    job = make_job()
    Job.objects.claim(job.pk, "first")
    assert upkeep.ring_again() == 0
    expire(job)
    assert upkeep.ring_again() == 1
    assert upkeep.ring_again() == 0


@pytest.mark.django_db
def test_a_job_the_queue_forgot_is_rung_again():
    job = make_job()
    Job.objects.filter(pk=job.pk).update(rung_at=timezone.now() - timedelta(minutes=2))
    assert upkeep.ring_again() == 1
