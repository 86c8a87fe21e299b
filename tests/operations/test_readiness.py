"""/readyz and /healthz where something is missing."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from console.operations import heartbeats
from console.operations.models import Heartbeat
from console.workbench.models import Schedule
from tests.console_process import ROOT, free_port
from tests.factories import make_job, make_schedule
from tests.operations.test_refusals import KEYS, bare_environment


@pytest.fixture
def alive(db: None, data_dir: Path, settings: Settings) -> None:
    """Heartbeats of all workers and of the watch, now."""
    settings.WORKERS = 2
    for number, kind in enumerate(("worker", "worker", "watch")):
        Heartbeat.objects.create(process=f"host:{number}", kind=kind, at=timezone.now())


def answer(client: Client) -> tuple[int, dict[str, Any]]:
    reply = client.get("/readyz")
    return reply.status_code, reply.json()["checks"]


def test_all_is_well(client: Client, alive: None) -> None:
    status, checks = answer(client)
    assert status == 200, checks
    assert {check["ok"] for check in checks.values()} == {True}


def test_workers_that_are_silent_count_as_dead(client: Client, alive: None) -> None:
    Heartbeat.objects.filter(process="host:0").update(at=timezone.now() - heartbeats.SILENT)
    status, checks = answer(client)
    assert (status, checks["workers"]["detail"]) == (200, "1 of 2 alive")
    Heartbeat.objects.filter(kind="worker").update(at=timezone.now() - heartbeats.SILENT)
    status, checks = answer(client)
    assert status == 503
    assert checks["workers"] == {"ok": False, "detail": "0 of 2 alive. Start `manage.py qcluster`."}


def test_without_the_watch_nothing_is_rung_again(client: Client, alive: None) -> None:
    Heartbeat.objects.filter(kind="watch").delete()
    status, checks = answer(client)
    assert status == 503
    assert checks["watch"] == {"ok": False, "detail": "Not running. Start `manage.py watch`."}


def test_a_schedule_that_is_not_started(client: Client, alive: None) -> None:
    assert answer(client)[1]["scheduler"] == {"ok": True, "detail": "no schedule is active"}
    schedule = make_schedule("0 12 * * *")
    assert schedule.due_at
    status, checks = answer(client)
    assert (status, checks["scheduler"]["detail"]) == (
        200,
        f"next start {schedule.due_at:%Y-%m-%d} 12:00:00 UTC",
    )
    Schedule.objects.update(due_at=timezone.now() - timedelta(seconds=61))
    status, checks = answer(client)
    assert (status, checks["scheduler"]["ok"]) == (503, False)
    assert checks["scheduler"]["detail"].endswith(" s late. Restart `manage.py watch`.")
    assert "\nsendoff_schedule_lateness_seconds 6" in client.get("/metrics").content.decode()


def test_a_queue_that_hears_no_bell(client: Client, alive: None) -> None:
    long_ago = timezone.now() - timedelta(minutes=1)
    make_job(rung_at=long_ago)
    status, checks = answer(client)
    assert status == 503
    assert checks["queue"]["detail"] == "Jobs wait while workers are idle. Restart `manage.py qcluster`."
    for _ in range(2):  # but where all workers work, waiting is no sickness
        make_job(status="running", lease_until=timezone.now() + timedelta(minutes=1))
    status, checks = answer(client)
    assert (status, checks["queue"]["detail"]) == (200, "1 waiting")


def test_a_disk_that_is_nearly_full(client: Client, alive: None, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    status, checks = answer(client)
    assert status == 503
    assert checks["disk"]["detail"].startswith(
        "1,000,000 bytes free in SENDOFF_DATA_DIR; 536,870,912 are needed."
    )


def test_what_is_missing_for_some_is_a_note(
    client: Client, alive: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    reply = client.get("/readyz")
    assert reply.status_code == 200
    assert "install the package gnupg" in reply.json()["notes"]["gpg"]


def test_no_log_in_is_needed_and_nothing_can_be_changed(client: Client, alive: None) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200
        assert client.post(path).status_code == 405


def test_a_process_beats_under_its_own_name_and_the_long_silent_are_forgotten(db: None) -> None:
    Heartbeat.objects.create(process="old:1", kind="worker", at=timezone.now() - timedelta(days=1))
    heartbeats.beat("worker")
    heartbeats.beat("worker")
    assert [beat.process.rpartition(":")[0] != "" for beat in Heartbeat.objects.all()] == [True]
    assert heartbeats.alive("worker") == 1


@pytest.fixture
def web(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A web server alone, on a database that nobody has prepared."""
    url = f"http://127.0.0.1:{free_port()}"
    environment = bare_environment(tmp_path) | KEYS | getattr(request, "param", {})
    command = [sys.executable, "-m", "gunicorn", "console.wsgi", "--bind", url.removeprefix("http://")]
    with Path(tmp_path, "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        wait_until_healthy(url, process)
        yield url
        process.terminate()
        process.wait()


def wait_until_healthy(url: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 180
    while True:
        assert process.poll() is None
        assert time.monotonic() < until
        try:
            assert requests.get(f"{url}/healthz", timeout=180).text == "ok\n"
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return


@pytest.mark.processes
def test_a_database_without_tables(web: str, tmp_path: Path) -> None:
    reply = requests.get(f"{web}/readyz", timeout=180)
    checks = reply.json()["checks"]
    assert (reply.status_code, checks["database"]["ok"]) == (503, True)
    assert checks["migrations"]["detail"].endswith("not applied. Run `manage.py migrate`.")
    assert checks["workers"] == {"ok": False, "detail": "OperationalError. The web server's log has more."}
    assert "/readyz: workers" in (tmp_path / "log").read_text()


@pytest.mark.processes
@pytest.mark.parametrize(
    "web", [{"DATABASE_URL": f"postgresql://someone:secret-word@127.0.0.1:{free_port()}/x"}], indirect=True
)
def test_a_database_that_is_away(web: str) -> None:
    reply = requests.get(f"{web}/readyz", timeout=180)
    assert (reply.status_code, reply.json()["ready"]) == (503, False)
    assert reply.json()["checks"]["database"]["ok"] is False
    assert "secret-word" not in reply.text
    assert requests.get(f"{web}/healthz", timeout=180).status_code == 200
