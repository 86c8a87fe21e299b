"""kill -9 of the worker at every point of an export to KARTE; a second worker; then what arrived is compared."""

import subprocess
import sys
import threading
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
from integrations.connectors.karte.encoding import encode
from integrations.models import Authentication, Export
from tests.factories import make_authentication
from tests.servers import wait_for
from tests.standins import gcs
from tests.standins.gcs import BUCKET, Fault, StandIn
from tests.workbench.conftest import Work
from tests.workbench.destination import lose_lease

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

KILLED = -9
ROWS, NAME = 9_000, "output/test.csv"
SETTINGS = {"bucket": BUCKET, "path_prefix": NAME, "format": "csv", "newline": "LF"}
STEPS = ("before-claim", "after-claim", "before-export", "export-opened", "part-intended", "half:upload_id=",
         "part-accepted", "part-acknowledged", "before-status", "after-status")  # fmt: skip
REQUESTS = ("/token", "/iam/testPermissions", "/o/output%2F", "ifGenerationMatch", "upload_id=")


@pytest.fixture(scope="module")
def service() -> Iterator[StandIn]:
    with gcs.running() as running:
        yield running


@pytest.fixture(scope="module")
def workers(server_environment: dict[str, str], service: StandIn) -> Iterator[Work]:
    environment = server_environment | {
        "SENDOFF_GCS_ENDPOINT": service.url, "SENDOFF_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.workbench.dying_worker"]
    with Path(settings.DATA_DIR, "karte-workers.log").open("w") as log:
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
def authentication(admin: User, service: StandIn) -> Authentication:
    service.buckets[BUCKET].clear()
    service.written.clear()
    return make_authentication(owner=admin, connector="karte", secrets={"json_keyfile": service.key_file()})


@pytest.fixture
def job(admin: User, authentication: Authentication) -> Job:
    settings.RESULTS_DIR.mkdir(exist_ok=True)
    path = settings.RESULTS_DIR / "karte.parquet"
    duckdb.execute(
        f"COPY (SELECT i AS id, md5(i::varchar) AS a, md5((i * 7)::varchar) AS b FROM range({ROWS}) r(i)) "
        f"TO '{path}' (FORMAT parquet)"
    )
    source = Job.objects.create(
        user=admin, database="sample_datasets", scheduled_time=0, status="success", rows=ROWS,
        result_path=path.name, result_schema=[["id", "bigint"], ["a", "varchar"], ["b", "varchar"]],
        export_authentication=authentication, export_settings=SETTINGS,
    )  # fmt: skip
    return jobs.export_again(source, admin)


def expected(job: Job) -> bytes:
    found = b"".join(chunk.data for chunk in encode(SETTINGS, results.stream(job), 0))
    assert 2 * 262144 < len(found) < 3 * 262144
    return found


@pytest.mark.parametrize(
    "point", [*STEPS, *(f"{moment}:{path}" for path in REQUESTS for moment in ("request", "answer"))]
)
def test_the_file_arrives_once_wherever_the_worker_dies(
    point: str, job: Job, service: StandIn, work: Work
) -> None:
    assert work(job.pk, point) == KILLED
    assert service.object(NAME) in (None, expected(job))
    lose_lease(job)
    assert work(job.pk) == 0
    job.refresh_from_db()
    assert (job.status, job.error_message) == ("success", "")
    assert service.object(NAME) == expected(job)
    assert [name for name, _ in service.written] == [NAME]
    export = Export.objects.get(jobs=job)
    assert (export.status, export.rows_delivered, export.bytes_sent) == ("success", ROWS, len(expected(job)))
    assert not (settings.SPOOL_DIR / f"export-{export.pk}").exists()


def test_a_kill_in_the_middle_cancels_the_upload_and_leaves_the_old_object(
    job: Job, service: StandIn, work: Work, client: Any, admin: User
) -> None:
    service.put_object(NAME, b"old")
    service.faults = [Fault("PUT .* bytes 262144-", 99, status=503, headers={"Retry-After": "3600"})]
    client.force_login(admin)
    work.begin(job.pk)
    wait_for(lambda: service.faults[0].times < 99)
    assert client.post(f"/workbench/jobs/{job.pk}/kill/").status_code == 302
    assert work.end() == 0
    service.faults = []
    job.refresh_from_db()
    assert job.status == "killed"
    assert job.error_kept.startswith("gs://samplebucket/output/test.csv is unchanged.")
    assert service.object(NAME) == b"old"
    assert [upload.state for upload in service.uploads.values()][-1] == "cancelled"


def test_a_kill_that_comes_after_the_last_byte_is_too_late(
    job: Job, service: StandIn, work: Work, client: Any, admin: User
) -> None:
    """The answer to the last part is held until the kill has reached the worker."""
    sent, noticed = threading.Event(), threading.Event()

    def hold(service: StandIn) -> None:
        sent.set()
        noticed.wait(60)

    service.faults = [Fault("PUT .* bytes 524288-", then=hold)]
    client.force_login(admin)
    work.begin(job.pk)
    assert sent.wait(60)
    assert client.post(f"/workbench/jobs/{job.pk}/kill/").status_code == 302
    before = Job.objects.get(pk=job.pk).lease_until
    wait_for(
        lambda: Job.objects.get(pk=job.pk).lease_until != before
    )  # so its heart has beaten, and seen the kill
    noticed.set()
    assert work.end() == 0
    job.refresh_from_db()
    assert service.object(NAME) == expected(job)
    assert (job.status, Export.objects.get(jobs=job).rows_delivered) == ("success", ROWS)
