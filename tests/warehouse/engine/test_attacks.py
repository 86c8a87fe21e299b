"""User SQL reads the tables it names and nothing else. Each attack goes the way a job's SQL goes: translated, its tables
looked up in a real warehouse, run in the child process. All are refused with an error that a person can read, and leave
nothing behind."""

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from django.test import override_settings

from console.warehouse import storage
from console.warehouse.engine.embedded import ENGINE
from console.warehouse.engine.interface import SqlError
from console.warehouse.types import TableRef
from console.workbench.statements import snapshots_of

from . import attacks
from .conftest import ACCESS, EMPTY, LIMITS, rows_of

PAYROLL = TableRef("secrets", "payroll")
ATTACKS = [
    *(("presto", sql) for sql in attacks.BOTH + attacks.PRESTO),
    *(("hive", sql) for sql in attacks.BOTH + attacks.HIVE),
]

_INSIDE = ("sqlglot", "Token", "<class", "duckdb", "DuckDB", "Traceback", "__", "read_parquet", "/data/")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a warehouse in it: a table to read, an empty one, and a secret one in another database."""
    root = tmp_path_factory.mktemp("attacked")
    rows = root / "rows.parquet"
    duckdb.execute(f"COPY (SELECT 1 AS time, 'u1' AS \"user\", 200 AS code) TO '{rows}' (FORMAT parquet)")
    with override_settings(DATA_DIR=root, WAREHOUSE_URL=str(root / "warehouse"), SPOOL_DIR=root / "spool"):
        for ref in (ACCESS, EMPTY, PAYROLL):
            if ref.database not in {one.name for one in storage.databases()}:
                storage.create_database(ref.database)
            storage.append(ref, [rows], operation_id=f"fill-{ref}", create=True)
        yield root


def attack(sql: str, type: str, output: Path) -> None:
    statement = ENGINE.translate(sql, type, database="sample_datasets", scheduled_time=0)
    ENGINE.start(statement, snapshots_of(statement), output, LIMITS).wait(60)


def state(folder: Path) -> dict[str, bytes]:
    """Every file below the folder, except the catalog's own database, which readers lock."""
    return {
        str(path): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "sqlite3" not in path.name
    }


@pytest.mark.parametrize(("type", "sql"), ATTACKS, ids=[f"{type}: {sql}" for type, sql in ATTACKS])
def test_it_is_refused_in_clear_words_and_leaves_nothing(type: str, sql: str, folder: Path) -> None:
    secret = storage.snapshot(PAYROLL).files[0]
    written = sql.format(folder=folder, secret=secret)
    before = state(folder)
    with pytest.raises(SqlError) as refused:
        attack(written, type, folder / "out.parquet")
    assert state(folder) == before
    assert refused.value.line is not None
    assert refused.value.column is not None
    message = f"{refused.value} {refused.value.hint}"
    assert re.match(r"\S.*[.]", str(refused.value)), "a sentence"
    leaks = {word for word in _INSIDE if word in message and word not in written}
    assert not leaks


@pytest.mark.parametrize("type", ["presto", "hive"])
def test_what_is_no_attack_passes_the_same_way(type: str, folder: Path) -> None:
    attack(
        "SELECT count(*) FROM www_access a JOIN secrets.payroll b ON a.code = b.code",
        type,
        folder / "out.parquet",
    )
    assert rows_of(folder / "out.parquet") == [(1,)]
    (folder / "out.parquet").unlink()


def test_a_name_of_its_own_hides_a_table_or_a_function(folder: Path) -> None:
    sql = "WITH www_access AS (SELECT 7 AS read_text) SELECT read_text FROM www_access AS duckdb_settings"
    attack(sql, "presto", folder / "out.parquet")
    assert rows_of(folder / "out.parquet") == [(7,)]
    (folder / "out.parquet").unlink()


@pytest.mark.parametrize("name", ["main", "temp", "system", "memory", "information_schema", "pg_catalog"])
def test_a_database_named_as_the_engine_names_its_own_is_only_a_database(name: str, folder: Path) -> None:
    ref = TableRef(name, "tables")
    storage.create_database(name)
    storage.append(ref, [folder / "rows.parquet"], operation_id=f"fill-{ref}", create=True)
    attack(f"SELECT code FROM {name}.tables", "presto", folder / "out.parquet")
    assert rows_of(folder / "out.parquet") == [(200,)]
    (folder / "out.parquet").unlink()
    storage.drop_database(name)
