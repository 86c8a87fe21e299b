"""The Kill button in every stage of a real job: it ends, says what was delivered and leaves nothing half-written."""

import psutil
import pytest

from console.warehouse.imports import sessions
from console.workbench import jobs, results
from console.workbench.models import Job
from integrations.models import Export
from tests.operations.consoles import command_of, gone
from tests.servers import wait_for
from tests.workbench.destination import ROWS, lose_lease, rows_of, stored_result, tables_of

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

LONG = "SELECT max(x.id * y.id % 7) AS m FROM numbers x CROSS JOIN numbers y CROSS JOIN numbers z CROSS JOIN numbers"
MODES = pytest.mark.parametrize("mode", ["append", "replace"])


@pytest.fixture
def press_kill(client, admin):
    """What the browser sends when the person who started the job confirms Kill."""
    client.force_login(admin)

    def press(job: Job) -> None:
        assert client.post(f"/workbench/jobs/{job.pk}/kill/").status_code == 302

    return press


@pytest.fixture
def page_of(client, admin):
    client.force_login(admin)
    return lambda job: client.get(f"/workbench/jobs/{job.pk}/").content.decode()


def run_long_sql(admin, target, sql=LONG, **fields) -> Job:
    return jobs.submit_sql(user=admin, database=target.database, type="presto", sql=sql, **fields)


def assert_killed(job: Job, kept: str) -> None:
    job.refresh_from_db()
    assert (job.status, job.error_message, job.error_kept) == ("killed", "", kept)


def assert_all_arrive_when_run_again(job, mode, target, admin, work) -> None:
    again = jobs.export_again(job, admin)
    assert work(again.pk) == 0
    again.refresh_from_db()
    assert (again.status, again.error_message) == ("success", "")
    expected = ROWS + 5 if mode == "append" else ROWS
    assert rows_of(target) == (expected, expected)
    assert tables_of(target.database) == {"numbers", "exported"}
    assert sessions.sessions() == []


def test_a_queued_job_never_begins(target, admin, work, press_kill, page_of):
    job = run_long_sql(admin, target)
    press_kill(job)
    assert_killed(job, "Nothing was run.")
    assert work(job.pk) == 0
    job.refresh_from_db()
    assert (job.claims, job.started_at) == (0, None)
    assert "Nothing was run." in page_of(job)


@pytest.mark.parametrize("sql", [LONG, f"CREATE TABLE made AS {LONG}", f"INSERT INTO exported (id) {LONG}"])
def test_running_sql_stops_and_writes_nothing(sql, target, admin, authentication, work, press_kill, page_of):
    settings = {"user_database_name": target.database, "user_table_name": target.table, "mode": "replace"}
    exported = {"export_authentication": authentication, "export_settings": settings} if sql is LONG else {}
    job = run_long_sql(admin, target, sql, **exported)
    work.begin(job.pk)
    wait_for(lambda: results.files(f"{job.pk}-*"))  # the engine has begun to write
    engines = sql_processes()
    assert engines
    press_kill(job)
    assert work.end() == 0
    assert_killed(job, "No rows were exported.")
    assert gone(engines)
    assert results.files(f"{job.pk}-*") == []
    assert tables_of(target.database) == {"numbers", "exported"}
    assert rows_of(target) == (5, 5)
    assert not Export.objects.exists()
    assert "No rows were exported." in page_of(job)


def test_a_job_whose_worker_died_in_its_sql_is_killed_without_running_again(target, admin, work, press_kill):
    job = run_long_sql(admin, target)
    assert work(job.pk, "during-sql") == -9
    press_kill(job)
    lose_lease(job)
    assert work(job.pk) == 0
    assert_killed(job, "No rows were exported.")
    assert not job.events.filter(message__startswith="Query finished").exists()
    assert results.files(f"{job.pk}-*") == []


WRITES = ("table/create", "bulk_import/create", "bulk_import/upload_part", "bulk_import/freeze",
          "bulk_import/perform", "table/append-schema")  # fmt: skip


@MODES
@pytest.mark.parametrize("path", WRITES)
def test_a_kill_while_exporting_leaves_the_table_as_it_was(
    path, mode, target, admin, authentication, work, press_kill, page_of
):
    job = stored_result(admin, authentication, mode, target)
    work.begin(job.pk, f"hold:{path}")
    wait_for(lambda: Export.objects.exclude(started_at=None).exists())
    press_kill(job)
    assert work.end() == 0
    said = f"{target} is unchanged. The query result ({ROWS:,} rows) is kept."
    assert_killed(job, said)
    assert Export.objects.get(jobs=job).status == "killed"
    assert rows_of(target) == (5, 5)
    assert tables_of(target.database) == {"numbers", "exported"}
    assert sessions.sessions() == []
    assert said in page_of(job)
    assert_all_arrive_when_run_again(job, mode, target, admin, work)


@pytest.mark.parametrize(("mode", "path"), [("append", "bulk_import/commit"), ("replace", "table/rename")])
def test_a_kill_is_too_late_once_the_last_request_is_on_its_way(
    path, mode, target, admin, authentication, work, press_kill
):
    job = stored_result(admin, authentication, mode, target)
    work.begin(job.pk, f"hold:{path}")
    wait_for(lambda: (Export.objects.get(jobs=job).remote if job_has_export(job) else {}).get("in_doubt"))
    press_kill(job)
    assert work.end() == 0
    job.refresh_from_db()
    assert job.status == "success"
    expected = ROWS + 5 if mode == "append" else ROWS
    assert rows_of(target) == (expected, expected)
    assert tables_of(target.database) == {"numbers", "exported"}


@MODES
@pytest.mark.parametrize("point", ["export-opened", "part-accepted", "answer:bulk_import/perform"])
def test_a_kill_after_the_worker_died_cleans_up_at_the_destination(
    point, mode, target, admin, authentication, work, press_kill
):
    job = stored_result(admin, authentication, mode, target)
    assert work(job.pk, point) == -9
    press_kill(job)
    lose_lease(job)
    assert work(job.pk) == 0
    sent = "Nothing was sent." if point == "export-opened" else f"{target} is unchanged."
    assert_killed(job, f"{sent} The query result ({ROWS:,} rows) is kept.")
    assert rows_of(target) == (5, 5)
    assert tables_of(target.database) == {"numbers", "exported"}
    assert_all_arrive_when_run_again(job, mode, target, admin, work)


def test_what_can_not_be_known_is_said_and_running_again_sends_nothing_twice(
    target, admin, authentication, work, press_kill, page_of
):
    job = stored_result(admin, authentication, "append", target)
    assert work(job.pk, "answer:bulk_import/commit") == -9
    press_kill(job)
    lose_lease(job)
    assert work(job.pk) == 0
    job.refresh_from_db()
    assert job.status == "killed"
    doubt = f"all {ROWS:,} rows may be in {target}, or none."
    assert doubt in job.error_kept
    assert doubt in page_of(job)
    assert_all_arrive_when_run_again(job, "append", target, admin, work)


def job_has_export(job: Job) -> bool:
    job.refresh_from_db()
    return job.export_id is not None


def sql_processes() -> list[psutil.Process]:
    """The engine's processes that descend from this test's."""
    children = psutil.Process().children(recursive=True)
    return [process for process in children if "engine/child.py" in command_of(process)]
