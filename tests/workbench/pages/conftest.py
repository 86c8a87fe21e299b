"""A warehouse with one table, and stored results, for the pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.utils import timezone

from console.accounts.models import User
from console.workbench.models import Job
from tests.factories import make_job, make_user
from tests.workbench.firing.conftest import FakeClock


@pytest.fixture
def owner(user: User) -> User:
    """Who is signed in and owns what the test makes."""
    return user


@pytest.fixture
def stranger(db: None) -> User:
    return make_user(email="stranger@example.com", name="Stranger")


@pytest.fixture
def finished(data_dir: Path) -> Callable[..., Job]:
    """Makes a finished job that keeps `table` as its result."""

    def make(table: pa.Table, schema: list[list[str]], **fields: Any) -> Job:
        job = make_job(status="success", stage="done", rows=table.num_rows, result_schema=schema, **fields)
        folder = data_dir / "results"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / f"{job.pk}-1.parquet")
        Job.objects.filter(pk=job.pk).update(result_path=f"{job.pk}-1.parquet")
        job.refresh_from_db()
        return job

    return make


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, db: None) -> FakeClock:
    """It is Monday, March 2 2026, 09:30 UTC, until the test moves it."""
    fake = FakeClock()
    monkeypatch.setattr(timezone, "now", fake)
    return fake


@pytest.fixture
def page(clock: FakeClock, client_logged_in: Client) -> Callable[..., str]:
    """`page("/…/", q="x", htmx="schedule-list")` is what `owner` sees there."""

    def get(address: str, *, htmx: str = "", status: int = 200, **query: str) -> str:
        headers = {"HX-Request": "true", "HX-Target": htmx} if htmx else {}
        reply = client_logged_in.get(address, query, headers=headers)
        assert reply.status_code == status, reply.content.decode()[:2000]
        return reply.content.decode()

    return get
