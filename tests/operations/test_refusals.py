"""Starts that can't work end at once, with a sentence that says what to do, and leave nothing running."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.console_process import ROOT, ConsoleProcess, free_port

pytestmark = [pytest.mark.processes]
KEYS = {
    "SENDOFF_SECRET_KEY": "only-for-this-test-but-long-enough-to-be-one",
    "SENDOFF_ENCRYPTION_KEYS": "b25seS1mb3ItZGV2ZWxvcG1lbnQtMDEyMzQ1Njc4OTA=",
}


def refused(folder: Path, **environment: str) -> str:
    """What a start says that ends with exit code 1."""
    console = ConsoleProcess(folder, **environment)
    process = console.launch()
    assert process.wait(timeout=180) == 1
    assert not psutil.Process().children(recursive=True) or not psutil.pid_exists(process.pid)
    assert "Traceback" not in console.text
    return console.text


def test_a_database_server_that_is_not_there(tmp_path: Path) -> None:
    port = free_port()
    said = refused(tmp_path, DATABASE_URL=f"postgresql://someone:secret-word@127.0.0.1:{port}/sendoff")
    assert said.startswith("Bringing the database up to date failed: ")
    assert f"Check DATABASE_URL. The server at 127.0.0.1:{port} has to run, have the database sendoff" in said
    log = tmp_path / "data" / "logs" / "setup.log"
    assert f"The whole error is in {log}." in said
    assert "Traceback" in log.read_text()
    assert "secret-word" not in said + log.read_text()


def test_a_database_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "sendoff.sqlite3"
    file.write_text("These are not the bytes of a database. " * 100)
    said = refused(tmp_path)
    assert "Bringing the database up to date failed: file is not a database." in said
    assert f"{file} has to be a database that this user can write" in said


def test_a_warehouse_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refused(tmp_path, SENDOFF_WAREHOUSE_URL=str(tmp_path / "file" / "warehouse"))
    assert "Loading the sample data failed: " in said
    assert f"Make {tmp_path}/file/warehouse writable, with room in it, or name another" in said


def test_a_data_folder_that_can_not_be_one(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    said = refused(tmp_path)
    assert said.startswith(f"{tmp_path}/data can't be used (")
    assert "Name a folder this user can write: SENDOFF_DATA_DIR=/other/folder make run" in said


def test_a_port_that_something_else_uses(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = refused(tmp_path, SENDOFF_PORT=str(port))
    assert f"Port {port} on 127.0.0.1 can't be used (Address already in use)." in said
    assert not (tmp_path / "data" / "sendoff.sqlite3").exists()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SENDOFF_PORT", "eight", "SENDOFF_PORT is 'eight'. Use a whole number from 1 up."),
        ("SENDOFF_BEHIND_PROXY", "maybe", "SENDOFF_BEHIND_PROXY is 'maybe'. Use 1 or 0."),
        (
            "DATABASE_URL",
            "mysterious://user:secret-word@host/name",
            "DATABASE_URL is not a database's address.",
        ),
    ],
)
def test_a_setting_that_can_not_be_used(name: str, value: str, says: str, tmp_path: Path) -> None:
    said = refused(tmp_path, **{name: value})
    assert said.startswith(says)
    assert "secret-word" not in said


@pytest.mark.parametrize("missing", KEYS)
def test_without_keys_no_process_starts_outside_debug(missing: str, tmp_path: Path) -> None:
    """`make run` makes them; whoever starts the processes otherwise has to give them."""
    given = {name: value for name, value in KEYS.items() if name != missing}
    for command in (["manage.py", "check"], ["-m", "gunicorn", "console.wsgi", "--check-config"]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=bare_environment(tmp_path) | given,
            capture_output=True,
            text=True,
        )
        assert done.returncode != 0
        assert f"{missing} is not set. `make run` makes one; in production set it yourself." in done.stderr
    whole = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=bare_environment(tmp_path) | KEYS,
        capture_output=True,
        text=True,
    )
    assert whole.returncode == 0, whole.stderr


def bare_environment(folder: Path) -> dict[str, str]:
    ours = ("SENDOFF_", "DJANGO_", "DATABASE_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"SENDOFF_DATA_DIR": str(folder)}
