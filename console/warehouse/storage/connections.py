"""Connections to the database that holds the catalog: where it is, and how many a process may have."""

from typing import Any

import sqlalchemy as sa
from django.conf import settings

IDLE = 1  # connections that a process keeps open while it does nothing
MOST = 4  # connections of one process to a server that all of them share


def uri() -> str:
    """SQLAlchemy's URL of the catalog's database."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("postgresql"):
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{settings.DATA_DIR / 'warehouse.sqlite3'}"
    host = database.get("HOST") or None
    url = sa.URL.create(
        "postgresql+psycopg",
        username=database.get("USER") or None,
        password=database.get("PASSWORD") or None,
        host=None if host and host.startswith("/") else host,
        port=int(database["PORT"]) if database.get("PORT") else None,
        database=str(database["NAME"]),
        query={"host": host} if host and host.startswith("/") else {},
    )
    return url.render_as_string(hide_password=False)


def engine(uri: str) -> sa.Engine:
    """A small pool: the catalog's transactions are short, and every web and worker process has a pool.

    A thread that finds all of PostgreSQL's connections taken waits for one. SQLite's cost nobody anything.
    """
    if uri.startswith("sqlite"):
        made = sa.create_engine(uri, pool_size=IDLE, max_overflow=-1, connect_args={"timeout": 60})
        sa.event.listen(made, "connect", _prepare_sqlite)
        return made
    return sa.create_engine(
        uri,
        pool_size=IDLE,
        max_overflow=MOST - IDLE,
        pool_timeout=60,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10},
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=60000")
    cursor.close()
