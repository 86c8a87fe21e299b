"""Rows that come in over the API: all of a body or nothing, once, whatever dies on the way."""

import errno
import gzip
from pathlib import Path
from typing import Any

import msgpack
import pytest

from console.warehouse import storage
from console.warehouse.imports import decode, parts, sessions
from console.warehouse.imports.models import BulkImport
from console.warehouse.types import TableRef
from console.workbench import jobs, worker
from console.workbench.models import Job
from tests.api.conftest import Api, packed, rows_of, run_jobs
from tests.api.test_door import refusal

pytestmark = pytest.mark.usefixtures("shop")
ORDERS = TableRef("shop", "orders")
IMPORT = "table/import/shop/orders/msgpack.gz"


def start(api: Api, name: str = "s", *bodies: bytes) -> None:
    assert api.post(f"bulk_import/create/{name}/shop/orders").status_code == 200
    for number, body in enumerate(bodies):
        assert api.put(f"bulk_import/upload_part/{name}/part-{number}", body).status_code == 200


def show(api: Api, name: str = "s") -> dict[str, Any]:
    return dict(api.get(f"bulk_import/show/{name}").json())


def perform(api: Api, name: str = "s") -> dict[str, Any]:
    assert api.post(f"bulk_import/perform/{name}").status_code == 200
    run_jobs()
    return show(api, name)


def spooled() -> list[Path]:
    from django.conf import settings

    return [p for p in settings.SPOOL_DIR.rglob("*") if p.is_file()] if settings.SPOOL_DIR.exists() else []


def test_an_import_answers_with_the_md5(api: Api) -> None:
    import hashlib

    body = packed({"time": 1, "user": "ada"})
    found = api.put(IMPORT, body).json()
    digest = hashlib.md5(body).hexdigest()
    assert found.keys() == {"database", "table", "unique_id", "md5_hex", "elapsed_time"}
    assert (found["md5_hex"], found["unique_id"]) == (digest, digest)
    assert isinstance(found["elapsed_time"], float)
    assert rows_of("orders") == [{"time": 1, "user": "ada"}]


def test_an_empty_body_is_a_probe(api: Api) -> None:
    assert api.put(IMPORT, gzip.compress(b"")).status_code == 200
    assert storage.history(ORDERS) == []


def test_the_same_id_adds_its_rows_once(api: Api) -> None:
    for _ in range(3):
        found = api.put("table/import_with_id/shop/orders/00ff/msgpack.gz", packed({"time": 1}))
        assert found.json()["unique_id"] == "00ff"
    assert len(rows_of("orders")) == 1


def test_a_table_made_again_takes_the_id_again(api: Api) -> None:
    path = "table/import_with_id/shop/orders/00ff/msgpack.gz"
    api.put(path, packed({"time": 1}))
    api.post("table/delete/shop/orders")
    api.post("table/create/shop/orders/log")
    assert api.put(path, packed({"time": 1})).status_code == 200
    assert len(rows_of("orders")) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (packed({"time": 1})[:-9], 400),
        (gzip.compress(msgpack.packb({"time": 1, "s": "long"})[:-2], mtime=0), 400),
        (b"garbage", 422),
        (b"", 422),
        (packed([1]), 422),
        (packed({"time": 1}, {"time": "soon"}), 422),
        (packed({"time": 1} | {f"c{n}": 1 for n in range(600)}), 422),
    ],
)
def test_a_bad_body_adds_nothing(api: Api, body: bytes, code: int) -> None:
    refusal(api.put(IMPORT, body), code)
    assert (rows_of("orders"), spooled()) == ([], [])


