import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE
from urllib.request import urlopen

import pytest
from django.conf import settings

from tests.conftest import live_database_url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server_environment(django_db_setup) -> dict[str, str]:
    """What the processes below share with the tests: database, data folder, address."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "DATABASE_URL": live_database_url(),
        "SENDOFF_DATA_DIR": str(settings.DATA_DIR),
        "SENDOFF_BASE_URL": f"http://127.0.0.1:{free_port()}",
    }


@pytest.fixture(scope="session")
def console_server(server_environment: dict[str, str]) -> Iterator[str]:
    """The tests' own console behind a real web server: what the Treasure Data connector delivers to."""
    url = server_environment["SENDOFF_BASE_URL"]
    commands = (
        ["-m", "gunicorn", "console.wsgi", "--bind", url.removeprefix("http://"), "--threads", "8"],
        ["-m", "tests.workbench.importing_worker"],
    )
    with Path(settings.DATA_DIR, "servers.log").open("w") as log:
        processes = [
            subprocess.Popen([sys.executable, *command], env=server_environment, stdout=log, stderr=log)
            for command in commands
        ]
        try:
            wait_for(lambda: answers(url))
            yield url
        finally:
            for process in processes:
                process.terminate()
                process.wait()


@pytest.fixture
def console_url(console_server: str, transactional_db: None, settings) -> str:
    settings.BASE_URL = console_server
    return console_server


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/v3/system/server_status") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Until it holds. The bound only ends a test that would hang."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def workers(server_environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Forks a worker for every line `JOB_ID POINT` it gets."""
    command = [sys.executable, "-m", "tests.workbench.dying_worker"]
    with Path(settings.DATA_DIR, "workers.log").open("w") as log:
        forks = subprocess.Popen(
            command, env=server_environment, stdin=PIPE, stdout=PIPE, stderr=log, text=True, bufsize=1
        )
        yield forks
        assert forks.stdin
        forks.stdin.close()
        forks.wait()


@pytest.fixture
def work(workers: subprocess.Popen[str], console_url: str) -> Callable[[int, str], int]:
    """Runs one job in a worker process that dies at a point; returns the process's exit code."""

    def run(job_id: int, point: str = "never") -> int:
        assert workers.stdin
        assert workers.stdout
        workers.stdin.write(f"{job_id} {point}\n")
        ready, _, _ = select.select([workers.stdout], [], [], 180)
        assert ready, f"the worker neither finished nor died at {point}"
        return int(workers.stdout.readline())

    return run
