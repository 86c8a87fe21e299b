import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.request import urlopen

import pytest


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def console_url(process_environment: dict[str, str], free_port: int, settings) -> Iterator[str]:
    """The test's own console behind a real web server: what the Treasure Data connector delivers to."""
    url = f"http://127.0.0.1:{free_port}"
    settings.BASE_URL = process_environment["SENDOFF_BASE_URL"] = url
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "console.wsgi", "--bind", f"127.0.0.1:{free_port}", "--threads", "8"],
        env=process_environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: answers(url))
        yield url
    finally:
        server.terminate()
        server.wait()


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/v3/system/server_status") as answer:
            return answer.status == 200
    except OSError:
        return False


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Until it holds. The bound only ends a test that would hang."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def work(process_environment: dict[str, str], console_url: str) -> Callable[[int, str], int]:
    """Runs one job in a worker process that dies at a point; returns the process's exit code."""

    def run(job_id: int, point: str = "never") -> int:
        command = [sys.executable, "-m", "tests.workbench.dying_worker", str(job_id), point]
        return subprocess.run(command, env=process_environment, timeout=120, cwd=os.getcwd()).returncode

    return run
