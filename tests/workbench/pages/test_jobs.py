"""The job page, its live parts and actions, and the Jobs list."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyarrow as pa
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.accounts.models import User
from console.workbench import joblog
from console.workbench.models import Job
from integrations.models import Attempt, Export, ExportEvent
from tests.factories import make_authentication, make_job, make_query


def make_export(**fields: Any) -> Export:
    one = fields.pop("authentication", None) or make_authentication()
    defaults: dict[str, Any] = {"authentication_name": "partner", "connector": "treasure_data", "result_path": "x",
                                   "default_time": 0}  # fmt: skip
    return Export.objects.create(authentication=one, **defaults | fields)


def page_of(client: Client, job: Job) -> str:
    return client.get(f"/workbench/jobs/{job.pk}/").content.decode()


def test_an_exporting_job_shows_stages_rows_bytes_retries_and_destination(
    client_logged_in: Client, db: None
) -> None:
    now = timezone.now()
    export = make_export(status="running", started_at=now, rows_total=1_000, rows_delivered=650, bytes_sent=62_914_560,
                         retries=2, waited_ms=3_000, destination={"Database name": "target"})  # fmt: skip
    Attempt.objects.create(export=export, number=1, request="PUT part-3", response="503 Service Unavailable",
                           wait_ms=1_000, next_step="Same part again")  # fmt: skip
    job = make_job(
        status="running", stage="exporting", started_at=now, sql_finished_at=now, rows=1_000, export=export
    )
    page = page_of(client_logged_in, job)
    for text in (
        "Queued", "Running", "Exporting", "query took", 'value="65"', "650", "62,914,560 bytes",
        "waited 3,000 ms", "503 Service Unavailable", "Same part again", "Database name", "target", "every 1s",
    ):  # fmt: skip
        assert text in page
    assert "Job " + str(job.pk) + ": exporting, 60 percent." in page


def test_a_job_without_an_export_has_no_exporting_stage(client_logged_in: Client, db: None) -> None:
    page = page_of(client_logged_in, make_job(status="success", stage="done"))
    assert "stages-3" in page
    assert "Exporting" not in page
    assert "data-poll" not in page


def test_a_result_export_and_a_bulk_import_show_their_own_stages(client_logged_in: Client, db: None) -> None:
    source = make_job(status="success", stage="done")
    again = make_job(kind="export", source=source, status="running", stage="exporting", export=make_export())
    page = page_of(client_logged_in, again)
    assert f"job {source.pk}" in page
    assert ">Running</div>" not in page.replace("</span>Running", "")
    bulk = page_of(
        client_logged_in,
        make_job(kind="bulk_import_perform", bulk_import="session_1", status="running", stage="running"),
    )
    assert "Bulk import session session_1" in bulk
    assert "Importing" in bulk


def test_polling_brings_only_new_lines_and_ends_with_the_job(client_logged_in: Client, db: None) -> None:
    export = make_export()
    job = make_job(status="running", stage="running", export=export)
    job.log("info", "old line")
    job.refresh_from_db()
    after = ".".join(map(str, joblog.last_ids(job)))
    ExportEvent.objects.create(export=export, at=timezone.now(), level="warn", message="new line")
    address = f"/workbench/jobs/{job.pk}/progress/?after={after}"
    reply = client_logged_in.get(address, headers={"HX-Request": "true"})
    assert reply.status_code == 200
    assert "new line" in reply.content.decode()
    assert "old line" not in reply.content.decode()
    assert '<b id="warnings" hx-swap-oob="true">1</b>' in reply.content.decode()
    Job.objects.filter(pk=job.pk).update(status="success", stage="done")
    ended = client_logged_in.get(address, headers={"HX-Request": "true"})
    assert ended.status_code == 286
    assert "data-poll" not in ended.content.decode()


def test_the_two_logs_are_merged_by_time_and_downloaded_whole(client_logged_in: Client, db: None) -> None:
    job = make_job(status="success", export=make_export())
    start = timezone.now()
    job.events.create(at=start, level="info", message="first")
    job.events.create(at=start + timedelta(seconds=2), level="info", message="third")
    job.export.events.create(at=start + timedelta(seconds=1), level="err", message="second")  # type: ignore[union-attr]
    reply = client_logged_in.get(f"/workbench/jobs/{job.pk}/log.txt")
    lines = b"".join(reply.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["first", "second", "third"]
    page = page_of(client_logged_in, job)
    assert page.index("first") < page.index("second") < page.index("third")


def test_a_failure_says_what_is_kept_and_what_to_do_with_one_button(
    client_logged_in: Client, finished: Callable[..., Job]
) -> None:
    export = make_export(status="error", error_kind="credentials")
    job = finished(pa.table({"n": [1]}), [["n", "bigint"]], export=export)
    Job.objects.filter(pk=job.pk).update(
        status="error", stage="exporting", error_message="The key was refused.", error_kept="The result is kept.",
        error_action="Reconnect the authentication.",
    )  # fmt: skip
    page = page_of(client_logged_in, job)
    for text in ("The key was refused.", "The result is kept.", "Reconnect the authentication.", "Reconnect partner",
                 "Run export again", "not reached"):  # fmt: skip
        assert text in page


def test_run_export_again_makes_a_job_from_the_stored_result(
    client_logged_in: Client, finished: Callable[..., Job]
) -> None:
    one = make_authentication()
    export = make_export(authentication=one, status="error", error_kind="confirm")
    job = finished(pa.table({"n": []}), [["n", "bigint"]], export=export, export_authentication=one,
                   export_settings={"mode": "replace"})  # fmt: skip
    Job.objects.filter(pk=job.pk).update(status="error", stage="exporting")
    assert "Empty the table" in page_of(client_logged_in, job)
    reply = client_logged_in.post(f"/workbench/jobs/{job.pk}/export-again/", {"confirmed_empty": "yes"})
    again = Job.objects.get(kind="export")
    assert reply["Location"] == f"/workbench/jobs/{again.pk}/"
    assert (again.source, again.confirmed_empty, again.export_settings) == (job, True, {"mode": "replace"})


def test_an_export_that_can_not_be_repeated_says_why(client_logged_in: Client, db: None) -> None:
    reply = client_logged_in.post(f"/workbench/jobs/{make_job(status='success').pk}/export-again/")
    assert reply.status_code == 422
    assert "The result of this job is no longer kept." in reply.content.decode()


def test_killing_asks_first_and_is_for_the_one_who_started_it(
    client_logged_in: Client, owner: User, stranger: User
) -> None:
    mine, theirs = make_job(user=owner, status="running"), make_job(user=stranger, status="running")
    assert f"Kill job {mine.pk}?" in client_logged_in.get(f"/workbench/jobs/{mine.pk}/kill/").content.decode()
    client_logged_in.post(f"/workbench/jobs/{mine.pk}/kill/")
    mine.refresh_from_db()
    assert mine.killed_by == owner
    refused = client_logged_in.post(f"/workbench/jobs/{theirs.pk}/kill/")
    assert refused.status_code == 403
    assert "was started by Stranger" in refused.content.decode()
    theirs.refresh_from_db()
    assert theirs.kill_requested_at is None
    assert "Kill</a>" not in page_of(client_logged_in, theirs)


def test_the_usual_time_and_the_last_runs_come_from_the_same_query(
    client_logged_in: Client, owner: User
) -> None:
    query, start = make_query(owner=owner), timezone.now()
    for took in (20, 21, 22):
        make_job(
            query=query,
            status="success",
            stage="done",
            started_at=start,
            finished_at=start + timedelta(seconds=took),
        )
    make_job(query=query, status="error", stage="running", started_at=start, finished_at=start)
    job = make_job(query=query, status="running", stage="running", started_at=start)
    page = page_of(client_logged_in, job)
    assert "usually 00:20 to 00:22" in page
    assert "3 finished, 1 failed" in page
    assert 'role="img"' in page


def test_the_command_is_given_only_where_it_says_the_same(client_logged_in: Client, db: None) -> None:
    job = make_job(status="success", sql="SELECT 'a'", type="hive")
    assert "td query -w -d sample_datasets -T hive" in page_of(client_logged_in, job)
    assert "td query" not in page_of(client_logged_in, make_job(status="success", export=make_export()))


def test_the_list_filters_by_status_kind_owner_query_and_text(
    client_logged_in: Client, owner: User, stranger: User
) -> None:
    query = make_query(owner=owner, name="contacts")
    wanted = make_job(user=owner, query=query, query_name="contacts", status="error")
    others = [
        make_job(user=stranger, status="success"),
        make_job(user=stranger, status="running", kind="export"),
    ]
    filters: list[dict[str, str | int]] = [
        {"status": "error"}, {"kind": "query", "owner": owner.pk}, {"query": query.pk}, {"q": "CONTA"},
        {"q": str(wanted.pk), "status": "error"},
    ]  # fmt: skip
    for given in filters:
        page = client_logged_in.get("/workbench/jobs/", given).content.decode()
        assert f'id="job-{wanted.pk}"' in page, given
        assert all(f'id="job-{job.pk}"' not in page for job in others), given
    live = client_logged_in.get("/workbench/jobs/", {"status": "unfinished"}).content.decode()
    assert f'id="job-{others[1].pk}"' in live
    assert "every 3s" in live
    assert "No job matches" in client_logged_in.get("/workbench/jobs/", {"q": "zzz"}).content.decode()


def test_the_list_pages_by_id_with_few_questions(
    client_logged_in: Client, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Job.objects.bulk_create(
        Job(user=owner, database="d", scheduled_time=0, status="success") for _ in range(1_200)
    )
    newest = Job.objects.order_by("-id").first()
    assert newest
    with django_assert_max_num_queries(20):
        page = client_logged_in.get("/workbench/jobs/").content.decode()
    assert "More than 1,000 jobs" in page
    assert f"before={newest.pk - 49}" in page
    older = client_logged_in.get("/workbench/jobs/", {"before": newest.pk - 49}).content.decode()
    assert f'id="job-{newest.pk - 50}"' in older
    assert f'id="job-{newest.pk - 49}"' not in older


def test_the_job_page_asks_few_questions(
    client_logged_in: Client, owner: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    query = make_query(owner=owner)
    jobs = [make_job(query=query, status="success", user=owner, export=make_export()) for _ in range(5)]
    jobs[-1].export.attempts.create(number=1, request="a", response="b", next_step="c")  # type: ignore[union-attr]
    with django_assert_max_num_queries(20):
        page_of(client_logged_in, jobs[-1])
