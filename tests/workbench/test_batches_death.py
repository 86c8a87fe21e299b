"""kill -9 of a worker that sends batches: profiles all arrive, no event twice, and the page says what is in doubt."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import duckdb
import pytest
from django.conf import settings

from console.accounts.models import User
from console.workbench import jobs
from console.workbench.models import Job
from integrations.models import Export
from tests.factories import make_authentication
from tests.standins import clevertap
from tests.standins.clevertap import StandIn
from tests.workbench.conftest import Work
from tests.workbench.destination import lose_lease

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ROWS = 5_000
KILLED = -9
POINTS = [
    "export-opened", "batch-intended", "answer:dryRun",
    "request:/1/upload$", "half:/1/upload$", "answer:/1/upload$", "batch-answered",
    "batch-acknowledged", "before-status", "after-status",
]  # fmt: skip
# Where a request may have been processed without the ledger knowing.
UNKNOWN = {"batch-intended", "request:/1/upload$", "half:/1/upload$", "answer:/1/upload$", "batch-answered"}
NOTHING_OPEN = {"export-opened", "answer:dryRun", "before-status", "after-status"}


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    with clevertap.running() as running:
        yield running


@pytest.fixture
def service(stand_in: StandIn) -> StandIn:
    stand_in.reset()
    return stand_in


@pytest.fixture(scope="module")
def batch_workers(stand_in: StandIn, server_environment: dict[str, str]) -> Iterator[Work]:
    """Workers that send to the stand-in."""
    environment = server_environment | {
        "SENDOFF_CLEVERTAP_URL": stand_in.url,
        "SENDOFF_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-m", "tests.workbench.dying_worker"]
    with (
        Path(settings.DATA_DIR, "batches.log").open("w") as log,
        subprocess.Popen(
            command, env=environment, stdin=PIPE, stdout=PIPE, stderr=log, text=True, bufsize=1
        ) as forks,
    ):
        yield Work(forks)
        assert forks.stdin
        forks.stdin.close()


@pytest.fixture
def work(batch_workers: Work, transactional_db: None) -> Iterator[Work]:
    yield batch_workers
    batch_workers.abandon()


@pytest.fixture
def submit(admin: User) -> Callable[..., Job]:
    """Exports a stored result of ROWS users."""

    def make(**keys: Any) -> Job:
        settings.RESULTS_DIR.mkdir(exist_ok=True)
        path = settings.RESULTS_DIR / "batches.parquet"
        select = f"SELECT 'u' || i AS identity, 'Viewed' AS \"evtName\" FROM range(1, {ROWS + 1}) r(i)"
        duckdb.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        authentication = make_authentication(
            connector="clevertap", name="batches", keys={"account_id": "TEST-4KK-444Z", "region": "in1"},
            secrets={"passcode": "AAA-BBB-CCCC"},
        )  # fmt: skip
        source = Job.objects.create(
            user=admin, database="x", scheduled_time=0, status="success", rows=ROWS, result_path=path.name,
            result_schema=[["identity", "varchar"], ["evtName", "varchar"]], export_authentication=authentication,
            export_settings={"thread_count": 2, **keys},
        )  # fmt: skip
        return jobs.export_again(source, admin)

    return make


def finish(job: Job, work: Callable[..., int]) -> tuple[Job, Export]:
    lose_lease(job)
    work(job.pk)
    job = Job.objects.get(pk=job.pk)
    assert job.export
    return job, job.export


@pytest.mark.parametrize("point", POINTS)
def test_profiles_all_arrive(point: str, submit: Any, work: Any, service: StandIn) -> None:
    job = submit(target="user_profiles")
    assert work(job.pk, point) == KILLED
    job, export = finish(job, work)
    assert (job.status, job.error_message) == ("success", "")
    assert len(service.profiles) == export.rows_delivered == ROWS


@pytest.mark.parametrize("point", POINTS)
def test_no_event_arrives_twice_and_none_is_lost_unsaid(
    point: str, submit: Any, work: Any, service: StandIn
) -> None:
    job = submit(target="user_events")
    assert work(job.pk, point) == KILLED
    job, export = finish(job, work)
    seen = Counter(event["identity"] for event in service.events)
    assert set(seen.values()) == {1}
    assert export.rows_delivered + export.rows_in_doubt == ROWS
    assert export.rows_delivered <= len(service.events)
    assert export.rows_in_doubt <= 2_000, "no more than was in flight"
    assert job.status == ("error" if export.rows_in_doubt else "success")
    assert export.rows_in_doubt or point not in UNKNOWN
    assert not export.rows_in_doubt or point not in NOTHING_OPEN
    if not export.rows_in_doubt:
        return
    assert (
        job.error_message
        == f"{export.rows_in_doubt:,} of 5,000 rows are in doubt: they were sent, but no answer came."
    )
    spans = export.parts.filter(status="in_doubt").values_list("first_row", "last_row")
    doubtful = {number for first, last in spans for number in range(first, last + 1)}
    missing = set(range(1, ROWS + 1)) - {int(identity[1:]) for identity in seen}
    assert missing <= doubtful, "what is missing is among what the page names"
