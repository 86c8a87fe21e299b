"""The official clients, unmodified, against a running console."""

import io
from typing import Any

import pandas as pd
import pytd
import pytest
import tdclient

from console.warehouse import storage
from console.warehouse.types import TableRef
from tests.api.conftest import Console, packed, rows_of

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def patient_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients ask again every 5 seconds; nothing else of them is touched."""
    monkeypatch.setattr("tdclient.bulk_import_model.BulkImport.commit.__defaults__", (False, 0.2, None))
    monkeypatch.setattr(
        "tdclient.bulk_import_model.BulkImport.perform.__defaults__", (False, 0.2, None, None)
    )


@pytest.fixture
def td(console: Console) -> Any:
    with tdclient.Client(apikey=console.key, endpoint=console.url) as client:  # no slash: asks for //v3/…
        yield client


def test_td_client_reads_the_account(td: Any) -> None:
    assert td.server_status() == "ok"
    assert [user.email for user in td.users()] == ["owner@example.com"]


def test_td_client_manages_databases_and_tables(td: Any) -> None:
    td.create_database("mart")
    td.create_log_table("mart", "one")
    with pytest.raises(tdclient.errors.AlreadyExistsError):
        td.create_database("mart")
    with pytest.raises(tdclient.errors.NotFoundError):
        td.create_log_table("nowhere", "one")
    td.update_schema("mart", "one", [["user", "string"], ["n", "long", "n"]])
    td.create_log_table("mart", "two")
    td.swap_table("mart", "one", "two")
    assert {db.name for db in td.databases()} == {"mart", "shop"}
    found = {table.name: table.schema for table in td.tables("mart")}
    assert found == {"one": [], "two": [["user", "string"], ["n", "long"]]}
    assert td.delete_table("mart", "one") == "log"
    td.delete_database("mart")
    assert [db.name for db in td.databases()] == ["shop"]


def test_td_client_imports_csv_json_and_msgpack(td: Any) -> None:
    td.import_file("shop", "orders", "csv", io.BytesIO(b"time,user,n\n1700000000,ada,1\n1700000001,,2\n"))
    td.import_file("shop", "orders", "json", io.BytesIO(b'{"time": 1700000002, "user": "bob", "n": 3}\n'))
    body = packed({"time": 1700000003, "user": "eve", "n": 4})
    elapsed = td.import_data("shop", "orders", "msgpack.gz", body, len(body), unique_id="a1")
    td.import_data("shop", "orders", "msgpack.gz", body, len(body), unique_id="a1")
    assert elapsed > 0
    assert rows_of("orders") == [
        {"time": 1700000000, "user": "ada", "n": 1},
        {"time": 1700000001, "user": None, "n": 2},
        {"time": 1700000002, "user": "bob", "n": 3},
        {"time": 1700000003, "user": "eve", "n": 4},
    ]
    assert next(iter(td.tail("shop", "orders", 1))).keys() == {"time", "user", "n"}


def test_td_client_goes_through_a_bulk_import(td: Any) -> None:
    session = td.create_bulk_import("session-1", "shop", "orders")
    session.upload_file("part-0", "json", io.BytesIO(b'{"time": 1, "n": 1}\n{"time": "soon", "n": 2}\n'))
    session.upload_file("part-1", "json", io.BytesIO(b'{"time": 3, "n": 2.5}\n'))
    session.upload_file("gone", "json", io.BytesIO(b'{"time": 4, "n": 4}\n'))
    session.delete_part("gone")
    assert session.list_parts() == ["part-0", "part-1"]
    with pytest.raises(RuntimeError, match="not frozen"):
        session.perform()
    session.freeze()
    job = session.perform(wait=True, wait_interval=0.2)
    assert (job.success(), td.job(job.job_id).type) == (True, "bulk_import_perform")
    assert (session.status, session.valid_records, session.error_records) == ("ready", 2, 1)
    assert (session.valid_parts, session.error_parts) == (2, 0)
    (refused,) = session.error_record_items()
    assert (refused["part"], refused["record"]) == ("part-0", {"time": "soon", "n": 2})
    assert rows_of("orders") == []
    session.commit(wait=True, wait_interval=0.2)
    assert rows_of("orders") == [{"time": 1, "n": 1.0}, {"time": 3, "n": 2.5}]
    assert [s.name for s in td.bulk_imports()] == ["session-1"]
    session.delete()
    assert td.bulk_imports() == []


def test_td_client_polls_jobs(td: Any, console: Console) -> None:
    session = td.create_bulk_import("session-1", "shop", "orders")
    session.upload_part("p", io.BytesIO(packed({"time": 1})), len(packed({"time": 1})))
    session.freeze()
    job = session.perform(wait=True, wait_interval=0.2)
    assert [found.job_id for found in td.jobs()] == [job.job_id]
    assert td.job_status(job.job_id) == "success"
    assert td.kill(job.job_id) == "success"
    assert td.job(job.job_id).url == f"{console.url}/workbench/jobs/{job.job_id}/"


FRAME: dict[str, list[Any]] = {
    "user": ["ada", "bob", None],
    "n": [1, 2, 3],
    "price": [1.5, None, 3.0],
    "time": [10, 20, 30],
}


@pytest.mark.parametrize("fmt", ["csv", "msgpack"])
def test_pytd_loads_a_frame(console: Console, fmt: str) -> None:
    client = pytd.Client(apikey=console.key, endpoint=console.url, database="shop")
    load = client.load_table_from_dataframe
    load(pd.DataFrame(FRAME), "shop.frames", writer="bulk_import", if_exists="error", fmt=fmt)
    first: list[dict[str, Any]] = [
        {"time": 10, "user": "ada", "n": 1, "price": 1.5},
        {"time": 20, "user": "bob", "n": 2, "price": None},
        {"time": 30, "user": None, "n": 3, "price": 3.0},
    ]
    assert {row["time"]: row for row in rows_of("frames")} == {row["time"]: row for row in first}
    load(pd.DataFrame(FRAME), "shop.frames", writer="bulk_import", if_exists="append", fmt=fmt)
    assert storage.table(TableRef("shop", "frames")).rows == 6
    with pytest.raises(RuntimeError, match="already exists"):
        load(pd.DataFrame(FRAME), "shop.frames", writer="bulk_import", if_exists="error", fmt=fmt)
    load(
        pd.DataFrame({"n": [7], "time": [1]}),
        "shop.frames",
        writer="bulk_import",
        if_exists="overwrite",
        fmt=fmt,
    )
    assert rows_of("frames") == [{"time": 1, "n": 7}]


def test_pytd_keeps_lists(console: Console) -> None:
    client = pytd.Client(apikey=console.key, endpoint=console.url, database="shop")
    frame = pd.DataFrame({"tags": [["a", "b"], []], "sizes": [[1, 2], [3]], "time": [1, 2]})
    client.load_table_from_dataframe(
        frame, "shop.lists", writer="bulk_import", if_exists="append", keep_list=True
    )
    assert {row["time"]: (row["tags"], row["sizes"]) for row in rows_of("lists")} == {
        1: (["a", "b"], [1, 2]),
        2: ([], [3]),
    }


def test_a_write_only_key_loads_in_bulk(console: Console) -> None:
    with tdclient.Client(apikey=console.write_only, endpoint=console.url) as td:
        td.api.create_bulk_import("mine", "shop", "orders")
        body = packed({"time": 1, "n": 5})
        td.api.bulk_import_upload_part("mine", "p", io.BytesIO(body), len(body))
        td.api.freeze_bulk_import("mine")
        job = td.api.perform_bulk_import("mine")
        while td.api.job_status(job) not in {"success", "error", "killed"}:
            pass
        td.api.commit_bulk_import("mine")
        td.api.delete_bulk_import("mine")
        with pytest.raises(tdclient.errors.ForbiddenError, match="write-only"):
            td.databases()
    assert rows_of("orders") == [{"time": 1, "n": 5}]
