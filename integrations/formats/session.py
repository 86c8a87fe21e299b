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
THREADS = min(4, os.cpu_count() or 1)  # what comes after can't take more than so many give
BATCH_BYTES = 2 << 20  # of formatted rows fetched at a time
MOST_ROWS = 8_192
# A row group that DuckDB may unpack in every thread at once. Larger ones are read page by page, as Arrow batches.
DIRECT_BYTES = 64 << 20


@dataclass(frozen=True)
class Source:
    """`table` is SQL for the rows; `columns` are its column names and DuckDB's types, in order.

    Without a row no type is known: then both are empty.
    """

    connection: duckdb.DuckDBPyConnection
    table: str
    columns: tuple[tuple[str, Any], ...]
    batch_rows: int  # how many rows make about BATCH_BYTES
    failures: list[BaseException]  # of the batches, which DuckDB only describes


@dataclass
class _Opened:
    """What the session will read."""

    table: str = ""
    row_bytes: int = 1
    path: str = ""  # the one file that it may open
    batches: pa.RecordBatchReader | None = None
    failures: list[BaseException] = field(default_factory=list)


@contextmanager
def source(rows: RowStream) -> Iterator[Source]:
    opened = _parquet(rows) if rows.parquet and rows.total else _arrow(rows)
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
        if opened.batches:
            connection.register("stream", opened.batches)
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"SET allowed_paths = [{literal(opened.path) if opened.path else ''}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        columns: tuple[tuple[str, Any], ...] = ()
        if opened.table:
            shown = connection.sql(f"SELECT * FROM {opened.table}")
            columns = tuple(zip(shown.columns, shown.types, strict=True))
        yield Source(connection, opened.table, columns, _batch_rows(opened.row_bytes), opened.failures)


def _parquet(rows: RowStream) -> _Opened:
    with pq.ParquetFile(rows.parquet) as file:
        facts = file.metadata
        stored = facts.num_rows
        groups = [facts.row_group(index) for index in range(facts.num_row_groups)]
    row_bytes = max(1, sum(group.total_byte_size for group in groups) // max(1, stored))
    if max((group.total_byte_size for group in groups), default=0) > DIRECT_BYTES:
        return _arrow(RowStream(rows.columns, stored, lambda: _pages(rows, row_bytes)).first(rows.total))
    path = str(rows.parquet)
    table = f"read_parquet({literal(path)}, hive_partitioning = false)"
    if stored > rows.total:
        table = f"(SELECT * FROM {table} LIMIT {rows.total})"
    return _Opened(table, row_bytes, path)


def _pages(rows: RowStream, row_bytes: int) -> Iterator[pa.RecordBatch]:
    """Wide rows a few at a time: never a whole row group in memory."""
    with pq.ParquetFile(rows.parquet, pre_buffer=False, buffer_size=1 << 20) as file:
        yield from file.iter_batches(batch_size=_batch_rows(row_bytes), use_threads=False)


def _arrow(rows: RowStream) -> _Opened:
    """Arrow batches under made-up column names: the real ones may repeat."""
    batches = iter(rows.open())
    first = list(islice(batches, 1))
    if not first:
        return _Opened()
    names = [f"c{index}" for index in range(first[0].num_columns)]
    opened = _Opened(name("stream"), _row_bytes(first[0]))

    def renamed() -> Iterator[pa.RecordBatch]:
        try:
            for batch in chain(first, batches):
                step = _batch_rows(_row_bytes(batch))  # as many rows as DuckDB formats at a time
                for start in range(0, batch.num_rows, step):
                    yield batch.slice(start, step).rename_columns(names)
        except Exception as error:
            opened.failures.append(error)
            raise

    schema = first[0].rename_columns(names).schema
    opened.batches = pa.RecordBatchReader.from_batches(schema, renamed())
    return opened


def _row_bytes(batch: pa.RecordBatch) -> int:
    return max(1, int(batch.nbytes) // max(1, int(batch.num_rows)))


def _batch_rows(row_bytes: int) -> int:
    return max(1, min(MOST_ROWS, BATCH_BYTES // row_bytes))
