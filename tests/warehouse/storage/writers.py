"""Processes that write to a warehouse: `python -m tests.warehouse.storage.writers <what> …`."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

import duckdb  # noqa: E402
from django.conf import settings  # noqa: E402

from console.warehouse import storage  # noqa: E402
from console.warehouse.storage import commits  # noqa: E402
from console.warehouse.storage.catalog import WarehouseCatalog  # noqa: E402
from console.warehouse.types import TableRef  # noqa: E402

SALES = TableRef("shop", "sales")


def write(select: str, name: str) -> Path:
    path = Path(settings.DATA_DIR) / f"{name}-{os.getpid()}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def append(label: str, times: str) -> None:
    """`times` appends of 100 rows each, of this label, numbered."""
    for i in range(int(times)):
        path = write(
            f"SELECT '{label}' AS label, {i} AS number, range AS row FROM range(100)", f"{label}-{i}"
        )
        storage.append(SALES, [path], operation_id=f"{label}-{i}", create=True)


def replace(times: str) -> None:
    """`times` replaces; the n-th leaves 1,000 rows that all say n, in two files."""
    for n in range(int(times)):
        paths = [write(f"SELECT {n} AS n FROM range({500})", f"replace-{n}-{half}") for half in (1, 2)]
        storage.replace(SALES, paths, operation_id=f"replace-{n}")


def swap(times: str) -> None:
    for _ in range(int(times)):
        storage.swap("shop", "sales", "other")


def overwrite(times: str) -> None:
    """`times` times a new table of 1,000 rows takes the place of `sales`."""
    for n in range(int(times)):
        path = write(f"SELECT {n} AS n FROM range(1000)", f"overwrite-{n}")
        temporary = TableRef("shop", f"sales_{n}")
        storage.append(temporary, [path], operation_id=f"overwrite-{n}", create=True)
        storage.rename(temporary, "sales", overwrite=True)


def die(where: str, operation_id: str, path: str) -> None:
    """Appends, and is killed at one exact place: before the commit, just before it counts, just after."""
    original = WarehouseCatalog._point_to

    def killed(*arguments: Any) -> None:
        if where == "after_commit":
            original(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    if where == "prepared":
        commits._commit_once = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    else:
        WarehouseCatalog._point_to = killed  # type: ignore[method-assign,assignment]
    storage.append(SALES, [path], operation_id=operation_id)


WHAT: dict[str, Callable[..., None]] = {
    "append": append,
    "replace": replace,
    "swap": swap,
    "overwrite": overwrite,
    "die": die,
}

if __name__ == "__main__":
    WHAT[sys.argv[1]](*sys.argv[2:])
