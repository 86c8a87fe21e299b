"""The supervisor's children: kept alive, ended whole, their words passed on."""

import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from console.operations import child as children
from console.operations import log_file
from console.operations.child import Child
from tests.operations.consoles import gone
from tests.servers import wait_for

pytestmark = [pytest.mark.processes]
SLEEP = "import time; time.sleep(600)"
FORKS = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEP!r}])"
Make = Callable[..., Child]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make(tmp_path: Path, said: list[str]) -> Iterator[Make]:
    """Makes and starts a child that runs this Python."""
    made = []

    def start(code: str, log: Path = tmp_path / "log") -> Child:
        child = Child("web", [sys.executable, "-c", code], log, said.append)
        made.append(child)
        child.start()
        return child

    yield start
    for child in made:
        child.kill()


def tended_until(child: Child, condition: Callable[[], object]) -> None:
    def look() -> object:
        child.tend()
        return condition()

    wait_for(look)


def test_it_is_started_again_later_each_time_it_dies(
    make: Make, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LONGEST_DELAY", 0.02)
    child = make("raise SystemExit(3)")
    tended_until(child, lambda: child.deaths == 3)
    assert said == ["web ended (exit code 3). Starting it again in 0.02 s."] * 3
    monkeypatch.undo()
    tended_until(child, lambda: child.deaths == 4)
    assert said[-1] == "web ended (exit code 3). Starting it again in 8 s."


def test_one_that_lived_for_long_starts_anew_at_the_shortest_wait(make: Make, said: list[str]) -> None:
    child = make("raise SystemExit(3)")
    child.deaths, child.started = 5, child.started - children.SETTLED - 1
    tended_until(child, lambda: said)
    assert said == ["web ended (exit code 3). Starting it again in 1 s."]


def test_what_it_forked_ends_with_it(make: Make) -> None:
    child = make(FORKS)
    assert child.process
    process = psutil.Process(child.process.pid)
    wait_for(process.children)
    forks = process.children()
    process.send_signal(signal.SIGKILL)
    tended_until(child, lambda: child.process is None)
    wait_for(lambda: gone(forks))


def test_one_that_ignores_the_request_to_stop_is_killed(make: Make) -> None:
    child = make(
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); {SLEEP}"
    )
    wait_for(lambda: child.log.exists() and "up" in child.log.read_text())
    child.ask_to_stop()
    assert child.is_running
    child.kill()
    assert not child.is_running


def test_warnings_are_said_once_and_everything_is_in_the_log(make: Make, said: list[str]) -> None:
    lines = [
        "2026-01-01 00:00:00,000 INFO web up",
        "2026-01-01 00:00:01,000 ERROR web the database is away",
        "Traceback (most recent call last):",
        "2026-01-01 00:00:02,000 ERROR web the database is away",
        "2026-01-01 00:00:03,000 WARNING web slow",
    ]
    child = make(f"print({chr(10).join(lines)!r}, flush=True); {SLEEP}")
    wait_for(lambda: child.log.exists() and lines[-1] in child.log.read_text())
    assert child.log.read_text().splitlines() == lines
    wait_for(lambda: len(said) == 2)
    assert said == [f"web | {lines[1]}", f"web | {lines[4]}"]


def test_a_crash_at_the_start_is_said_whole(make: Make, said: list[str]) -> None:
    make("raise SystemExit('the keys are missing')")
    wait_for(lambda: said == ["web | the keys are missing"])


def test_a_full_disk_does_not_hold_it_up(make: Make, tmp_path: Path) -> None:
    full, done = tmp_path / "full", tmp_path / "done"
    full.symlink_to("/dev/full")
    make(f"print('x' * 1_000_000, flush=True); print('y', flush=True); open({str(done)!r}, 'w')", log=full)
    wait_for(done.exists)


def test_the_log_is_turned_over_before_it_fills_the_disk(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "BYTES", 1_000)
    child = make("for number in range(900): print(f'line {number:04}')")
    last = child.log.with_name("log.1")
    wait_for(lambda: last.exists() and "line 0899" in child.log.read_text() + last.read_text())
    kept = sorted(child.log.parent.glob("log*"))
    assert len(kept) == 1 + log_file.KEPT
    assert all(path.stat().st_size <= 1_000 for path in kept)
