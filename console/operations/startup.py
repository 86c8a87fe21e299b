"""What `make run` does before and around the processes: refusals first, then data, then waiting."""

import fcntl
import hashlib
import http.client
import io
import os
import socket
import sys
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


class Refused(Exception):
    """`make run` can't start; `str(error)` says why and what to do."""


def lock(data_dir: Path) -> IO[str]:
    """Holds `data_dir` for this process until it ends; the kernel lets go even after kill -9."""
    file = open(data_dir / "run.lock", "a+")  # noqa: SIM115  held, not used
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        raise Refused(
            f"Process {file.read().strip() or 'unknown'} already runs a console on {data_dir}. Stop it, or start "
            "this one on other data: SENDOFF_DATA_DIR=/other/folder SENDOFF_PORT=8001 make run"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def require_free_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"Port {port} on {host} can't be used ({error.strerror}). Stop what uses it, or choose another "
                f"one: SENDOFF_PORT={port + 1} make run"
            ) from None


def prepare() -> str:
    """Brings database, static files, first account and sample data up to date; returns what to tell of the account."""
    call_command("migrate", interactive=False, verbosity=0)
    collect_static()
    account = _first_account()
    call_command("load_sample_data")
    call_command("warehouse_maintenance", "--schedule", stdout=io.StringIO())
    return account


def _first_account() -> str:
    """The e-mail and the password where it was just made up, else where they are kept."""
    told = io.StringIO()
    call_command("create_first_account", stdout=told)
    lines = told.getvalue().strip().replace("\n", "\n  ")
    kept = settings.DATA_DIR / "first-login.txt"
    if kept.exists():
        place = f"The first password is kept in {kept}." if "Password" not in lines else f"(kept in {kept})"
        return f"{lines}\n  {place}"
    return lines


def collect_static() -> None:
    """Fingerprints and compresses the static files, where any has changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / "collected"
    fingerprint = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(fingerprint)


def _static_fingerprint() -> str:
    digest = hashlib.sha256(settings.VERSION.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = os.stat(storage.path(path))
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_ready(host: str, port: int) -> tuple[bool, str]:
    """(ready, what `/readyz` says, or why it says nothing)."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status == 200, response.read().decode()
    except OSError as error:
        return False, str(error)
    finally:
        connection.close()


def commands(host: str, port: int) -> dict[str, list[str]]:
    """Name -> argv of every process of a console."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "--config", "python:console.operations.gunicorn"),
            *("--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "console.wsgi:application"),
        ],
        "queue": [*manage, "qcluster"],
        "watch": [*manage, "watch"],
    }
