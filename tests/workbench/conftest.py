import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE
from urllib.request import urlopen

import pytest
from django.conf import settings

from console.accounts import keys
from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from integrations.models import Authentication
from tests.conftest import live_database_url
from tests.factories import make_authentication
from tests.workbench.destination import write_table


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


def wait_for(condition: Callable[[], object], seconds: float = 180) -> None:
    """Until it holds. The bound only ends a test that would hang."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


class Work:
    """Runs jobs, each in a worker process that may die at a point. See `dying_worker`."""

    def __init__(self, forks: subprocess.Popen[str]) -> None:
        self.forks = forks
        self.pid: int | None = None
        self.answers: queue.Queue[int] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def begin(self, job_id: int, point: str = "never") -> None:
        assert self.forks.stdin
        self.forks.stdin.write(f"{job_id} {point}\n")
        self.pid = self.answers.get(timeout=180)

    def end(self) -> int:
        """Waits for the worker; its exit code."""
        code = self.answers.get(timeout=180)
        self.pid = None
        return code

    def __call__(self, job_id: int, point: str = "never") -> int:
        self.begin(job_id, point)
        return self.end()

    def abandon(self) -> None:
        """Where a test failed while its worker ran."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.end()

    def _read(self) -> None:
        assert self.forks.stdout
        for line in self.forks.stdout:
            self.answers.put(int(line))


@pytest.fixture(scope="session")
def workers(server_environment: dict[str, str]) -> Iterator[Work]:
    command = [sys.executable, "-m", "tests.workbench.dying_worker"]
    with Path(settings.DATA_DIR, "workers.log").open("w") as log:
        forks = subprocess.Popen(
            command, env=server_environment, stdin=PIPE, stdout=PIPE, stderr=log, text=True, bufsize=1
        )
        yield Work(forks)
        assert forks.stdin
        forks.stdin.close()
        forks.wait()


@pytest.fixture
def work(workers: Work, console_url: str) -> Iterator[Work]:
    yield workers
    workers.abandon()


@pytest.fixture
def authentication(admin: User, console_url: str) -> Authentication:
    """The console's own address and a master key."""
    master = next(key for key in keys.create_pair(admin) if key.kind == "master")
    secrets = {"apikey": keys.reveal(master)}
    return make_authentication(owner=admin, keys={"endpoint": console_url}, secrets=secrets)


@pytest.fixture
def database(console_url: str, tmp_path: Path) -> str:
    """A database of this test's own, with a table `numbers`. The server's warehouse outlives the test."""
    name = f"db_{uuid.uuid4().hex[:12]}"
    storage.create_database(name)
    write_table(TableRef(name, "numbers"), "SELECT i AS id FROM range(1000) r(i)", tmp_path)
    return name


@pytest.fixture
def target(database: str, tmp_path: Path) -> TableRef:
    """A table that has five rows before the export."""
    ref = TableRef(database, "exported")
    write_table(ref, "SELECT -1 - i AS id, 'old' AS a FROM range(5) r(i)", tmp_path)
    return ref
