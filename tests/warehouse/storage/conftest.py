"""A warehouse of the test's own, in SQLite and again in a real PostgreSQL, and processes that write to it."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import dj_database_url
import duckdb
import pytest
from django.conf import settings as django_settings

from console.warehouse import storage
from console.warehouse.types import TableRef
from tests import postgres


@dataclass(frozen=True)
class Warehouse:
    folder: Path
    database_url: str

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts `writers.py` with these arguments as a process of its own."""
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "console.settings",
            "DATABASE_URL": self.database_url,
            "SENDOFF_DEBUG": "1",
            "SENDOFF_DATA_DIR": str(self.folder),
            "SENDOFF_WAREHOUSE_URL": str(self.folder / "warehouse"),
        }
        command = [sys.executable, "-m", "tests.warehouse.storage.writers", *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    server = postgres.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def warehouse(request: pytest.FixtureRequest, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """An empty warehouse with the database `shop`."""
    url = f"sqlite:///{data_dir / 'console.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server").database(f"t{uuid.uuid4().hex[:12]}")
        monkeypatch.setitem(django_settings.DATABASES, "default", dj_database_url.parse(url))
    storage.create_database("shop")
    return Warehouse(data_dir, url)


@pytest.fixture
def sales(warehouse: Warehouse) -> TableRef:
    """The name of a table that does not exist yet."""
    return TableRef("shop", "sales")


@pytest.fixture
def parquet(tmp_path: Path) -> Callable[[str], Path]:
    """Writes the rows of a SELECT to a new Parquet file; its path."""

    def write(select: str) -> Path:
        path = tmp_path / f"{uuid.uuid4().hex}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        return path

    return write


@pytest.fixture
def rows_of() -> Callable[[TableRef, str], list[tuple[object, ...]]]:
    """The rows a SELECT over `t`, the table as it is now, gives."""

    def read(ref: TableRef, sql: str = "SELECT * FROM t") -> list[tuple[object, ...]]:
        with duckdb.connect() as connection:
            return connection.execute(f"WITH t AS ({storage.select(storage.snapshot(ref))}) {sql}").fetchall()

    return read
