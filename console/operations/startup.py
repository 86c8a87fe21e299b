"""Whether `make run` may start here, what it starts, and whether that is ready."""

import fcntl
import http.client
import os
import socket
import sys
from pathlib import Path
from typing import IO

from django.conf import settings


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


def is_ready(host: str, port: int) -> tuple[bool, str]:
    """(ready, what `/readyz` says, or why it says nothing)."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        response = connection.getresponse()
        return response.status == 200, response.read().decode()
    except (OSError, http.client.HTTPException) as error:
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
