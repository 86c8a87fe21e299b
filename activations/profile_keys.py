"""The keys of the profiles in a run: taken out of its result, kept beside it, compared with an earlier run's.

The query of a run has the key as its last column. It never leaves: what is stored as the result, shown, downloaded and
sent has exactly the mapped columns. Plain files and DuckDB; no models.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from console.warehouse.storage.columns import literal, quoted
from console.warehouse.storage.session import session

_PARQUET = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"  # as the engine writes results
_EXAMPLES = 3


@dataclass(frozen=True)
class Difference:
    added: int
    removed: int
    unchanged: int


class Repeated(Exception):
    """A profile would be sent more than once; `examples` are such keys."""

    def __init__(self, count: int, examples: list[str]) -> None:
        super().__init__(f"{count:,} rows")
        self.count, self.examples = count, examples


def set_aside(result: Path, keys: Path) -> int:
    """Moves the last column of `result` to the file `keys`. Returns the number of profiles. Raises Repeated."""
    last = pq.read_schema(result).names[-1]
    keys.parent.mkdir(parents=True, exist_ok=True)
    with session() as con:
        con.execute(
            f"COPY (SELECT {quoted(last)} AS key FROM {_read(result)}) TO {literal(str(keys))} {_PARQUET}"
        )
        profiles = _check(con, keys)
        without = result.with_name(f"{result.name}.without-keys")
        try:
            con.execute(
                f"COPY (SELECT * EXCLUDE ({quoted(last)}) FROM {_read(result)}) TO {literal(str(without))} {_PARQUET}"
            )
            os.replace(without, result)
        finally:
            without.unlink(missing_ok=True)
    return profiles


def difference(now: Path, before: Path) -> Difference | None:
    """How the profiles differ; None where the two have keys of different types, which nobody can compare."""
    with session() as con:
        if _type(con, now) != _type(con, before):
            return None
        unchanged = _number(con, f"SELECT count(*) FROM {_read(now)} SEMI JOIN {_read(before)} USING (key)")
    return Difference(_rows(now) - unchanged, _rows(before) - unchanged, unchanged)


def _check(con: duckdb.DuckDBPyConnection, keys: Path) -> int:
    profiles = _rows(keys)
    repeated = profiles - _number(con, f"SELECT count(DISTINCT key) FROM {_read(keys)}")
    if not repeated:
        return profiles
    examples = con.execute(
        f"SELECT key::VARCHAR FROM {_read(keys)} GROUP BY key HAVING count(*) > 1 ORDER BY key LIMIT {_EXAMPLES}"
    ).fetchall()
    keys.unlink()
    raise Repeated(repeated, [row[0] for row in examples])


def _read(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def _type(con: duckdb.DuckDBPyConnection, path: Path) -> object:
    return con.execute(f"DESCRIBE FROM {_read(path)}").fetchall()[0][1]


def _number(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    found = con.execute(sql).fetchone()
    assert found is not None
    return int(found[0])
