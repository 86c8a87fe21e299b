"""A console as clients see it: a real web server over the test's database, and its worker."""

import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import pytest
import requests
from django.db import connection

from console.accounts import keys
from console.accounts.models import ApiKey, User
from console.warehouse import storage
from console.warehouse.types import TableRef
from console.workbench import worker
from console.workbench.models import Job
from tests.conftest import live_database_url


def packed(*rows: Any) -> bytes:
    """A body as clients send it."""
    return gzip.compress(b"".join(msgpack.packb(row) for row in rows), mtime=0)


def rows_of(table: str, database: str = "shop") -> list[dict[str, Any]]:
    """The table's rows, in a stable order."""
    columns, rows = storage.first_rows(TableRef(database, table), 1_000_000)
    found = [dict(zip((c.name for c in columns), row, strict=True)) for row in rows]
    return sorted(found, key=repr)


def key_of(user: User, kind: str = "master") -> str:
    return keys.reveal(ApiKey.objects.get(user=user, kind=kind))


@pytest.fixture
def shop(data_dir: Path, db: None) -> Path:
    """An empty warehouse with the database `shop` and its table `orders`."""
    storage.create_database("shop")
    storage.create_table(TableRef("shop", "orders"))
    return data_dir


@dataclass(frozen=True)
class Api:
    """Requests of one key through Django's own handler."""

    client: Any
    key: str

    def get(self, path: str, **params: Any) -> Any:
        return self.client.get(f"/v3/{path}", params, headers=self.headers)

    def post(self, path: str, **params: Any) -> Any:
        return self.client.post(f"/v3/{path}", params, headers=self.headers)

    def post_json(self, path: str, body: Any) -> Any:
        return self.client.post(f"/v3/{path}", body, content_type="application/json", headers=self.headers)

    def put(self, path: str, body: bytes) -> Any:
        return self.client.put(
            f"/v3/{path}", body, content_type="application/octet-stream", headers=self.headers
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"TD1 {self.key}"}


@pytest.fixture
def api(client: Any, user: User) -> Api:
    return Api(client, key_of(user))


@pytest.fixture
def write_only(client: Any, user: User) -> Api:
    return Api(client, key_of(user, "write_only"))


def run_jobs() -> None:
    """What the queue's workers would do with every job that waits."""
    for pk in Job.objects.unfinished().values_list("pk", flat=True):
        worker.run_job(pk)


@dataclass(frozen=True)
class Console:
    url: str
    key: str
    write_only: str


@pytest.fixture
def console(
    transactional_db: None, shop: Path, process_environment: dict[str, str], settings: Any
) -> Iterator[Console]:
    """gunicorn as in production, and a thread that works the queue off."""
    from tests.factories import make_user

    owner = make_user(email="owner@example.com")
    port = _free_port()
    environment = process_environment | {
        "DATABASE_URL": live_database_url(),
        "SENDOFF_DATA_DIR": str(settings.DATA_DIR),
        "SENDOFF_WAREHOUSE_URL": str(settings.WAREHOUSE_URL),
        "SENDOFF_PORT": str(port),
    }
    command = [
        sys.executable, "-m", "gunicorn", "console.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2",
        "--threads", "8", "--worker-class", "gthread", "--preload", "--graceful-timeout", "5", "--log-level", "warning",
    ]  # fmt: skip
    web = subprocess.Popen(command, env=environment)
    done = threading.Event()
    thread = threading.Thread(target=_work, args=(done,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(lambda: requests.get(f"{url}/v3/system/server_status", timeout=5).status_code == 200)
        yield Console(url, key_of(owner), key_of(owner, "write_only"))
    finally:
        done.set()
        thread.join()
        web.terminate()
        web.wait(60)


def _work(done: threading.Event) -> None:
    try:
        while not done.wait(0.1):
            run_jobs()
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _wait_for(ready: Callable[[], bool]) -> None:
    for _ in range(1800):
        with suppress(requests.RequestException):
            if ready():
                return
        time.sleep(0.1)
    raise AssertionError("the web server did not come up")
