"""Memory, time and the end of a run: what a query may use, and that nothing of it is left when it is stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from console.warehouse.engine.embedded import ENGINE, memory_bytes, specification
from console.warehouse.engine.interface import Outcome, SqlCancelled, SqlError
from console.warehouse.engine.run import ChildRun, part_path, spill_path
from console.warehouse.types import Column, Snapshot, TableRef

from .conftest import LIMITS, snapshot, translate

ENDLESS = "SELECT count(*) FROM www_access a, www_access b, www_access c, www_access d, www_access e"
# Gives rows all the while, more than memory or disk could hold.
WRITING = (
    "SELECT a.user, b.time, c.tags FROM www_access a, www_access b, www_access c, www_access d, www_access e"
)
# Holds all it has seen: it can't be spilled.
HUNGRY = "SELECT array_agg(a.time * b.time + c.time) AS xs FROM www_access a, www_access b, www_access c, (SELECT * FROM www_access LIMIT 10) d"


def start(sql: str, snapshots: dict[TableRef, Snapshot], output: Path, limits: object = LIMITS) -> ChildRun:
    running = ENGINE.start(translate(sql), snapshots, output, limits)  # type: ignore[arg-type]
    assert isinstance(running, ChildRun)
    return running


def until(condition: Callable[[], object]) -> None:
    """The bound only ends a test that would hang."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Not even a zombie."""
    return not psutil.pid_exists(pid)


@pytest.mark.parametrize("sql", [HUNGRY, "SELECT max(x) FROM UNNEST(sequence(1, 1000000000)) AS t (x)"])
def test_too_much_memory_is_said_with_what_to_do(
    sql: str, snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> None:
    with pytest.raises(SqlError) as refused:
        start(sql, snapshots, tmp_path / "out", replace(LIMITS, memory="64MB")).wait(60)
    assert str(refused.value) == "The query needs more than 64 MB of memory."
    assert refused.value.hint == "Aggregate or filter earlier, or read a shorter time range."
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_fit_into_memory_is_spilled(
    run: Callable[..., tuple[Outcome, list[tuple[object, ...]]]],
) -> None:
    """A sort of some 100 MB within 64."""
    sql = "SELECT count(*) FROM (SELECT a.time * b.time AS x, a.user, c.time FROM www_access a, www_access b, www_access c ORDER BY x, c.time LIMIT 999999)"
    assert run(sql, limits=replace(LIMITS, memory="64MB"))[1] == [(999999,)]


def test_too_long_is_said_with_what_to_do(snapshots: dict[TableRef, Snapshot], tmp_path: Path) -> None:
    with pytest.raises(SqlError) as refused:
        start(WRITING, snapshots, tmp_path / "out", replace(LIMITS, seconds=1)).wait(60)
    assert str(refused.value) == "The query ran longer than 1 s and was stopped."
    assert refused.value.hint == "Read a shorter time range, or fewer columns and rows."
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_said(
    snapshots: dict[TableRef, Snapshot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child's own limit on the size of files stands in for a full disk: the same error from the same write."""
    monkeypatch.setattr(
        "console.warehouse.engine.embedded.specification",
        lambda *args: specification(*args) | {"file_bytes": 100_000},
    )
    with pytest.raises(SqlError, match="The disk is full") as refused:
        start(WRITING, snapshots, tmp_path / "out").wait(60)
    assert refused.value.hint == "Free some space, then run again."
    assert list(tmp_path.iterdir()) == []


def test_cancel_ends_the_process_and_takes_its_file(
    snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> None:
    many = TableRef("sample_datasets", "many")
    rows = "SELECT i AS time FROM range(2000000) t(i)"
    files = snapshots | {many: snapshot(tmp_path, many, (Column("time", "long", 1, "BIGINT"),), [rows])}
    output = tmp_path / "results" / "out"
    output.parent.mkdir()
    slow = "SELECT to_hex(sha256(to_utf8(rpad(CAST(time AS varchar), 99, 'x')))) AS x FROM many"
    running = start(slow, files, output)
    until(lambda: part_path(output).exists() and part_path(output).stat().st_size)
    running.cancel()
    assert gone(running._process.pid)
    assert list(output.parent.iterdir()) == []
    with pytest.raises(SqlCancelled):
        running.wait(60)


def test_cancel_takes_what_was_spilled(snapshots: dict[TableRef, Snapshot], tmp_path: Path) -> None:
    output = tmp_path / "out"
    sorting = f"SELECT * FROM ({WRITING}) ORDER BY 1, 2"
    running = start(sorting, snapshots, output, replace(LIMITS, memory="64MB"))
    until(lambda: list(spill_path(output).glob("*")))
    running.cancel()
    assert list(tmp_path.iterdir()) == []


def test_cancel_before_the_process_has_begun(snapshots: dict[TableRef, Snapshot], tmp_path: Path) -> None:
    running = start(ENDLESS, snapshots, tmp_path / "out")
    running.cancel()
    assert gone(running._process.pid)
    assert list(tmp_path.iterdir()) == []


def test_cancel_after_the_end_keeps_the_result(snapshots: dict[TableRef, Snapshot], tmp_path: Path) -> None:
    running = start("SELECT 1 AS a", snapshots, tmp_path / "out")
    outcome = running.wait(60)
    running.cancel()
    assert running.wait(0) == outcome
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_process_killed_from_outside_is_an_error_not_a_hang(
    snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> None:
    running = start(WRITING, snapshots, tmp_path / "out")
    os.kill(running._process.pid, signal.SIGKILL)
    with pytest.raises(
        SqlError, match="more than 500 MB of memory"
    ):  # what the kernel kills, it kills for memory
        running.wait(60)
    assert list(tmp_path.iterdir()) == []


def test_it_does_not_outlive_the_process_that_started_it(
    snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> None:
    """`kill -9` of a worker: the SQL it was running ends too."""
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _PARENT.format(spec=specification(translate(WRITING), snapshots, tmp_path / "out", LIMITS)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    until(lambda: part_path(tmp_path / "out").exists())
    assert not gone(child)
    parent.kill()
    parent.wait()
    until(lambda: gone(child))


_PARENT = """
import json, subprocess, sys, time
from console.warehouse.engine.embedded import _CHILD
child = subprocess.Popen([sys.executable, "-I", str(_CHILD)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
child.stdin.write(json.dumps({spec!r}).encode() + b"\\n")
child.stdin.flush()
print(child.pid, flush=True)
time.sleep(600)
"""


def test_progress_rises_to_the_end(snapshots: dict[TableRef, Snapshot], tmp_path: Path) -> None:
    running = start(ENDLESS, snapshots, tmp_path / "out")
    until(lambda: running.progress() is not None)
    assert 0 <= (running.progress() or 0) <= 1
    running.cancel()


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1GB", 10**9), ("512 MiB", 512 * 2**20), ("1.5gb", 1_500_000_000), ("64MB", 64 * 10**6)],
)
def test_an_amount_of_memory(text: str, amount: int) -> None:
    assert memory_bytes(text) == amount


@pytest.mark.parametrize("text", ["1", "GB", "one GB", "1 PB", "-1GB", ""])
def test_what_is_no_amount_of_memory(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 1GB"):
        memory_bytes(text)
