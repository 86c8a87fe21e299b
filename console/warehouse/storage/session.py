"""A short-lived DuckDB connection for the warehouse's own SQL. What users write never runs here."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
from django.conf import settings


@contextmanager
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    settings.SPOOL_DIR.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": settings.JOB_MEMORY,
            "threads": settings.JOB_THREADS,
            "temp_directory": str(settings.SPOOL_DIR / "duckdb"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()
