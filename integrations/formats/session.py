"""A DuckDB session that sees the rows and nothing else: one Parquet file, or Arrow batches."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from integrations.formats.sql import literal, name
from integrations.rows import RowStream

MEMORY = "512MB"  # a limit, not a need: 10 M rows of 8 columns take less than half of it
THREADS = min(8, os.cpu_count() or 1)
BATCH_BYTES = 2 << 20  # of formatted rows fetched at a time
MOST_ROWS = 16_384


@dataclass(frozen=True)
class Source:
    """`table` is SQL for the rows; `columns` are its column names and DuckDB's types, in order.

    Without a row no type is known: then both are empty.
    """

    connection: duckdb.DuckDBPyConnection
    table: str
    columns: tuple[tuple[str, Any], ...]
    batch_rows: int  # how many rows make about BATCH_BYTES
    failures: list[BaseException] = field(default_factory=list)  # of the batches, which DuckDB only describes


@contextmanager
def source(rows: RowStream) -> Iterator[Source]:
    with duckdb.connect(
        config={
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        }
    ) as connection:
        failures: list[BaseException] = []
        opened = _parquet(connection, rows) if rows.parquet else _batches(connection, rows, failures)
        table, row_bytes = opened
        columns: tuple[tuple[str, Any], ...] = ()
        if table:
            shown = connection.sql(f"SELECT * FROM {table}")
            columns = tuple(zip(shown.columns, shown.types, strict=True))
        batch_rows = max(1, min(MOST_ROWS, BATCH_BYTES // row_bytes))
        yield Source(connection, table, columns, batch_rows, failures)


def _parquet(connection: duckdb.DuckDBPyConnection, rows: RowStream) -> tuple[str, int]:
    if not rows.total:
        return "", 1
    path = str(rows.parquet)
    with pq.ParquetFile(path) as file:
        facts = file.metadata
        stored = facts.num_rows
        size = sum(facts.row_group(group).total_byte_size for group in range(min(facts.num_row_groups, 8)))
        counted = sum(facts.row_group(group).num_rows for group in range(min(facts.num_row_groups, 8)))
    _lock(connection, path)
    table = f"read_parquet({literal(path)}, hive_partitioning = false)"
    if stored > rows.total:
        table = f"(SELECT * FROM {table} LIMIT {rows.total})"
    return table, max(1, size // max(1, counted))


def _batches(
    connection: duckdb.DuckDBPyConnection, rows: RowStream, failures: list[BaseException]
) -> tuple[str, int]:
    """Arrow batches under made-up column names: the real ones may repeat."""
    batches = iter(rows.open())
    first = list(islice(batches, 1))
    if not first:
        return "", 1
    names = [f"c{index}" for index in range(first[0].num_columns)]

    def renamed() -> Iterator[pa.RecordBatch]:
        try:
            for batch in chain(first, batches):
                yield batch.rename_columns(names)
        except Exception as error:
            failures.append(error)
            raise

    reader = pa.RecordBatchReader.from_batches(first[0].rename_columns(names).schema, renamed())
    connection.register("stream", reader)
    _lock(connection)
    return name("stream"), max(1, first[0].nbytes // max(1, first[0].num_rows))


def _lock(connection: duckdb.DuckDBPyConnection, *paths: str) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET allowed_paths = [{', '.join(map(literal, paths))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
