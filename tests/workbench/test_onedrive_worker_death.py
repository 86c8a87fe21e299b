"""kill -9 of the worker at every point of an export to OneDrive; a second worker; then what arrived is compared."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import duckdb
import pytest
from django.conf import settings

from console.accounts.models import User
from console.workbench import jobs, results
from console.workbench.models import Job
from integrations.connectors.one_drive.encoding import encode
from integrations.models import Authentication, Export
from tests.integrations.one_drive.conftest import make_account, make_settings
from tests.servers import wait_for
from tests.standins import microsoft as stand_ins
from tests.standins.microsoft import Fault, StandIn
from tests.standins.microsoft.state import Item
from tests.workbench.conftest import Work
from tests.workbench.destination import lose_lease

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

KILLED = -9
SMALL, LARGE = 500, 12_000  # rows: one request, or three fragments of 320 KiB
STEPS = ("before-claim", "after-claim", "before-export", "export-opened", "part-accepted", "part-acknowledged",
         "before-status", "after-status")  # fmt: skip
BEFORE = ("/token", "/sites/", "/children")
IN_ONE = ("/content",)
IN_FRAGMENTS = ("/createUploadSession", "/up/")


@pytest.fixture(scope="module")
def microsoft() -> Iterator[StandIn]:
    with stand_ins.running() as running:
        yield running


@pytest.fixture(scope="module")
def workers(server_environment: dict[str, str], microsoft: StandIn) -> Iterator[Work]:
    environment = server_environment | {
        "SENDOFF_MICROSOFT_CLIENT_ID": microsoft.app.client_id,
        "SENDOFF_MICROSOFT_CLIENT_SECRET": microsoft.app.secret,
        "SENDOFF_MICROSOFT_AUTHORITY": microsoft.url,
        "SENDOFF_GRAPH_URL": microsoft.url,
    }
    command = [sys.executable, "-m", "tests.workbench.dying_worker"]
    with Path(settings.DATA_DIR, "onedrive-workers.log").open("w") as log:
        forks = subprocess.Popen(
            command, env=environment, stdin=PIPE, stdout=PIPE, stderr=log, text=True, bufsize=1
        )
        yield Work(forks)
        assert forks.stdin
        forks.stdin.close()
        forks.wait()


@pytest.fixture
def work(workers: Work, transactional_db: None) -> Iterator[Work]:
    yield workers
    workers.abandon()


@pytest.fixture
def authentication(admin: User, microsoft: StandIn) -> Authentication:
    """Kate's, with an access token that has ended: the worker has to renew it first."""
    microsoft.world.kate.drive.root.children.clear()
    microsoft.graph.uploads.clear()
    microsoft.graph.cancelled.clear()
    microsoft.faults = []
    row = make_account(microsoft, microsoft.world.kate, owner=admin)
    row.keys = {**row.keys, "expires_at": 1}
    row.save()
    return row


def make_job(admin: User, authentication: Authentication, rows: int, **changes: Any) -> Job:
    settings.RESULTS_DIR.mkdir(exist_ok=True)
    path = settings.RESULTS_DIR / f"onedrive-{rows}.parquet"
    duckdb.execute(
        f"COPY (SELECT i AS id, md5(i::varchar) AS a, md5((i * 7)::varchar) AS b FROM range({rows}) r(i)) "
        f"TO '{path}' (FORMAT parquet)"
    )
    source = Job.objects.create(
        user=admin, database="sample_datasets", scheduled_time=0, status="success", rows=rows,
        result_path=path.name, result_schema=[["id", "bigint"], ["a", "varchar"], ["b", "varchar"]],
        export_authentication=authentication, export_settings=make_settings(**changes),
    )  # fmt: skip
    return jobs.export_again(source, admin)


def expected(job: Job) -> bytes:
    return b"".join(chunk.data for chunk in encode(job.export_settings, results.stream(job), 0))


def item(microsoft: StandIn) -> Item | None:
    return microsoft.world.kate.drive.root.find("Reports/Regional/contacts.csv")


