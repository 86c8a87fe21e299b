"""Runs of a query, from their end to what is told: by the real worker, or by the job's own status methods."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from console.accounts.models import User
from console.notices.models import Dispatch, Notice, Preferences
from console.workbench import jobs, queries, schedule_telling, worker
from console.workbench.models import Job, QueryVersion
from console.workbench.queries import Draft
from console.workbench.telling import subject_of
from integrations.models import Export
from tests.factories import claim, make_authentication, make_job, make_query

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def running(query, **fields) -> Job:
    return claim(make_job(query=query, query_name=query.name, sql=query.sql, **fields), "worker")


def exported(query, *, status: str, **fields) -> Job:
    authentication = make_authentication(name="warehouse")
    export = Export.objects.create(authentication=authentication, authentication_name="warehouse",
                                   connector="treasure_data", default_time=0, status=status, **fields)  # fmt: skip
    job = running(query)
    job.attach(export)
    return job


def notice() -> Notice:
    return Notice.objects.get()


def test_a_failed_run_is_told_with_its_reason_what_to_do_and_its_page(query, wants):
    wants(on_failure=True)
    job = running(query)
    job.fail(
        "The table sales is gone.", kept="Nothing was sent.", action="Create it again.", line=3, column=7
    )
    told = notice()
    assert (told.kind, told.title, told.name) == ("failed", "Daily sales failed", "Daily sales")
    assert told.message == "The table sales is gone. Line 3, column 7. Nothing was sent."
    assert told.action == "Create it again."
    assert told.link == f"/workbench/jobs/{job.pk}/"
    assert (told.facts["job"], told.facts["query"]) == (job.pk, query.pk)


def test_a_failure_that_says_nothing_about_it_is_told_with_what_the_page_offers(query, wants):
    wants(on_failure=True)
    running(query).fail("mismatched input")
    assert notice().action == "Open the query, correct it and run it again."


def test_the_next_run_that_works_is_told_and_names_where_the_rows_went(query, wants):
    wants(on_failure=True)
    running(query).fail("Away.")
    exported(query, status="success", rows_total=71, rows_delivered=71).succeed()
    told = Notice.objects.first()
    assert told is not None
    assert told.title == "Daily sales works again"
    assert told.message == "warehouse accepted 71 rows: every row arrived."


def test_rejected_rows_are_told_with_the_commonest_reasons(query, wants):
    wants(on_rejected=True)
    reasons = {"no e-mail": 2, "no key": 900, "bad date": 5, "too long": 1, "odd": 1}
    exported(
        query,
        status="rejected",
        rows_total=2000,
        rows_delivered=1091,
        rows_rejected=909,
        reject_reasons=reasons,
    ).succeed()
    told = notice()
    assert told.title == "Daily sales is done with rejected rows"
    assert told.message == (
        "warehouse rejected 909 of 2,000 rows:\n900 × no key\n5 × bad date\n2 × no e-mail\n2 more reasons"
    )
    assert told.facts["rows_rejected"] == 909


def test_a_killed_run_tells_nobody_and_changes_no_state(query, wants, user):
    wants(on_failure=True, on_success=True)
    job = make_job(query=query, sql=query.sql)
    jobs.kill(job, user)
    running(query).end_killed()
    assert not Notice.objects.exists()
    assert Preferences.objects.get().state == ""


def test_jobs_without_a_query_tell_nobody(query, wants):
    wants(on_failure=True)
    claim(make_job(sql=query.sql), "worker").fail("No.")
    assert not Notice.objects.exists()


def test_sql_that_is_tried_out_in_the_editor_tells_nobody(user, wants):
    query = queries.create(Draft("Tried", "db", "presto", "SELECT 1"), user)
    Preferences.objects.create(subject=subject_of(query), emails=["mika@example.com"])
    tried = claim(make_job(query=query, sql="SELECT wrong"), "worker")
    tried.fail("No such column.")
    assert not Notice.objects.exists()
    claim(make_job(query=query, sql="SELECT 1"), "worker").fail("Away.")
    assert notice().kind == "failed"


def test_a_run_of_what_was_saved_then_is_told_though_the_query_was_changed_meanwhile(user):
    query = queries.create(Draft("Changed", "db", "presto", "SELECT 1"), user)
    Preferences.objects.create(subject=subject_of(query), emails=["mika@example.com"])
    job = claim(make_job(query=query, sql="SELECT 1"), "worker")
    queries.save(query, Draft("Changed", "db", "presto", "SELECT 2"), user, version=1)
    QueryVersion.objects.filter(version=2).update(saved_at=job.created_at + timedelta(seconds=1))
    job.fail("Away.")
    assert notice().kind == "failed"


def test_an_export_of_the_result_again_works_again(query, wants):
    wants(on_failure=True)
    source = exported(query, status="error", rows_total=3)
    source.fail("The destination was away.")
    authentication = make_authentication(name="again")
    export = Export.objects.create(authentication=authentication, authentication_name="again",
                                   connector="treasure_data", default_time=0, status="success",
                                   rows_total=3, rows_delivered=3)  # fmt: skip
    again = running(query, kind=Job.Kind.EXPORT, source=source)
    again.attach(export)
    again.succeed()
    assert [one.kind for one in Notice.objects.all()] == ["recovered", "failed"]


def test_an_error_in_telling_keeps_no_job_from_ending(query, wants, monkeypatch, caplog):
    monkeypatch.setattr("console.notices.telling.tell", lambda report: 1 / 0)
    wants(on_failure=True)
    job = running(query)
    job.fail("Away.")
    job.refresh_from_db()
    assert job.status == "error"
    assert f"nobody is told of the end of job {job.pk}" in caplog.text


def test_a_database_error_in_telling_keeps_no_job_from_ending(query, wants, monkeypatch):
    def broken(report):
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere_at_all WHERE")

    monkeypatch.setattr("console.notices.telling.tell", broken)
    from django.db import OperationalError

    wants(on_failure=True)
    job = running(query)
    try:
        job.fail("Away.")
    except OperationalError:  # what SQLite calls any error: the database may be away, so nothing is decided
        assert connection.vendor == "sqlite"
        return
    job.refresh_from_db()
    assert job.status == "error"


def test_a_worker_that_lost_its_job_tells_nobody(query, wants):
    from integrations.errors import Lost

    wants(on_failure=True)
    stale = running(query)
    Job.objects.filter(pk=stale.pk).update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    claim(stale, "second")
    with pytest.raises(Lost):
        stale.fail("Away.")
    assert not Notice.objects.exists()


def test_a_deleted_query_is_told_of_no_more(query, wants):
    wants(on_failure=True)
    job = running(query)
    query.delete()
    job.fail("Away.")
    assert not Notice.objects.exists()
    assert not Preferences.objects.exists()


def test_the_real_worker_tells(query, wants, data_dir, user):
    """SQL on the engine, to its end."""
    wants(on_failure=True, on_success=True)
    query.sql = "SELECT no_such_function(1)"
    query.save()
    worker.run_job(jobs.submit(query, user).pk)
    query.sql = "SELECT 1 AS one"
    query.save()
    worker.run_job(jobs.submit(query, user).pk)
    second, first = Notice.objects.all()
    assert first.kind == "failed"
    assert "no_such_function" in first.message
    assert (second.kind, second.message) == ("recovered", "1 row in the result. It is not exported.")
    assert Dispatch.objects.count() == 2


# Schedules: the receivers of their signals -------------------------------------------------------


def schedule_of(query, **fields):
    fields.setdefault("paused_at", None)
    moment = datetime(2026, 11, 24, 6, tzinfo=UTC)
    return SimpleNamespace(pk=3, kind="query", query=query, query_id=query.pk, updated_at=moment, **fields)


def failing(query, job, failures):
    schedule_telling.schedule_failing(
        None, schedule=schedule_of(query), job=job, failures=failures, limit=5, signal=None
    )


def test_failures_that_lead_to_a_pause_are_told_each_time_and_each_once(query, wants):
    wants(on_failure=True, on_pause=True)
    for number in range(1, 6):
        job = running(query)
        job.fail("The database shop is gone.", action="Choose another one.")
        failing(query, job, number)
    found = list(Notice.objects.order_by("id"))
    assert [one.kind for one in found] == ["failed", "failing", "failing", "failing", "failing"]
    assert found[1].message == (
        "The database shop is gone.\n"
        "This is failure 2 of 5 in a row that somebody has to mend: after 3 more the schedule is paused."
    )
    assert found[4].message.endswith("the schedule is paused.")
    assert found[1].facts["failures"] == 2


def test_the_pause_is_told_once_with_what_to_do(query, wants):
    wants(on_pause=True)
    job = running(query)
    paused = schedule_of(query, paused_at=datetime(2026, 11, 25, 6, tzinfo=UTC))
    for _ in range(2):
        schedule_telling.schedule_paused(
            None, schedule=paused, job=job, failures=5, reason="5 runs in a row failed.", signal=None
        )
    assert notice().title == "The schedule of Daily sales is paused"
    assert notice().action == schedule_telling.MEND.format(noun="query")
    assert notice().link == f"/workbench/jobs/{job.pk}/"
    later = schedule_of(query, paused_at=datetime(2026, 12, 1, 6, tzinfo=UTC))
    schedule_telling.schedule_paused(None, schedule=later, job=None, failures=5, reason="Again.", signal=None)
    assert Notice.objects.count() == 2


def test_a_run_that_could_not_even_start_is_told(query, wants):
    wants(on_failure=True)
    failing(query, None, 1)
    failing(query, None, 2)
    assert [one.kind for one in Notice.objects.order_by("id")] == ["failed", "failing"]
    assert notice_of(query).message.startswith("The scheduled run could not be started.")


def notice_of(query) -> Notice:
    found = Notice.objects.filter(subject=subject_of(query)).first()
    assert found is not None
    return found


def test_a_schedule_of_something_else_is_not_ours(wants):
    wants(on_failure=True, on_pause=True)
    schedule: Any = SimpleNamespace(pk=4, kind="journey")  # of which nobody is told
    schedule_telling.schedule_failing(None, schedule=schedule, job=None, failures=1, limit=5, signal=None)
    schedule_telling.schedule_paused(None, schedule=schedule, job=None, failures=5, reason="x", signal=None)
    assert not Notice.objects.exists()


def test_a_copy_of_a_query_tells_nobody(query, wants):
    wants(on_failure=True)
    copy = queries.duplicate(query, User.objects.get(pk=query.owner_id))
    claim(make_job(query=copy, sql=copy.sql), "worker").fail("Away.")
    assert not Notice.objects.exists()


def test_two_queries_do_not_share_their_state(query, wants, user):
    wants(on_failure=True)
    other = make_query(owner=user)
    Preferences.objects.create(subject=subject_of(other), emails=["b@example.com"])
    running(query).fail("Away.")
    claim(make_job(query=other, sql=other.sql), "worker").fail("Away.")
    assert Notice.objects.filter(kind="failed").count() == 2
