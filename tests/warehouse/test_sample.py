"""The sample tables: what is in them, and that they come once."""

from pathlib import Path

import duckdb
import pytest
from django.core.management import call_command

from console.warehouse import storage
from console.warehouse.sample import DATABASE, TABLES, load_sample_data
from console.warehouse.sample.www_access import rows
from console.warehouse.types import TableRef


def ask(table: str, sql: str) -> list[tuple[object, ...]]:
    select = storage.select(storage.snapshot(TableRef(DATABASE, table)))
    with duckdb.connect() as connection:
        return connection.execute(f"WITH t AS ({select}) {sql}").fetchall()


def test_the_tables_hold_what_they_say(data_dir: Path) -> None:
    assert load_sample_data() == ["www_access", "cdnow_customers", "cdnow_transactions"]
    columns = [(c.name, c.type) for c in storage.table(TableRef(DATABASE, "www_access")).columns]
    assert columns == [
        ("time", "long"), ("user", "string"), ("host", "string"), ("path", "string"), ("referer", "string"),
        ("code", "long"), ("agent", "string"), ("size", "long"), ("method", "string"),
    ]  # fmt: skip
    [(count, codes, methods)] = ask(
        "www_access", "SELECT count(*), count(DISTINCT code), list_sort(list(DISTINCT method)) FROM t"
    )
    assert (count, codes, methods) == (5000, 4, ["GET", "POST"])
    # The published figures of the CDNOW data set.
    assert ask(
        "cdnow_transactions", "SELECT count(*), count(DISTINCT customer_id), min(date), max(date) FROM t"
    ) == [(69659, 23570, "1997-01-01", "1998-06-30")]
    assert ask("cdnow_customers", "SELECT count(*), sum(purchases), max(first_purchase) FROM t") == [
        (23570, 69659, "1997-03-25")
    ]
    assert ask("cdnow_transactions", "SELECT time, quantity, amount FROM t WHERE customer_id = '00001'") == [
        (852076800, 1, 11.77)
    ]


def test_the_log_is_the_same_every_time() -> None:
    assert list(rows()) == list(rows())


def test_a_table_that_was_dropped_stays_away(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_sample_data()
    storage.drop_table(TableRef(DATABASE, "www_access"))
    call_command("load_sample_data")
    assert "loaded before" in capsys.readouterr().out
    assert len(storage.tables(DATABASE)) == len(TABLES) - 1
    storage.drop_database(DATABASE)
    assert load_sample_data() == []
    assert storage.databases() == []
