"""Stopping and starting again: nothing is left running, nothing is lost, nothing is made twice."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests import postgres
from tests.console_process import PASSWORD, ConsoleProcess
from tests.operations.consoles import ask, family, gone, is_logged_in, is_ready, log_in, state, submit
from tests.servers import wait_for

pytestmark = pytest.mark.processes

DROP_A_SAMPLE = """
from console.warehouse import storage
from console.warehouse.types import TableRef
storage.drop_table(TableRef("sample_datasets", "cdnow_customers"))
"""
TABLES = """
from console.warehouse import storage
print([table.ref.table for table in storage.tables("sample_datasets")])
"""
MOST_CONNECTIONS = 40  # of the 100 that PostgreSQL gives by default, after every page has been asked at once


@dataclass(frozen=True)
class Kept:
    """A console that ran before: how it is started again, and what it has to find again."""

    console: ConsoleProcess
    session: requests.Session
    keys: str


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The first start is interrupted, the second one finishes the set-up."""
    console = ConsoleProcess(tmp_path_factory.mktemp("kept"), SENDOFF_LEASE_SECONDS="3")
    first = console.launch()
    wait_for(lambda: (console.data_dir / "sendoff.sqlite3").exists())
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=180) == 130
    assert "Stopped before it was set up. Start it again to go on." in console.text
    assert "Traceback" not in console.text
    with console:
        session = log_in(console.url, PASSWORD)
        assert is_logged_in(session, console.url)
        assert PASSWORD not in console.text
        console.run(DROP_A_SAMPLE)
        keys = (console.data_dir / "secrets.env").read_text()
        assert console.stop() == 0
    return Kept(console, session, keys)


def assert_it_continues(kept: Kept) -> None:
    console = kept.console
    assert is_logged_in(kept.session, console.url), "the keys or the sessions are others"
    assert (console.data_dir / "secrets.env").read_text() == kept.keys
    assert "Password" not in console.text
    assert "There is an account already." in console.text
    assert "The sample data was loaded before." in console.text
    assert console.run(TABLES).strip() == "['cdnow_transactions', 'www_access']"


def test_a_running_job_goes_on_at_the_next_start(kept: Kept) -> None:
    console = kept.console
    with console:
        job = submit(console)
        wait_for(lambda: state(console, job)[0] == "running")
        processes = family(console)
        console.process.send_signal(signal.SIGINT)
        console.wait_for("Ctrl-C again does not wait for them.")
        assert console.stop(signal.SIGINT) == 0
        assert gone(processes)
    with console:
        assert_it_continues(kept)
        wait_for(lambda: state(console, job)[0] not in {"queued", "running"}, seconds=300)
        assert [state(console, job)[place] for place in (0, 3, 4)] == ["success", "2", "1"]
        processes = family(console)
        assert len(processes) >= 9  # web with two workers; queue with six processes; watch
        assert console.stop(signal.SIGTERM) == 0
        assert gone(processes)
        assert console.text.rstrip().endswith("A job that was running goes on at the next start.")
        assert "Traceback" not in console.text


def test_its_processes_end_with_it_even_where_it_is_killed(kept: Kept) -> None:
    console = kept.console
    with console:
        processes = family(console)
        assert console.stop(signal.SIGKILL) == -9
        wait_for(lambda: gone(processes))
    with console:
        assert_it_continues(kept)
        assert is_ready(console)
        assert console.stop() == 0


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    server = postgres.start()
    yield server
    server.stop()


def test_make_run_on_postgresql(server: postgres.Server, tmp_path: Path) -> None:
    """The command people type, with the signals that a terminal and a service manager send."""
    console = MadeByMake(tmp_path, DATABASE_URL=server.database("made"))
    with console:
        answer = requests.get(f"{console.url}/readyz", timeout=180).json()
        assert (answer["ready"], answer["checks"]["database"]["detail"]) == (True, "postgresql")
        assert not list(console.data_dir.glob("*.sqlite3"))
        session = log_in(console.url, PASSWORD)
        ask_many_pages(session, console.url)
        assert connections(console) < MOST_CONNECTIONS
        processes = family(console)
        console.stop(signal.SIGINT)
        assert gone(processes)
        assert "A job that was running goes on at the next start." in console.text
    with console:
        assert is_logged_in(session, console.url)
        assert "The sample data was loaded before." in console.text
        assert_it_outlives_its_database(console, server)
        processes = family(console)
        console.stop(signal.SIGTERM)
        assert gone(processes)


def assert_it_outlives_its_database(console: ConsoleProcess, server: postgres.Server) -> None:
    server.go_away()
    answer = requests.get(f"{console.url}/readyz", timeout=180)
    assert (answer.status_code, answer.json()["checks"]["database"]["ok"]) == (503, False)
    assert requests.get(f"{console.url}/healthz", timeout=180).status_code == 200
    wait_for(lambda: "the database is away" in console.text)
    server.come_back()
    wait_for(lambda: is_ready(console))
    job = submit(console, "SELECT count(*) FROM www_access")
    wait_for(lambda: state(console, job)[0] == "success")


class MadeByMake(ConsoleProcess):
    """Ctrl-C in a terminal reaches make and all that it has started; a service manager's TERM reaches make."""

    command = ("make", "run")
    has_own_session = True

    def stop(self, number: int = signal.SIGINT) -> int:
        if number == signal.SIGINT and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            return self.process.wait(timeout=180)
        return super().stop(number)


def ask_many_pages(session: requests.Session, url: str) -> None:
    """As many at a time as the web server has threads, so that each has its connections."""
    paths = ["/workbench/databases/", "/workbench/queries/", "/workbench/jobs/", "/readyz"] * 12
    cookies = session.cookies.get_dict()
    with ThreadPoolExecutor(16) as pool:
        found = pool.map(
            lambda path: requests.get(url + path, cookies=cookies, timeout=180).status_code, paths
        )
    assert set(found) == {200}


def connections(console: ConsoleProcess) -> int:
    open_ones = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'made' AND pid <> pg_backend_pid()"
    return int(str(ask(console, open_ones)[0]))
