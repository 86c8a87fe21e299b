"""A warehouse made by hand: Parquet files written by DuckDB, and Snapshots that name them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from console.warehouse.engine.embedded import ENGINE
from console.warehouse.engine.interface import Limits, Outcome, Statement
from console.warehouse.types import Column, Snapshot, TableRef

SCHEDULED = 1_767_225_600  # 2026-01-01 00:00:00 UTC
LIMITS = Limits(memory="500MB", threads=2, seconds=60)
ACCESS = TableRef("sample_datasets", "www_access")
EMPTY = TableRef("sample_datasets", "nothing_yet")
_COLUMNS = (
    ("time", "long", "BIGINT"), ("user", "string", "VARCHAR"), ("code", "long", "BIGINT"),
    ("amount", "double", "DOUBLE"), ("tags", "array<string>", "VARCHAR[]"), ("late", "string", "VARCHAR"),
)  # fmt: skip
_OLD = """SELECT 1767225600 + i * 3600 AS time, CASE WHEN i % 4 = 0 THEN NULL ELSE 'u' || (i % 4) END AS user,
    CAST(200 + i % 3 AS INTEGER) AS code, CAST(i * 1.5 AS DOUBLE) AS amount, ['a', 'b'] AS tags FROM range(60) t(i)"""
_NEW = _OLD.replace("AS tags", "AS tags, 'x' AS late").replace("range(60)", "range(60, 100)")


@pytest.fixture(scope="session")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> dict[TableRef, Snapshot]:
    """100 rows in two files; the older one has no column `late` and a narrower `code`."""
    folder = tmp_path_factory.mktemp("warehouse")
    files = [folder / "old.parquet", folder / "new.parquet"]
    for file, sql in zip(files, (_OLD, _NEW), strict=True):
        duckdb.execute(f"COPY ({sql}) TO '{file}' (FORMAT parquet)")
    columns = tuple(Column(name, type, i + 1, engine) for i, (name, type, engine) in enumerate(_COLUMNS))
    size = sum(file.stat().st_size for file in files)
    return {
        ACCESS: Snapshot(ACCESS, 1, columns, tuple(map(str, files)), 100, size),
        EMPTY: Snapshot(EMPTY, None, columns, (), 0, 0),
    }


@pytest.fixture
def run(
    snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> Callable[..., tuple[Outcome, list[tuple[Any, ...]]]]:
    """Run SQL through the child process; the outcome and the rows of the file it wrote."""

    def run_sql(
        sql: str | Statement, type: str = "presto", limits: Limits = LIMITS
    ) -> tuple[Outcome, list[tuple[Any, ...]]]:
        statement = sql if isinstance(sql, Statement) else translate(sql, type)
        output = tmp_path / "result.parquet"
        outcome = ENGINE.start(statement, snapshots, output, limits).wait(60)
        assert outcome is not None
        return outcome, rows_of(output)

    return run_sql


def translate(sql: str, type: str = "presto") -> Statement:
    return ENGINE.translate(sql, type, database="sample_datasets", scheduled_time=SCHEDULED)


def rows_of(output: Path) -> list[tuple[Any, ...]]:
    rows: Sequence[tuple[Any, ...]] = duckdb.execute(f"SELECT * FROM read_parquet('{output}')").fetchall()
    return list(rows)
