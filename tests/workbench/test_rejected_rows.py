"""Rows that CleverTap does not take: counted, listed, downloaded, sent again; never a plain Done."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from console.accounts import keys
from console.accounts.models import ApiKey, User
from console.workbench import jobs, results, worker
from console.workbench.models import Job
from integrations.delivery import rejected
from integrations.models import Authentication, Export, RejectedRows
from tests.factories import make_authentication, make_job
from tests.standins import clevertap
from tests.standins.clevertap import Fault, StandIn

pytestmark = pytest.mark.django_db(transaction=True)
PROFILES: dict[str, Any] = {
    "target": "user_profiles",
    "operation": "upload_profiles",
    "array_operation": "replace",
}
EVENTS: dict[str, Any] = {"target": "user_events"}
QUICK = {"retry_initial_wait_millis": 1, "max_retry_wait_millis": 2}


@pytest.fixture
def service(settings: Settings, data_dir: Path) -> Iterator[StandIn]:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with clevertap.running() as running:
        settings.CLEVERTAP_URL = running.url
        yield running


@pytest.fixture
def authentication(service: StandIn) -> Authentication:
    return make_authentication(
        connector="clevertap", name="clevertap-test", keys={"account_id": "TEST-4KK-444Z", "region": "in1"},
        secrets={"passcode": "AAA-BBB-CCCC"},
    )  # fmt: skip


@pytest.fixture
def export(admin: User, authentication: Authentication, data_dir: Path) -> Any:
    """Stores a result, exports it, and returns the job when it has ended."""

    def run(columns: dict[str, list[Any]], **keys: Any) -> Job:
        table = pa.table(columns)
        types = {"int64": "bigint", "string": "varchar"}
        source = make_job(
            user=admin, status="success", stage="done", rows=table.num_rows, export_authentication=authentication,
            result_schema=[[field.name, types[str(field.type)]] for field in table.schema],
            export_settings={**QUICK, **keys},
        )  # fmt: skip
        (data_dir / "results").mkdir(exist_ok=True)
        pq.write_table(table, data_dir / "results" / f"{source.pk}-1.parquet")
        Job.objects.filter(pk=source.pk).update(result_path=f"{source.pk}-1.parquet")
        return work(jobs.export_again(Job.objects.get(pk=source.pk), admin))

    return run


def work(job: Job) -> Job:
    worker.run_job(job.pk)
    job.refresh_from_db()
    return job


def of(job: Job) -> Export:
    export = Job.objects.get(pk=job.pk).export
    assert export
    return export


def people(count: int, wrong: tuple[int, ...] = ()) -> dict[str, list[Any]]:
    emails = [f"u{n}@example.com" if n not in wrong else 'no, "address"' for n in range(1, count + 1)]
    return {"identity": [f"u{n}" for n in range(1, count + 1)], "Email": emails}


def views(count: int, **names: list[str]) -> dict[str, list[Any]]:
    return {"identity": [f"u{n}" for n in range(1, count + 1)], "evtName": ["Viewed"] * count, **names}


def test_a_run_with_a_rejected_row_is_done_with_rejected_rows_everywhere(
    export: Any, client: Client, admin: User, service: StandIn
) -> None:
    job = export(people(2_500, wrong=(7, 2_400)), **PROFILES, skip_invalid=True)
    assert (job.status, of(job).status) == ("success", "rejected")
    assert (of(job).rows_delivered, of(job).rows_rejected, len(service.profiles)) == (2_498, 2, 2_498)
    client.force_login(admin)
    page = client.get(f"/workbench/jobs/{job.pk}/").content.decode()
    for words in (
        "Done with rejected rows", "2 of 2,500", "Email is not valid.", "no, &quot;address&quot;", "515",
        "Send rejected rows again", "Download CSV", f"Job {job.pk} is done with rejected rows: 2 of 2,500.",
    ):  # fmt: skip
        assert words in page, words
    assert "Done with rejected rows" in client.get("/workbench/jobs/").content.decode()
    listed = client.get("/workbench/jobs/", {"status": "rejected"}).content.decode()
    plain = client.get("/workbench/jobs/", {"status": "success"}).content.decode()
    assert f'id="job-{job.pk}"' in listed
    assert f'id="job-{job.pk}"' not in plain
    key = keys.reveal(ApiKey.objects.get(user=admin, kind="master"))
    shown = client.get(f"/v3/job/show/{job.pk}", headers={"Authorization": f"TD1 {key}"}).json()
    assert shown["status"] == "success", "the clients know six words and no other"
    assert shown["result_export"] == {
        "status": "rejected", "status_text": "Done with rejected rows", "rows_total": 2_500, "rows_delivered": 2_498,
        "rows_rejected": 2, "rows_in_doubt": 0,
    }  # fmt: skip
    assert shown["debug"]["stderr"] == "Done with rejected rows: 2 of 2,500 rows were rejected."


def test_a_run_without_one_is_plainly_done(export: Any, client: Client, admin: User) -> None:
    job = export(people(3), **PROFILES)
    assert of(job).status == "success"
    client.force_login(admin)
    page = client.get(f"/workbench/jobs/{job.pk}/").content.decode()
    assert "ejected rows" not in page.partition('id="job-rejected"')[2].partition("</div>")[0]
    assert client.get(f"/workbench/jobs/{job.pk}/rejected/").status_code == 404
    assert client.get(f"/workbench/jobs/{job.pk}/rejected.csv").status_code == 404


def test_the_csv_has_the_reasons_and_the_rows_columns(export: Any, client: Client, admin: User) -> None:
    columns = people(3_000, wrong=(2, 2_999))
    columns["Name"] = ["x" * 513 if n == 1_500 else f"Name {n}" for n in range(1, 3_001)]
    job = export(columns, **PROFILES, skip_invalid=True)
    client.force_login(admin)
    reply = client.get(f"/workbench/jobs/{job.pk}/rejected.csv")
    assert f"job-{job.pk}-rejected.csv" in reply["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(reply.getvalue().decode(), newline="")))
    wrong = 'no, "address"'
    assert rows == [
        ["row", "column", "value", "reason", "code", "identity", "Email", "Name"],
        ["2", "Email", wrong, "Email is not valid.", "515", "u2", wrong, "Name 2"],
        [
            "1500",
            "Name",
            "x" * 199 + "…",
            "Longer than 512 characters.",
            "",
            "u1500",
            "u1500@example.com",
            "x" * 513,
        ],
        ["2999", "Email", wrong, "Email is not valid.", "515", "u2999", wrong, "Name 2999"],
    ]


def test_all_rows_are_listed_page_by_page(export: Any, client: Client, admin: User) -> None:
    job = export(people(1_300, wrong=tuple(range(1, 251))), **PROFILES, skip_invalid=True)
    client.force_login(admin)
    first = client.get(f"/workbench/jobs/{job.pk}/rejected/").content.decode()
    assert "Rows 1 to 100 of 250" in first
    assert "?from=100" in first
    last = client.get(f"/workbench/jobs/{job.pk}/rejected/", {"from": 200}).content.decode()
    assert "Rows 201 to 250 of 250" in last
    assert '<td class="num">250</td>' in last
    assert "?from=100" in last
    assert "Next" not in last


def test_after_a_fix_only_the_rejected_rows_are_sent_again(
    export: Any, client: Client, admin: User, service: StandIn
) -> None:
    service.discarded_events = {"Old"}
    names = ["Old" if n in {3, 700, 2_999} else "Viewed" for n in range(1, 3_001)]
    job = export(views(3_000, evtName=names), **EVENTS, skip_invalid=True)
    assert (len(service.events), of(job).rows_rejected) == (2_997, 3)
    service.discarded_events = {"nothing"}
    client.force_login(admin)
    reply = client.post(f"/workbench/jobs/{job.pk}/send-again/")
    again = work(Job.objects.latest("pk"))
    assert reply["Location"] == f"/workbench/jobs/{again.pk}/"
    assert (again.status, of(again).status) == ("success", "success")
    assert (of(again).rows_total, of(again).rows_delivered) == (3, 3)
    assert sorted(event["identity"] for event in service.events[2_997:]) == ["u2999", "u3", "u700"]
    assert {event["ts"] for event in service.events} == {of(job).default_time}
    page = client.get(f"/workbench/jobs/{job.pk}/").content.decode()
    assert f'Sent again by <a href="/workbench/jobs/{again.pk}/">' in page
    assert "send-rejected" not in page
    refused = client.post(f"/workbench/jobs/{job.pk}/send-again/")
    assert refused.status_code == 422
    assert f"These rows were sent again by job {again.pk}." in refused.content.decode()
    assert len(service.events) == 3_000


def test_rows_rejected_again_keep_their_numbers(export: Any, admin: User, service: StandIn) -> None:
    service.discarded_events = {"Old", "Older"}
    names = ["Old", "Viewed", "Older", "Viewed", "Old"]
    first = export(views(5, evtName=names), **EVENTS, skip_invalid=True)
    service.discarded_events = {"Older"}
    second = work(jobs.send_again(first, admin))
    assert [row.row for row in rejected.listed(of(second))] == [3]
    service.discarded_events = {"nothing"}
    third = work(jobs.send_again(second, admin))
    assert of(third).status == "success"
    assert sorted(event["identity"] for event in service.events) == ["u1", "u2", "u3", "u4", "u5"]


def test_running_such_an_export_again_sends_no_other_rows(export: Any, admin: User, service: StandIn) -> None:
    first = export(people(2_000, wrong=(5,)), **PROFILES, skip_invalid=True)
    second = work(jobs.send_again(first, admin))
    assert of(second).rows_rejected == 1
    before = len(service.requests)
    third = work(jobs.export_again(second, admin))
    assert (of(third).rows_total, of(third).rows_rejected) == (1, 1)
    assert len(service.requests) == before + 2, "the test of the credentials, and one request"


def test_a_resend_that_reached_nobody_may_be_tried_again(export: Any, admin: User, service: StandIn) -> None:
    first = export(people(10, wrong=(5,)), **PROFILES, skip_invalid=True)
    service.faults = [Fault("POST /1/upload", 1, status=403)]
    second = work(jobs.send_again(first, admin))
    assert second.status == "error"
    third = work(jobs.send_again(first, admin))
    assert of(third).rows_rejected == 1


def test_rows_that_stop_a_run_are_listed_and_nothing_is_sent(
    export: Any, client: Client, admin: User, service: StandIn
) -> None:
    columns = people(5)
    columns["identity"] = ["u1", "", "u3", " ", "u5"]
    job = export(columns, **PROFILES)
    assert job.status == "error"
    assert job.error_message == (
        "Nothing was sent: 2 of 5 rows break a rule. Row 2, identity is missing. Row 4, identity is missing."
    )
    assert service.requests == []
    assert (of(job).rows_at_fault, of(job).rows_rejected) == (2, 0)
    client.force_login(admin)
    page = client.get(f"/workbench/jobs/{job.pk}/").content.decode()
    assert "Rows that break a rule" in page
    assert "identity is missing." in page
    assert "Send rejected rows again" not in page
    rows = list(
        csv.reader(io.StringIO(client.get(f"/workbench/jobs/{job.pk}/rejected.csv").getvalue().decode()))
    )
    assert [row[0] for row in rows] == ["row", "2", "4"]


def test_problems_of_the_columns_fail_the_job_with_all_of_them(export: Any, service: StandIn) -> None:
    job = export({"a&b": [1], "evtName": ["x"]}, **EVENTS)
    assert "The column identity or objectId is missing. The column name a&b holds &" in job.error_message
    assert of(job).error_kind == "settings"
    assert service.requests == []


def test_rows_in_doubt_are_shown_and_sent_again_only_on_purpose(
    export: Any, client: Client, admin: User, service: StandIn
) -> None:
    service.faults = [Fault("POST /1/upload", cut="before", after=2)]  # after the test of the credentials
    job = export(views(3_000), **EVENTS, thread_count=1)
    assert job.status == "error"
    assert job.error_message == "1,000 of 3,000 rows are in doubt: they were sent, but no answer came."
    assert (of(job).rows_delivered, of(job).rows_in_doubt, len(service.events)) == (2_000, 1_000, 2_000)
    client.force_login(admin)
    page = client.get(f"/workbench/jobs/{job.pk}/").content.decode()
    assert "1,000 rows in doubt." in page
    assert "Rows 1,001 to 2,000." in page
    assert "Send the rows in doubt again" in page
    continued = work(jobs.export_again(job, admin))
    assert (continued.status, len(service.events)) == ("error", 2_000)
    client.post(f"/workbench/jobs/{job.pk}/send-again/", {"rows": "doubt"})
    again = work(Job.objects.latest("pk"))
    assert (again.status, of(again).status) == ("success", "success")
    assert sorted(int(event["identity"][1:]) for event in service.events) == list(range(1, 3_001))
    page = client.get(f"/workbench/jobs/{job.pk}/").content.decode()
    assert f'Sent again by <a href="/workbench/jobs/{again.pk}/">' in page


def test_an_export_of_events_that_stopped_is_continued_not_begun_anew(
    export: Any, admin: User, service: StandIn
) -> None:
    service.faults = [Fault("POST /1/upload", 99, status=503, after=3)]
    job = export(views(5_000), **EVENTS, thread_count=1, retry_count=2)
    assert job.status == "error"
    assert (len(service.events), of(job).rows_delivered, of(job).rows_in_doubt) == (2_000, 2_000, 0)
    assert job.error_kept.startswith("What CleverTap accepted stays there.")
    service.faults = []
    again = work(jobs.export_again(job, admin))
    assert (again.status, of(again).pk) == ("success", of(job).pk)
    assert sorted(int(event["identity"][1:]) for event in service.events) == list(range(1, 5_001))


def test_a_continued_export_may_skip_what_stopped_it(export: Any, admin: User, service: StandIn) -> None:
    service.discarded_events = {"Old"}
    names = ["Old" if n in {2, 2_500} else "Viewed" for n in range(1, 3_001)]
    job = export(views(3_000, evtName=names), **EVENTS, thread_count=1)
    assert job.error_message == (
        "Stopped at row 2: This event is discarded in the dashboard. 999 records had already been accepted."
    )
    assert job.source
    Job.objects.filter(pk=job.pk).update(export_settings={**job.export_settings, "skip_invalid": True})
    again = work(jobs.export_again(Job.objects.get(pk=job.pk), admin))
    assert (again.status, of(again).pk, of(again).status) == ("success", of(job).pk, "rejected")
    assert (len(service.events), of(again).rows_rejected) == (2_998, 2)


def test_the_kept_values_go_with_the_result(export: Any, client: Client, admin: User) -> None:
    job = export(people(10, wrong=(5,)), **PROFILES, skip_invalid=True)
    assert job.source
    results.remove(job.source)
    assert not RejectedRows.objects.exists()
    assert (of(job).rows_rejected, of(job).reject_reasons) == (1, {"Email is not valid.": 1})
    client.force_login(admin)
    page = client.get(f"/workbench/jobs/{job.pk}/").content.decode()
    assert "Which rows they were is not kept." in page
    assert "Send rejected rows again" not in page
    with pytest.raises(jobs.JobRefused):
        jobs.send_again(Job.objects.get(pk=job.pk), admin)


def test_wrong_credentials_are_for_the_user_to_mend(export: Any, service: StandIn) -> None:
    service.accounts = {}
    job = export(people(3), **PROFILES)
    assert (of(job).error_kind, job.error_message) == (
        "credentials", "CleverTap rejected the Account ID or Passcode, or the Region is wrong.",
    )  # fmt: skip
    authentication = Authentication.objects.get()
    assert authentication.health == "reconnect"
