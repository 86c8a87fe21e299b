"""A warehouse made by hand: Parquet files written by DuckDB, and Snapshots that name them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from console.warehouse.engine import macros
from console.warehouse.engine.embedded import ENGINE, specification
from console.warehouse.engine.interface import Limits, Outcome, SqlError, Statement
from console.warehouse.engine.session import open_session
from console.warehouse.engine.writing import write
from console.warehouse.types import Column, Snapshot, TableRef

SCHEDULED = 1_767_225_600  # 2026-01-01 00:00:00 UTC
LIMITS = Limits(memory="500MB", threads=2, seconds=60)
ACCESS = TableRef("sample_datasets", "www_access")
EMPTY = TableRef("sample_datasets", "nothing_yet")
KINDS = TableRef("sample_datasets", "kinds")
_COLUMNS = (("time", "long", "BIGINT"), ("user", "string", "VARCHAR"), ("code", "long", "BIGINT"),
            ("amount", "double", "DOUBLE"), ("tags", "array<string>", "VARCHAR[]"), ("late", "string", "VARCHAR"))  # fmt: skip
_OLD = """SELECT 1767225600 + i * 3600 AS time, CASE WHEN i % 4 = 0 THEN NULL ELSE 'u' || (i % 4) END AS user,
    CAST(200 + i % 3 AS INTEGER) AS code, CAST(i * 1.5 AS DOUBLE) AS amount, ['a', 'b'] AS tags FROM range(60) t(i)"""
_NEW = _OLD.replace("AS tags", "AS tags, 'x' AS late").replace("range(60)", "range(60, 100)")
# One row of every type a table can have; the second is all NULL.
_KINDS = (
    ("n", "long", "BIGINT", "7"), ("i", "int", "INTEGER", "3"), ("d", "double", "DOUBLE", "2.5"),
    ("r", "float", "FLOAT", "0.5"), ("dec", "decimal(10,2)", "DECIMAL(10,2)", "12.34"),
    ("s", "string", "VARCHAR", "'text'"), ("digits", "string", "VARCHAR", "'42'"), ("b", "boolean", "BOOLEAN", "true"),
    ("day", "date", "DATE", "DATE '2026-01-31'"), ("ts", "timestamp", "TIMESTAMP", "TIMESTAMP '2026-01-31 10:20:30.5'"),
    ("tz", "timestamptz", "TIMESTAMPTZ", "TIMESTAMPTZ '2026-01-31 10:20:30.5+00'"), ("bin", "binary", "BLOB", "encode('abc')"),
    ("xs", "array<long>", "BIGINT[]", "[1, 2, NULL]"), ("m", "map<string,long>", "MAP(VARCHAR, BIGINT)", "MAP {'a': 1, 'b': 2}"),
    ("row", "struct<a:long,b:string>", "STRUCT(a BIGINT, b VARCHAR)", "{'a': 1, 'b': 'x'}"),
    ("rows", "array<struct<a:long,b:string>>", "STRUCT(a BIGINT, b VARCHAR)[]", "[{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]"),
    ("json", "string", "VARCHAR", """'{"a":{"b":[1,"two",null]}}'"""),
)  # fmt: skip
Answer = Callable[[str, str], list[tuple[Any, ...]]]


@pytest.fixture(scope="session")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> dict[TableRef, Snapshot]:
    """100 rows in two files, the older without the column `late`; a table without rows; and one of every type."""
    folder = tmp_path_factory.mktemp("warehouse")
    columns = tuple(Column(name, type, i + 1, engine) for i, (name, type, engine) in enumerate(_COLUMNS))
    kinds = tuple(Column(name, type, i + 1, engine) for i, (name, type, engine, _) in enumerate(_KINDS))
    values = ", ".join(f"CAST({value} AS {engine}) AS {name}" for name, _, engine, value in _KINDS)
    nulls = ", ".join(f"CAST(NULL AS {engine})" for _, _, engine, _ in _KINDS)
    return {
        ACCESS: snapshot(folder, ACCESS, columns, [_OLD, _NEW]),
        KINDS: snapshot(folder, KINDS, kinds, [f"SELECT {values} UNION ALL SELECT {nulls}"]),
        EMPTY: Snapshot(EMPTY, None, columns, (), 0, 0),
    }


def snapshot(folder: Path, ref: TableRef, columns: tuple[Column, ...], selects: Sequence[str]) -> Snapshot:
    files: list[Path] = []
    rows = 0
    with duckdb.connect() as con:
        con.execute("SET TimeZone='UTC'")
        for select in selects:
            path = folder / f"{ref.table}{len(files)}.parquet"
            names = {row[0] for row in con.execute(f"DESCRIBE {select}").fetchall()}
            ids = ", ".join(
                f'"{column.name}": {column.field_id}' for column in columns if column.name in names
            )
            con.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet, FIELD_IDS {{{ids}}})")
            rows += con.fetchall()[0][0]
            files.append(path)
    return Snapshot(ref, 1, columns, tuple(map(str, files)), rows, sum(file.stat().st_size for file in files))


@pytest.fixture
def run(
    snapshots: dict[TableRef, Snapshot], tmp_path: Path
) -> Callable[..., tuple[Outcome, list[tuple[Any, ...]]]]:
    """Run SQL through the child process; the outcome and the rows of the file it wrote."""

    def run_sql(
        sql: str | Statement, type: str = "presto", limits: Limits = LIMITS
    ) -> tuple[Outcome, list[tuple[Any, ...]]]:
        statement = sql if isinstance(sql, Statement) else translate(sql, type, snapshots)
        output = tmp_path / "result.parquet"
        outcome = ENGINE.start(statement, snapshots, output, limits).wait(60)
        assert outcome is not None
        return outcome, rows_of(output)

    return run_sql


@pytest.fixture(scope="session")
def answer(snapshots: dict[TableRef, Snapshot], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answer]:
    """The rows a statement gives, by way of the child's own code in one session per dialect: without the cost of a
    process for each of some thousand values."""
    output = tmp_path_factory.mktemp("answers") / "result"
    sessions: dict[str, duckdb.DuckDBPyConnection] = {}

    def ask(sql: str, type: str) -> list[tuple[Any, ...]]:
        spec = specification(translate(sql, type, snapshots), snapshots, output, LIMITS)
        if type not in sessions:
            tables = ", ".join(f"{ref} t{i}" for i, ref in enumerate(snapshots))
            every = " ".join(f"{name}(" for name in macros.definitions())
            whole = specification(translate(f"SELECT 1 FROM {tables}", type), snapshots, output, LIMITS)
            sessions[type] = open_session(whole | {"macros": macros.needed(every)})
        write(sessions[type], spec)
        return rows_of(Path(str(spec["output"])))

    yield ask
    for session in sessions.values():
        session.close()


def translate(
    sql: str, type: str = "presto", snapshots: Mapping[TableRef, Snapshot] | None = None
) -> Statement:
    known = {ref: snapshot.columns for ref, snapshot in (snapshots or {}).items()}
    return ENGINE.translate(
        sql,
        type,
        database="sample_datasets",
        scheduled_time=SCHEDULED,
        columns=lambda ref: known.get(ref, ()),
    )


def refusal(sql: str, type: str = "presto") -> SqlError:
    """The error a statement is refused with before it runs."""
    with pytest.raises(SqlError) as refused:
        translate(sql, type)
    return refused.value


def rows_of(output: Path) -> list[tuple[Any, ...]]:
    rows = duckdb.execute(f"SELECT * FROM read_parquet('{output}')").fetchall()
    return [tuple(row) for row in rows]
