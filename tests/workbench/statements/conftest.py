"""A shop with one table, and SQL run on it as a worker runs a job's."""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings

from console.warehouse import storage
from console.warehouse.engine.embedded import ENGINE
from console.warehouse.engine.interface import SqlError
from console.warehouse.types import TableRef
from console.workbench import statements
from console.workbench.models import Job
from tests.factories import claim, make_job

Sql = Callable[..., Job]


class Held:
    """A lease nobody takes away."""

    def heed(self) -> None: ...


@pytest.fixture
def shop(db: None, data_dir: Path) -> str:
    """A database with the table `sales`: time, code, name, amount; two rows."""
    name = f"shop_{uuid.uuid4().hex[:8]}"
    storage.create_database(name)
    columns = [("time", "long"), ("code", "long"), ("name", "string"), ("amount", "double")]
    storage.create_table(TableRef(name, "sales"), columns)
    fill(
        TableRef(name, "sales"),
        "VALUES (10, 1, 'a', 1.5::DOUBLE), (20, 2, NULL, 2.5)",
        [c for c, _ in columns],
        data_dir,
    )
    return name


@pytest.fixture
def sql(shop: str) -> Sql:
    def run(text: str, type: str = "presto", *, job: Job | None = None, lease: object = None) -> Job:
        job = claim(job or make_job(sql=text, type=type, database=shop), f"worker-{uuid.uuid4().hex[:6]}")
        statements.run(job, lease or Held(), ENGINE)  # type: ignore[arg-type]
        job.refresh_from_db()
        return job

    return run


def fill(ref: TableRef, values: str, names: list[str], folder: Path) -> None:
    path = folder / f"{uuid.uuid4().hex}.parquet"
    duckdb.execute(f"COPY (SELECT * FROM ({values}) AS t({', '.join(names)})) TO '{path}' (FORMAT parquet)")
    storage.append(ref, [path], operation_id=path.name)


def rows(shop: str, table: str = "sales") -> list[tuple[Any, ...]]:
    return storage.first_rows(TableRef(shop, table), 1000)[1]


def columns(shop: str, table: str) -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in storage.snapshot(TableRef(shop, table)).columns]


def refused(sql: Sql, text: str, type: str = "presto") -> SqlError:
    with pytest.raises(SqlError) as error:
        sql(text, type)
    assert left_behind() == []
    return error.value


def left_behind() -> list[Path]:
    """What lies beside the results: half a file, something spilled, the rows of a write that failed."""
    return list(Path(settings.RESULTS_DIR).glob("*"))
