"""The second lock, by itself: SQL handed straight to the session the child runs, as if the gate had let it through."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from console.warehouse.engine.embedded import ENGINE, specification
from console.warehouse.engine.interface import Statement, StatementKind
from console.warehouse.engine.session import open_session
from console.warehouse.engine.writing import write
from console.warehouse.types import Snapshot, TableRef

from .conftest import ACCESS, LIMITS, translate

# {mine} is a file of the table the statement names, {other} one of another table, {folder} where both are.
READS = [
    "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_text('../../../etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')", "SELECT * FROM read_blob('/proc/self/maps')", "SELECT * FROM '/etc/passwd'", "SELECT * FROM '{other}'",
    "SELECT * FROM read_parquet('{other}')", "SELECT * FROM read_parquet('{folder}/*.parquet')", "SELECT * FROM read_parquet('{folder}/../*/other.parquet')",
    "SELECT * FROM read_parquet(['{mine}', '{other}'])", "SELECT * FROM parquet_scan('{other}')", "SELECT * FROM parquet_metadata('{other}')", "SELECT * FROM parquet_schema('{other}')",
    "SELECT * FROM parquet_file_metadata('{other}')", "SELECT * FROM parquet_kv_metadata('{other}')", "SELECT * FROM parquet_bloom_probe('{other}', 'a', 1)", "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_ndjson_objects('/etc/passwd')", "SELECT * FROM glob('/etc/*')", "SELECT * FROM glob('{folder}/*')", "SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM read_duckdb('{folder}/x.db')",
    "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')", "SELECT * FROM query_table('/etc/passwd')", "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''/etc/passwd'')'))",
    "SELECT getenv('PATH')", "SELECT * FROM which_secret('s3://a/b', 's3')", "SELECT * FROM write", "SELECT * FROM LIMITS", "SELECT * FROM statement", "SELECT * FROM read_parquet('https://127.0.0.1:1/x.parquet')",
    "SELECT * FROM read_csv('s3://bucket/x.csv')", "SELECT * FROM read_text('file:///etc/passwd')", "SELECT * FROM sqlite_scan('{folder}/x.db', 't')", "SELECT * FROM read_parquet('{mine}/../other.parquet')",
]  # fmt: skip
CHANGES = [
    "SET enable_external_access=true", "SET memory_limit='20GB'", "SET threads=64", "SET allowed_paths=['/']", "SET allowed_directories=['/']", "SET lock_configuration=false", "SET TimeZone='Asia/Tokyo'",
    "SET integer_division=false", "SET temp_directory='{folder}'", "SET autoload_known_extensions=true", "SET extension_directory='{folder}'", "SET log_query_path='{folder}/stolen'", "SET secret_directory='{folder}'",
    "RESET memory_limit", "RESET lock_configuration", "PRAGMA memory_limit='20GB'", "PRAGMA enable_profiling='json'", "PRAGMA profiling_output='{folder}/stolen'", "CALL enable_logging()", "SELECT * FROM enable_logging()",
]  # fmt: skip
WRITES = [
    "COPY (SELECT 1) TO '{folder}/stolen.csv'", "COPY (SELECT 1) TO '/tmp/stolen-{pid}.csv'", "COPY (SELECT 1) TO '{other}'", "COPY (SELECT 1 AS a) TO '{folder}/stolen' (FORMAT parquet, PARTITION_BY (a))",
    "EXPORT DATABASE '{folder}/stolen'", "IMPORT DATABASE '{folder}'", "ATTACH '{folder}/stolen.db' AS x", "ATTACH '{other}' AS x", "INSTALL httpfs", "FORCE INSTALL httpfs", "LOAD httpfs", "LOAD '{folder}/x.duckdb_extension'",
    "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a')", "CREATE TABLE t AS SELECT * FROM read_text('/etc/passwd')", "CREATE VIEW v AS SELECT * FROM read_text('/etc/passwd')",
]  # fmt: skip
NO_SELECT = [
    "CREATE TABLE t AS SELECT 1", "CREATE OR REPLACE VIEW sample_datasets.www_access AS SELECT 1", "DROP VIEW sample_datasets.www_access", "CREATE MACRO m() AS 1", "ATTACH ':memory:' AS x", "SET VARIABLE x = 1", "SET schema='main'",
    "USE memory", "COPY (SELECT 1) TO '{mine}' (FORMAT parquet, USE_TMP_FILE false)", "PREPARE x AS SELECT 1", "EXPLAIN SELECT 1", "CHECKPOINT", "VACUUM", "BEGIN", "PRAGMA version", "CALL pragma_version()", "SELECT 1; SELECT 2", "",
    "SELECT 1; COPY (SELECT 1) TO '{folder}/stolen.csv'", "INSERT INTO sample_datasets.www_access SELECT 1", "UPDATE sample_datasets.www_access SET code = 1",
]  # fmt: skip


@pytest.fixture(scope="module")
def spec(snapshots: dict[TableRef, Snapshot], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("session")
    duckdb.execute(f"COPY (SELECT 42 AS secret) TO '{folder / 'other.parquet'}' (FORMAT parquet)")
    return specification(translate("SELECT * FROM www_access"), snapshots, folder / "out.parquet", LIMITS)


@pytest.fixture(scope="module")
def session(spec: dict[str, Any]) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_session(spec) as con:
        yield con


@pytest.fixture
def places(spec: dict[str, Any]) -> dict[str, object]:
    folder = Path(spec["output"]).parent
    mine = spec["views"][0]["files"][0]
    return {"folder": folder, "other": folder / "other.parquet", "mine": mine, "pid": os.getpid()}


@pytest.mark.parametrize("sql", READS)
def test_it_reads_no_other_file(
    sql: str, session: duckdb.DuckDBPyConnection, places: dict[str, object]
) -> None:
    with pytest.raises(duckdb.Error):
        session.execute(sql.format(**places)).fetchall()


@pytest.mark.parametrize("sql", CHANGES)
def test_it_keeps_its_settings(
    sql: str, session: duckdb.DuckDBPyConnection, places: dict[str, object]
) -> None:
    before = settings_of(session)
    with pytest.raises(duckdb.Error):
        session.execute(sql.format(**places)).fetchall()
    assert settings_of(session) == before


@pytest.mark.parametrize("sql", WRITES)
def test_it_writes_no_other_file(
    sql: str, session: duckdb.DuckDBPyConnection, places: dict[str, Any]
) -> None:
    before = files_of(places["folder"])
    with pytest.raises(duckdb.Error):
        session.execute(sql.format(**places)).fetchall()
    assert files_of(places["folder"]) == before
    assert not Path(f"/tmp/stolen-{os.getpid()}.csv").exists()


@pytest.mark.parametrize("sql", NO_SELECT)
def test_only_one_select_runs(
    sql: str, session: duckdb.DuckDBPyConnection, spec: dict[str, Any], places: dict[str, Any]
) -> None:
    before = files_of(places["folder"]), digest(places["mine"])
    with pytest.raises(duckdb.PermissionException, match="Only a SELECT can run"):
        write(session, spec | {"sql": sql.format(**places)})
    assert (files_of(places["folder"]), digest(places["mine"])) == before


def test_a_view_shows_only_its_table(session: duckdb.DuckDBPyConnection) -> None:
    assert session.execute("SELECT count(*) FROM sample_datasets.www_access").fetchall() == [(100,)]
    with pytest.raises(duckdb.CatalogException):
        session.execute("SELECT * FROM sample_datasets.kinds")


def test_the_process_knows_none_of_the_sites_secrets(
    snapshots: dict[TableRef, Snapshot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENDOFF_SECRET_KEY", "a-planted-secret")
    endless = translate(
        "SELECT count(*) FROM www_access a, www_access b, www_access c, www_access d, www_access e"
    )
    running = ENGINE.start(endless, snapshots, tmp_path / "out.parquet", LIMITS)
    try:
        child = psutil.Process(running._process.pid)  # type: ignore[attr-defined]
        until = time.monotonic() + 60
        while running.progress() is None and time.monotonic() < until:
            running.wait(0.05)
        assert "a-planted-secret" not in str(child.environ())
        assert child.cwd() == "/"
        assert not [one for one in child.net_connections() if one.raddr]
        assert {Path(file.path).suffix for file in child.open_files()} <= {".parquet", ".part"}
    finally:
        running.cancel()


def test_a_statement_that_forgot_the_gate_still_finds_the_lock(
    snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> None:
    """The whole way through the child process: its error names no path."""
    forged = Statement(
        StatementKind.SELECT, "presto", "x", "SELECT * FROM read_text('/etc/passwd')", (ACCESS,)
    )
    with pytest.raises(Exception, match="file system operations are disabled") as refused:
        ENGINE.start(forged, snapshots, tmp_path / "out.parquet", LIMITS).wait(60)
    assert "/etc/passwd" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def settings_of(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return session.execute("SELECT name, value FROM duckdb_settings() ORDER BY name").fetchall()


def files_of(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


def digest(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