def around(paths: tuple[str, ...]) -> list[str]:
    return [f"{moment}:{path}" for path in paths for moment in ("request", "answer")]


CASES = [
    *((SMALL, True, point) for point in (*STEPS, "half:/content", *around((*BEFORE, *IN_ONE)))),
    *((LARGE, True, point) for point in (*STEPS, "part-intended", "half:/up/", *around(IN_FRAGMENTS))),
    *((SMALL, False, point) for point in ("part-accepted", *around(IN_ONE))),
    *((LARGE, False, point) for point in ("part-accepted", "before-status", *around(IN_FRAGMENTS))),
]


@pytest.mark.parametrize(("rows", "replace", "point"), CASES)
def test_the_file_arrives_once_wherever_the_worker_dies(
    rows: int,
    replace: bool,
    point: str,
    admin: User,
    authentication: Authentication,
    microsoft: StandIn,
    work: Work,
) -> None:
    job = make_job(admin, authentication, rows, replace_existing=replace)
    assert work(job.pk, point) == KILLED
    wanted = expected(job)
    found = item(microsoft)
    assert found is None or found.content == wanted, "a half file could be seen"
    lose_lease(job)
    assert work(job.pk) == 0
    job.refresh_from_db()
    assert (job.status, job.error_message) == ("success", "")
    found = item(microsoft)
    assert found is not None
    assert found.content == wanted
    assert found.writes == 1
    export = Export.objects.get(jobs=job)
    assert (export.status, export.rows_delivered, export.bytes_sent) == ("success", rows, len(wanted))
    assert not (settings.SPOOL_DIR / f"export-{export.pk}").exists()
    authentication.refresh_from_db()
    assert authentication.secrets()["access_token"] in microsoft.authority.access


def test_a_kill_in_the_middle_ends_the_upload_session(
    admin: User, authentication: Authentication, microsoft: StandIn, work: Work, client: Any
) -> None:
    microsoft.faults = [
        Fault(
            "PUT /up/",
            99,
            status=503,
            code="serviceNotAvailable",
            since="PUT /up/",
            headers={"Retry-After": "3600"},
        )
    ]
    job = make_job(admin, authentication, LARGE)
    client.force_login(admin)
    work.begin(job.pk)
    wait_for(lambda: microsoft.faults[0].times < 99)
    assert client.post(f"/workbench/jobs/{job.pk}/kill/").status_code == 302
    assert work.end() == 0
    job.refresh_from_db()
    assert job.status == "killed"
    assert job.error_kept.startswith("Nothing was written to contoso-my.sharepoint.com/personal/")
    assert item(microsoft) is None
    assert len(microsoft.graph.cancelled) == 1


def test_a_revoked_grant_fails_the_run_and_marks_the_authentication(
    admin: User, authentication: Authentication, microsoft: StandIn, work: Work
) -> None:
    microsoft.authority.revoke(microsoft.world.kate)
    job = make_job(admin, authentication, SMALL)
    assert work(job.pk) == 0
    job.refresh_from_db()
    authentication.refresh_from_db()
    assert job.status == "error"
    assert job.error_message == "Microsoft no longer accepts the refresh token (invalid_grant, AADSTS50173)."
    assert job.error_action == "Reconnect."
    assert job.error_kept.startswith("Nothing was sent.")
    assert authentication.health == "reconnect"
    assert item(microsoft) is None


def test_a_token_service_that_is_away_for_a_moment_costs_a_retry(
    admin: User, authentication: Authentication, microsoft: StandIn, work: Work
) -> None:
    microsoft.faults = [Fault("POST .*/token", 2, status=503, code="server_error", number=90033)]
    job = make_job(admin, authentication, SMALL, retry_initial_wait_millis=1, max_retry_wait_millis=1)
    assert work(job.pk) == 0
    job.refresh_from_db()
    assert job.status == "success"
    assert Export.objects.get(jobs=job).retries == 2