def test_a_body_beyond_the_limit_is_413(api: Api, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 100_000
    refusal(api.put(IMPORT, gzip.compress(msgpack.packb({"time": 1}) * 50_000)), 413)
    refusal(api.put(IMPORT, bytes(200_000)), 413)
    api.post("bulk_import/create/s/shop/orders")
    refusal(api.put("bulk_import/upload_part/s/p", gzip.compress(msgpack.packb({"time": 1}) * 50_000)), 413)
    assert (parts.names("s"), spooled()) == ([], [])


def test_other_formats_and_tables_are_refused(api: Api) -> None:
    refusal(api.put("table/import/shop/orders/csv.gz", packed({"time": 1})), 422)
    refusal(api.put("table/import/shop/nothing/msgpack.gz", packed({"time": 1})), 404)


def test_new_columns_appear_and_values_keep_the_tables_types(api: Api) -> None:
    api.put(IMPORT, packed({"time": 1, "n": 1}))
    api.put(IMPORT, packed({"time": 2, "n": "2", "extra": [1, 2], "meta": {"a": None}}))
    assert {row["time"]: row for row in rows_of("orders")} == {
        1: {"time": 1, "n": 1, "extra": None, "meta": None},
        2: {"time": 2, "n": 2, "extra": [1, 2], "meta": '{"a":null}'},
    }
    message = refusal(api.put(IMPORT, packed({"time": 3, "n": "three"})), 422)
    assert "three" in message
    assert len(rows_of("orders")) == 2


def test_a_full_disk_keeps_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("console.warehouse.imports.files.pq.ParquetWriter", full)
    assert "disk is full" in refusal(api.put(IMPORT, packed({"time": 1})), 507)
    start(api)
    refusal(api.put("bulk_import/upload_part/s/p", packed({"time": 1})), 507)
    assert (rows_of("orders"), parts.names("s"), spooled()) == ([], [], [])


def test_a_session_lives_as_clients_expect(api: Api) -> None:
    start(api, "s", packed({"time": 1, "n": 1}), packed({"time": 2, "n": 2.5, "extra": "x"}))
    assert show(api) == {
        "name": "s", "database": "shop", "table": "orders", "status": "uploading",
        "upload_frozen": False, "job_id": None,
        "valid_records": None, "error_records": None, "valid_parts": None, "error_parts": None,
    }  # fmt: skip
    assert api.post("bulk_import/freeze/s").json() == {"name": "s", "bulk_import": "s"}
    performed = api.post("bulk_import/perform/s", priority="0").json()
    assert type(performed["job_id"]) is int
    assert show(api)["status"] == "performing"
    run_jobs()
    ready = show(api)
    assert (ready["status"], ready["job_id"]) == ("ready", str(performed["job_id"]))
    assert (ready["valid_records"], ready["error_records"], ready["valid_parts"], ready["error_parts"]) == (
        2,
        0,
        2,
        0,
    )
    assert rows_of("orders") == []
    assert api.post("bulk_import/commit/s").json() == {"name": "s", "bulk_import": "s"}
    assert show(api)["status"] == "committed"
    assert rows_of("orders") == [{"time": 1, "n": 1.0, "extra": None}, {"time": 2, "n": 2.5, "extra": "x"}]
    assert [path.name for path in spooled()] == ["errors.msgpack.gz"]
    assert api.post("bulk_import/delete/s").status_code == 200
    assert spooled() == []


def test_a_part_sent_again_replaces_the_first(api: Api) -> None:
    start(api, "s", packed({"time": 1}, {"time": 2}))
    for _ in range(3):
        api.put("bulk_import/upload_part/s/part-0", packed({"time": 9}))
    assert len({path.parent for path in spooled()}) == 1
    assert perform(api)["valid_records"] == 1
    api.post("bulk_import/commit/s")
    assert rows_of("orders") == [{"time": 9}]


def test_bad_parts_and_records_are_counted_and_listed(api: Api) -> None:
    cut = packed({"time": 1, "n": 5})[:-9]
    start(api, "s", packed({"time": 1}, {"time": "soon", "n": 1}), cut, b"garbage")
    found = perform(api)
    assert (found["valid_records"], found["error_records"]) == (1, 1)
    assert (found["valid_parts"], found["error_parts"]) == (1, 2)
    listed = b"".join(api.get("bulk_import/error_records/s").streaming_content)
    records = list(msgpack.Unpacker(__import__("io").BytesIO(gzip.decompress(listed)), raw=False))
    assert [(r["part"], r["row"]) for r in records] == [("part-0", 1), ("part-1", None), ("part-2", None)]
    assert records[0]["record"] == {"time": "soon", "n": 1}
    api.post("bulk_import/commit/s")
    assert rows_of("orders") == [{"time": 1}]


def test_error_records_of_a_fresh_session_are_an_empty_gzip(api: Api) -> None:
    start(api)
    assert gzip.decompress(b"".join(api.get("bulk_import/error_records/s").streaming_content)) == b""


def test_a_frozen_session_takes_no_part(api: Api) -> None:
    start(api, "s", packed({"time": 1}))
    api.post("bulk_import/freeze/s")
    refusal(api.put("bulk_import/upload_part/s/late", packed({"time": 2})), 422)
    refusal(api.post("bulk_import/delete_part/s/part-0"), 422)
    refusal(api.post("bulk_import/freeze/s"), 409)
    api.post("bulk_import/unfreeze/s")
    assert api.put("bulk_import/upload_part/s/late", packed({"time": 2})).status_code == 200
    assert api.get("bulk_import/list_parts/s").json()["parts"] == ["late", "part-0"]


def test_a_freeze_during_an_upload_wins(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    start(api)
    real = decode.decode

    def slow(*args: Any, **kwargs: Any) -> Any:
        sessions.freeze("s")
        return real(*args, **kwargs)

    monkeypatch.setattr(parts, "decode", slow)
    refusal(api.put("bulk_import/upload_part/s/p", packed({"time": 1})), 422)
    assert (parts.names("s"), spooled()) == ([], [])


def test_steps_out_of_turn_are_refused(api: Api) -> None:
    start(api, "s", packed({"time": 1}))
    refusal(api.post("bulk_import/commit/s"), 422)
    refusal(api.post("bulk_import/create/s/shop/orders"), 409)
    api.post("bulk_import/perform/s")
    refusal(api.post("bulk_import/commit/s"), 422)
    refusal(api.post("bulk_import/unfreeze/s"), 422)
    run_jobs()
    api.post("bulk_import/commit/s")
    refusal(api.post("bulk_import/perform/s"), 422)
    refusal(api.put("bulk_import/upload_part/s/p", packed({"time": 1})), 422)


def test_perform_asked_twice_is_one_job(api: Api) -> None:
    start(api, "s", packed({"time": 1}))
    first, second = (api.post("bulk_import/perform/s").json()["job_id"] for _ in range(2))
    assert first == second
    assert Job.objects.count() == 1


def test_a_part_after_perform_has_to_be_performed_too(api: Api) -> None:
    start(api, "s", packed({"time": 1}))
    perform(api)
    api.post("bulk_import/unfreeze/s")
    api.put("bulk_import/upload_part/s/more", packed({"time": 2}))
    refusal(api.post("bulk_import/commit/s"), 422)
    assert perform(api)["valid_records"] == 2
    api.post("bulk_import/commit/s")
    assert rows_of("orders") == [{"time": 1}, {"time": 2}]


def test_a_commit_repeated_or_cut_off_adds_the_rows_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    start(api, "s", packed({"time": 1}))
    perform(api)
    real = storage.commit

    def dies_afterwards(prepared: Any) -> int:
        real(prepared)
        raise SystemExit  # the process is gone: nothing more is written

    monkeypatch.setattr(storage, "commit", dies_afterwards)
    with pytest.raises(SystemExit):
        sessions.commit("s")
    monkeypatch.setattr(storage, "commit", real)
    assert show(api)["status"] == "committing"
    refusal(api.post("bulk_import/delete/s"), 409)
    for _ in range(2):
        assert api.post("bulk_import/commit/s").status_code == 200
    assert (show(api)["status"], rows_of("orders")) == ("committed", [{"time": 1}])


def test_perform_again_after_its_worker_died(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    start(api, "s", packed({"time": 1}))
    job = api.post("bulk_import/perform/s").json()["job_id"]
    real = storage.prepare_append

    def dies(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise SystemExit

    monkeypatch.setattr(storage, "prepare_append", dies)
    with pytest.raises(SystemExit):
        sessions.perform("s")
    monkeypatch.setattr(storage, "prepare_append", real)
    assert show(api)["status"] == "performing"
    worker.run_job(job)
    api.post("bulk_import/commit/s")
    assert rows_of("orders") == [{"time": 1}]


def test_a_killed_or_failed_perform_can_be_asked_again(api: Api, user: Any) -> None:
    api.put(IMPORT, packed({"time": 0, "n": 1}))
    start(api, "s", packed({"time": 1, "n": "three"}))
    jobs.kill(Job.objects.get(pk=api.post("bulk_import/perform/s").json()["job_id"]), user)
    assert show(api)["status"] == "uploading"
    assert perform(api)["status"] == "uploading"
    assert "three" in Job.objects.latest("id").error_message
    api.post("bulk_import/unfreeze/s")
    api.put("bulk_import/upload_part/s/part-0", packed({"time": 1, "n": 3}))
    assert perform(api)["status"] == "ready"
    api.post("bulk_import/commit/s")
    assert rows_of("orders") == [{"time": 0, "n": 1}, {"time": 1, "n": 3}]


def test_columns_declared_between_perform_and_commit(api: Api) -> None:
    start(api, "s", packed({"time": 1, "b": 1, "a": "x"}))
    perform(api)
    api.post_json(
        "table/append-schema/shop/orders", {"schema": [["a", "string"], ["c", "double"], ["b", "long"]]}
    )
    api.post("bulk_import/commit/s")
    assert rows_of("orders") == [{"time": 1, "a": "x", "c": None, "b": 1}]


def test_a_session_without_rows_commits_nothing(api: Api) -> None:
    start(api, "s", gzip.compress(b""))
    assert perform(api)["valid_records"] == 0
    assert api.post("bulk_import/commit/s").status_code == 200
    assert storage.history(ORDERS) == []


def test_old_sessions_go(api: Api) -> None:
    start(api, "old", packed({"time": 1}))
    start(api, "new")
    BulkImport.objects.filter(name="old").update(created_at="2020-01-01T00:00:00Z")
    assert sessions.remove_expired() == 1
    assert [s["name"] for s in api.get("bulk_import/list").json()["bulk_imports"]] == ["new"]
    assert spooled() == []


def test_a_new_session_of_an_old_name_is_another(api: Api) -> None:
    for time in (1, 2):
        start(api, "s", packed({"time": time}))
        perform(api)
        api.post("bulk_import/commit/s")
        api.post("bulk_import/delete/s")
    assert rows_of("orders") == [{"time": 1}, {"time": 2}]
