"""A console as clients see it: a real web server over the test's database, and its worker."""

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
import pytest

from console.accounts import keys
from console.accounts.models import ApiKey, User
from console.warehouse import storage
from console.warehouse.types import TableRef
from console.workbench import worker
from console.workbench.models import Job
from tests.conftest import empty_catalog
from tests.factories import make_user


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
def console(console_url: str) -> Console:
    """A real web server, whose warehouse has only the database `shop` with an empty table `orders`."""
    empty_catalog()
    storage.create_database("shop")
    storage.create_table(TableRef("shop", "orders"))
    owner = make_user(email="owner@example.com")
    return Console(console_url, key_of(owner), key_of(owner, "write_only"))
