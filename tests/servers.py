"""The tests' own console behind a real web server, with a worker for its imports: what clients and exports reach."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection

from tests.loopback import free_port

GUNICORN = ("--workers", "2", "--threads", "8", "--preload", "--log-level", "warning")


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
        ["-m", "gunicorn", "console.wsgi", "--bind", url.removeprefix("http://"), *GUNICORN],
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


def live_database_url() -> str:
    """The URL of the database the running test writes to (its name differs from the settings' one)."""
    details = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{details['NAME']}"
    return "postgresql://{USER}@{HOST}:{PORT}/{NAME}".format(**details)
