"""A console as `make run` starts it: what it says, what it serves, and what happens when its processes die."""

import gzip
import re
import stat
from collections.abc import Callable

import brotli
import psutil
import pytest
import requests

from tests.console_process import EMAIL, ConsoleProcess
from tests.operations.consoles import gone, is_logged_in, is_ready, log_in, named, state, submit
from tests.servers import wait_for

pytestmark = pytest.mark.processes


def password_of(console: ConsoleProcess) -> str:
    return str(re.findall(r"Password: (\S+)", console.text)[0])


def test_it_prints_the_address_and_a_login_that_works(console: ConsoleProcess) -> None:
    assert console.text.count(f"Sendoff answers at {console.url}\n") == 1
    assert console.text.count("Password: ") == 1
    assert f"E-mail: {EMAIL}" in console.text
    assert is_logged_in(log_in(console.url, password_of(console)), console.url)
    assert not is_logged_in(log_in(console.url, "not the password"), console.url)


def test_only_its_owner_can_read_keys_and_password(console: ConsoleProcess) -> None:
    kept = (console.data_dir / "first-login.txt").read_text()
    assert kept == f"{EMAIL}\n{password_of(console)}\n"
    for path in (console.data_dir / "first-login.txt", console.data_dir / "secrets.env"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(console.data_dir.stat().st_mode) == 0o700


def test_it_says_that_it_lives_and_is_ready(console: ConsoleProcess) -> None:
    health = requests.get(f"{console.url}/healthz", timeout=180)
    assert (health.status_code, health.text) == (200, "ok\n")
    answer = requests.get(f"{console.url}/readyz", timeout=180)
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    checks = answer.json()["checks"]
    assert list(checks) == [
        "database",
        "migrations",
        "workers",
        "watch",
        "scheduler",
        "queue",
        "disk",
        "warehouse",
    ]
    assert all(check["ok"] for check in checks.values())
    assert checks["workers"]["detail"] == "2 of 2 alive"
    assert "no-store" in answer.headers["Cache-Control"]
    metrics = requests.get(f"{console.url}/metrics", timeout=180)
    assert metrics.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "\nsendoff_workers_alive 2\n" in metrics.text


UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "identity": bytes,
}


def test_static_files_are_fingerprinted_compressed_and_kept_for_long(console: ConsoleProcess) -> None:
    page = requests.get(f"{console.url}/login/", timeout=180).text
    paths = set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', page))
    assert {path.rpartition(".")[2] for path in paths} == {"css", "js"}
    for path in paths:
        assert re.search(r"\.[0-9a-f]{12}\.(css|js)$", path), path
        bodies = {encoding: unpacked(console, path, encoding) for encoding in UNPACK}
        assert bodies["br"] == bodies["gzip"] == bodies["identity"] != b""
    assert requests.get(f"{console.url}/static/console/missing.css", timeout=180).status_code == 404


def unpacked(console: ConsoleProcess, path: str, encoding: str) -> bytes:
    answer = requests.get(console.url + path, headers={"Accept-Encoding": encoding}, stream=True, timeout=180)
    raw = answer.raw.read(decode_content=False)
    assert answer.status_code == 200
    if len(UNPACK[encoding](raw)) > 1000:  # what compressing doesn't make smaller is sent as it is
        assert answer.headers.get("Content-Encoding", "identity") == encoding
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert re.search(r"max-age=(\d+), public, immutable", answer.headers["Cache-Control"])
    assert int(re.findall(r"max-age=(\d+)", answer.headers["Cache-Control"])[0]) >= 31_536_000
    return UNPACK[answer.headers.get("Content-Encoding", "identity")](raw)


def test_a_second_start_is_refused_with_a_sentence(console: ConsoleProcess) -> None:
    before = console.text
    again = console.launch()
    assert again.wait(timeout=180) == 1
    assert f"Process {console.process.pid} already runs a console on {console.data_dir}." in console.text
    console.printed_before = 0
    assert before in console.text
    elsewhere = ConsoleProcess(console.data_dir.parent / "elsewhere", SENDOFF_PORT=str(console.port))
    elsewhere.data_dir.parent.mkdir()
    assert elsewhere.launch().wait(timeout=180) == 1
    assert f"Port {console.port} on 127.0.0.1 can't be used (Address already in use)." in elsewhere.text
    assert f"SENDOFF_PORT={console.port + 1} make run" in elsewhere.text
    assert "Traceback" not in elsewhere.text
    assert is_ready(console)


@pytest.mark.parametrize(
    ("words", "name"),
    [("gunicorn", "web"), ("manage.py qcluster", "queue"), ("manage.py watch", "watch")],
)
def test_a_process_that_is_killed_comes_back(words: str, name: str, console: ConsoleProcess) -> None:
    before = named(console, words)
    before[0].kill()
    wait_for(lambda: f"{name} ended (signal 9). Starting it again in" in console.text)
    wait_for(lambda: gone(before))  # its forks go with it
    wait_for(lambda: len(named(console, words)) == len(before) and is_ready(console), seconds=300)


def test_a_web_worker_that_is_killed_comes_back(console: ConsoleProcess) -> None:
    before = named(console, "gunicorn")
    before[-1].kill()
    wait_for(lambda: len(set(named(console, "gunicorn")) - set(before)) == 1)
    wait_for(lambda: is_ready(console))


def test_the_job_of_a_worker_that_is_killed_is_done_by_another(console: ConsoleProcess) -> None:
    job = submit(console)
    wait_for(lambda: state(console, job)[0] == "running")
    worker = psutil.Process(int(state(console, job)[2]))
    assert worker in named(console, "manage.py qcluster")
    worker.kill()
    wait_for(lambda: state(console, job)[0] not in {"queued", "running"}, seconds=300)
    status, stage, other, claims, rows = state(console, job)
    assert (status, stage, claims, rows) == ("success", "done", "2", "1")
    assert int(other) != worker.pid
