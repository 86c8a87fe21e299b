"""A real schedule whose runs fail until it is paused: what is told, in which order, each once."""

import pytest
from django.test import Client

from console.notices.models import Notice
from console.workbench.firing.judging import count_failure, judge
from console.workbench.models import Job, Schedule
from console.workbench.scheduling import resume, set_rule
from tests.factories import claim, make_job

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def schedule(query, user) -> Schedule:
    found = set_rule(query, "@daily", "UTC", 0, user)
    assert found
    return found


def run(schedule: Schedule, *, kind: str = "", action: str = "") -> Job:
    """A scheduled run to its end, and what the schedule makes of it."""
    query = schedule.query
    assert query
    job = claim(make_job(query=query, query_name=query.name, sql=query.sql), "worker")
    schedule.last_job, schedule.settled = job, False
    if kind:
        job.fail("The database shop is gone.", kind=kind, action=action)
    else:
        job.succeed()
    judge(schedule)
    schedule.save()
    return job


def told() -> list[str]:
    return list(Notice.objects.order_by("id").values_list("kind", flat=True))


def test_five_failures_are_told_one_by_one_then_the_pause_then_that_it_works_again(schedule, wants, user):
    wants(on_failure=True, on_pause=True)
    for _ in range(5):
        run(schedule, kind="settings")
    assert schedule.is_paused
    assert told() == ["failed", "failing", "failing", "failing", "failing", "paused"]
    paused = Notice.objects.get(kind="paused")
    assert paused.message == schedule.paused_reason
    schedule = resume(schedule, user)
    run(schedule)
    assert told()[-1] == "recovered"
    for _ in range(5):
        run(schedule, kind="credentials")
    assert told()[7:] == ["failed", "failing", "failing", "failing", "failing", "paused"]


def test_failures_that_pass_by_themselves_are_told_once(schedule, wants):
    wants(on_failure=True, on_pause=True)
    for _ in range(3):
        run(schedule, kind="temporary")
    assert told() == ["failed"]


def test_runs_that_can_not_even_be_made_are_told(schedule, wants):
    wants(on_failure=True, on_pause=True)
    for _ in range(5):
        count_failure(schedule, None, "The query has no SQL.")
        schedule.save()
    assert told() == ["failed", "failing", "failing", "failing", "failing", "paused"]


def test_the_page_that_the_notice_of_a_pause_links_to_is_there(schedule, wants, client: Client, user):
    wants(on_pause=True)
    for _ in range(5):
        run(schedule, kind="settings", action="Choose another database.")
    client.force_login(user)
    page = client.get(Notice.objects.get(kind="paused").link)
    assert page.status_code == 200
    assert "Choose another database." in page.content.decode()
