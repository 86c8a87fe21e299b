import os
import queue
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest
from django.conf import settings

from console.accounts import keys
from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from integrations.models import Authentication
from tests.factories import make_authentication
from tests.workbench.destination import write_table


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
