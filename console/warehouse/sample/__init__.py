"""Tables to try things on: a web access log (made up) and the purchases of a real shop (CDNOW)."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import duckdb

from console.warehouse import storage
from console.warehouse.sample.www_access import COLUMNS, rows
from console.warehouse.storage.columns import literal
from console.warehouse.types import AlreadyExists, TableRef

DATABASE = "sample_datasets"
CDNOW = Path(__file__).parent / "data" / "cdnow.csv.gz"  # SOURCE.md beside it says whose it is

_PURCHASES = (
    "SELECT customer_id, strptime(date, '%Y%m%d') AS day, number_of_cds::BIGINT AS quantity,"
    f" dollar_value::DOUBLE AS amount FROM read_csv({literal(str(CDNOW))}, header=true, all_varchar=true)"
)


def load_sample_data() -> list[str]:
    """Makes the sample tables never made before; their names. A table somebody dropped stays away."""
    return [name for name, write in TABLES.items() if _load(name, write)]


def _load(name: str, write: Callable[[str], None]) -> bool:
    operation = f"sample/{name}"  # maintenance never forgets these
    if storage.committed_rows(operation) is not None:
        return False
    with suppress(AlreadyExists):
        storage.create_database(DATABASE)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/{name}.parquet"
        write(path)
        storage.append(TableRef(DATABASE, name), [path], operation_id=operation, create=True)
    return True


def _www_access(path: str) -> None:
    with duckdb.connect() as connection:
        columns = ", ".join(f'"{column}" {kind}' for column, kind in COLUMNS)
        connection.execute(f"CREATE TABLE log ({columns})")
        places = ", ".join("?" * len(COLUMNS))
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO log VALUES ({places})", list(rows()))
        connection.execute(f"COPY log TO {literal(path)} (FORMAT parquet)")


def _transactions(path: str) -> None:
    _copy(
        f"SELECT epoch(day)::BIGINT AS time, customer_id, strftime(day, '%Y-%m-%d') AS date, quantity, amount"
        f" FROM ({_PURCHASES}) ORDER BY time, customer_id, quantity, amount",
        path,
    )


def _customers(path: str) -> None:
    _copy(
        "SELECT epoch(min(day))::BIGINT AS time, customer_id,"
        " strftime(min(day), '%Y-%m-%d') AS first_purchase, strftime(max(day), '%Y-%m-%d') AS last_purchase,"
        " count(*) AS purchases, sum(quantity)::BIGINT AS quantity,"
        f" round(sum(amount), 2) AS amount FROM ({_PURCHASES}) GROUP BY customer_id ORDER BY customer_id",
        path,
    )


def _copy(select: str, path: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO {literal(path)} (FORMAT parquet)")


TABLES: dict[str, Callable[[str], None]] = {
    "www_access": _www_access,
    "cdnow_customers": _customers,
    "cdnow_transactions": _transactions,
}

__all__ = ["DATABASE", "TABLES", "load_sample_data"]
