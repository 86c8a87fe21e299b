"""The door: paths, bodies, keys and errors as clients send and expect them."""

import json
from typing import Any

import pytest

from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from tests.api.conftest import Api, key_of, packed, rows_of
from tests.factories import PASSWORD, make_job

pytestmark = pytest.mark.usefixtures("shop")
ERROR_KEYS = {"error", "message", "text", "severity", "status_code"}


def refusal(response: Any, code: int) -> str:
    """The message of an error every client can read."""
    body = response.json()
    assert response.status_code == code, body
    assert body.keys() == ERROR_KEYS
    assert all(isinstance(body[key], str) for key in ERROR_KEYS - {"status_code"})
    assert (body["status_code"], body["severity"], body["text"]) == (code, "error", body["message"])
    return str(body["message"])


@pytest.mark.parametrize(
    "path",
    [
        "/v3/database/list",
        "//v3/database/list",
        "/v3/database/list/",
        "/v3/database/list.json",
        "///v3/database/list?",
    ],
)
def test_every_spelling_of_a_path_is_answered(api: Api, path: str) -> None:
    found = api.client.generic(
        "GET", "/", headers=api.headers, RAW_URI=path, PATH_INFO=path.partition("?")[0]
    )
    assert [database["name"] for database in found.json()["databases"]] == ["shop"]


def test_segments_are_decoded_once(api: Api) -> None:
    raw = "/v3/bulk_import/create/a%2Fb%2525%2E1/shop/orders"
    found = api.client.generic("POST", "/", headers=api.headers, RAW_URI=raw)
    assert found.json() == {"name": "a/b%25.1", "bulk_import": "a/b%25.1"}


def test_no_cookie_no_redirect_no_csrf(api: Api) -> None:
    found = api.post("database/create/fresh/")
    assert (found.status_code, found.cookies, found.has_header("Location")) == (200, {}, False)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("get", "nothing/here", 404),
        ("get", "", 404),
        ("get", "table/create/shop/x", 405),
        ("post", "table/import/shop/orders/msgpack.gz", 405),
        ("get", "table/list/nowhere", 404),
        ("get", "table/show/shop/nothing", 404),
        ("post", "table/create/nowhere/fresh/log", 404),
        ("post", "table/create/shop/orders/log", 409),
        ("post", "table/create/shop/Bad-Name/log", 422),
        ("post", "table/create/shop/item/item", 422),
        ("post", "database/create/shop", 409),
        ("post", "database/create/a", 422),
        ("post", "database/delete/nowhere", 404),
        ("post", "table/delete/shop/nothing", 404),
        ("post", "table/swap/shop/orders/nothing", 404),
        ("post", "table/rename/shop/nothing/other", 404),
        ("get", "table/distribution/shop/orders", 404),
        ("get", "job/show/12345", 404),
        ("get", "job/show/9999999999999999999999", 404),
        ("get", "job/show/abc", 404),
        ("get", "job/show/\u0663", 404),
        ("post", "job/kill/12345", 404),
        ("get", "bulk_import/show/nothing", 404),
        ("post", "bulk_import/freeze/nothing", 404),
        ("post", "bulk_import/commit/nothing", 404),
        ("post", "bulk_import/create/s/shop/nothing", 404),
        ("get", "user/apikey/list/somebody@example.com", 403),
    ],
)
def test_mistakes_have_their_code_and_a_message(api: Api, method: str, path: str, code: int) -> None:
    message = refusal(getattr(api, method)(path), code)
    assert message.endswith(".")


def test_no_key_and_wrong_keys_are_401(api: Api) -> None:
    for headers in (
        {},
        {"Authorization": "TD1 1/" + "0" * 40},
        {"Authorization": "Basic abc"},
        {"Authorization": "TD1"},
    ):
        refusal(api.client.get("/v3/database/list", headers=headers), 401)


def test_server_status_needs_no_key(api: Api) -> None:
    assert api.client.get("/v3/system/server_status").json() == {"status": "ok"}


def test_a_bare_key_is_enough(api: Api) -> None:
    assert (
        api.client.get("/v3/user/show", headers={"Authorization": api.key}).json()["email"]
        == "member@example.com"
    )


def test_the_key_of_a_disabled_user_is_no_key(api: Api, user: User) -> None:
    user.is_active = False
    user.save()
    refusal(api.get("database/list"), 401)


READING = [
    "user/show", "user/list", "user/apikey/list/x", "account/show", "database/list", "database/show/shop",
    "table/list/shop", "table/show/shop/orders", "table/tail/shop/orders",
    "bulk_import/list", "job/list", "job/show/1",
]  # fmt: skip
CHANGING = [
    "database/delete/shop", "table/delete/shop/orders", "table/swap/shop/orders/orders", "job/kill/1",
    "table/rename/shop/orders/other?overwrite=true", "table/update/shop/orders",
    "table/update-schema/shop/orders",
    "table/append-schema/shop/orders",
]  # fmt: skip


@pytest.mark.parametrize("path", READING)
def test_a_write_only_key_reads_nothing(write_only: Api, path: str) -> None:
    assert "write-only" in refusal(write_only.get(path), 403)


@pytest.mark.parametrize("path", CHANGING)
def test_a_write_only_key_changes_nothing(write_only: Api, path: str) -> None:
    assert "write-only" in refusal(write_only.post(path), 403)
    assert storage.table(TableRef("shop", "orders")).rows == 0


def test_a_write_only_key_imports(write_only: Api) -> None:
    assert write_only.post("table/create/shop/fresh/log").status_code == 200
    assert write_only.put("table/import/shop/fresh/msgpack.gz", packed({"time": 1})).status_code == 200
    assert write_only.get("user/apikey/validate").json()["key_type"] == "write_only"
    refusal(write_only.get(f"job/status/{make_job().pk}"), 403)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "multipart"]
)
def test_every_kind_of_body_carries_parameters(api: Api, content_type: str) -> None:
    path = "/v3/table/append-schema/shop/orders?ignored="
    schema = [["user", "string"], ["tags", "array<string>", "tags"]]
    if content_type == "multipart":
        found = api.client.post(path, {"schema": json.dumps(schema)}, headers=api.headers)
    elif content_type.endswith("json"):
        found = api.post_json("table/append-schema/shop/orders", {"schema": schema})
    else:
        from urllib.parse import urlencode

        body = urlencode({"schema": json.dumps(schema), "expire_days": ""})
        found = api.client.post(path, body, content_type=content_type, headers=api.headers)
    assert found.json() == {"database": "shop", "table": "orders", "type": "log"}
    assert json.loads(api.get("table/show/shop/orders").json()["schema"]) == [
        ["user", "string"],
        ["tags", "array<string>"],
    ]


@pytest.mark.parametrize("body", ["[1]", '"text"', "{", "[" * 100_000])
def test_json_that_is_no_object_is_400(api: Api, body: str) -> None:
    refusal(api.post_json("table/append-schema/shop/orders", body), 400)


@pytest.mark.parametrize(
    "schema",
    [
        [["v", "string"]],
        [["time", "long"]],
        [["a", "varchar"]],
        [["a"]],
        7,
        "x",
        [["A b", "int"]],
        [["a", "int"]] * 2,
    ],
)
def test_a_schema_that_clients_could_not_read_is_422(api: Api, schema: Any) -> None:
    refusal(api.post_json("table/append-schema/shop/orders", {"schema": schema}), 422)


def test_listings_have_their_keys_and_no_others(api: Api) -> None:
    assert api.get("database/list").json().keys() == {"databases"}
    assert api.get("bulk_import/list").json() == {"bulk_imports": []}
    assert api.get("database/show/shop").json()["permission"] == "administrator"
    (table,) = api.get("table/list/shop").json()["tables"]
    assert table.keys() == {
        "id", "name", "type", "count", "created_at", "updated_at", "counter_updated_at", "last_log_timestamp",
        "delete_protected", "estimated_storage_size", "schema", "expire_days", "include_v",
    }  # fmt: skip
    assert (table["schema"], table["count"], table["estimated_storage_size"]) == ("[]", 0, 0)


def test_types_sql_made_are_listed_as_clients_know_them(api: Api) -> None:
    kinds = ["boolean", "date", "timestamp", "decimal(10,2)", "array<boolean>", "map<string,long>", "binary"]
    storage.add_columns(TableRef("shop", "orders"), [(f"c{n}", kind) for n, kind in enumerate(kinds)])
    schema = json.loads(api.get("table/show/shop/orders").json()["schema"])
    assert [kind for _, kind in schema] == [
        "int",
        "string",
        "string",
        "string",
        "array<int>",
        "map<string,long>",
        "string",
    ]


def test_rename_over_a_table_takes_its_place(api: Api) -> None:
    api.post("table/create/shop/fresh/log")
    api.put("table/import/shop/fresh/msgpack.gz", packed({"time": 7}))
    refusal(api.post("table/rename/shop/fresh/orders"), 409)
    assert api.post("table/rename/shop/fresh/orders?overwrite=true").status_code == 200
    assert rows_of("orders") == [{"time": 7}]
    assert [t["name"] for t in api.get("table/list/shop").json()["tables"]] == ["orders"]


def test_jobs_look_as_clients_expect(api: Api, user: User) -> None:
    job = make_job(user=user, result_schema=[["id", "bigint"]], rows=2)
    shown = api.get(f"job/show/{job.pk}").json()
    assert (shown["job_id"], shown["status"], shown["type"]) == (str(job.pk), "queued", "presto")
    assert shown["hive_result_schema"] == '[["id", "bigint"]]'
    assert shown["debug"].keys() == {"cmdout", "stderr"}
    listed = api.get("job/list", **{"from": "0", "to": "0", "status": ""}).json()
    assert listed == {
        "jobs": [{k: v for k, v in shown.items() if k != "debug"}],
        "count": 1,
        "from": 0,
        "to": 0,
    }
    assert api.get("job/list", status="error").json()["jobs"] == []
    assert api.post(f"job/kill/{job.pk}").json() == {"job_id": str(job.pk), "former_status": "queued"}
    assert api.get(f"job/status/{job.pk}").json()["status"] == "killed"
    refusal(api.get("job/list", slower_than="x"), 422)


def test_a_stranger_may_not_kill(api: Api) -> None:
    refusal(api.post(f"job/kill/{make_job().pk}"), 403)


def test_authenticate_gives_the_master_key_and_slows_guessing(api: Api, user: User) -> None:
    found = api.client.post("/v3/user/authenticate", {"user": user.email, "password": PASSWORD})
    assert found.json() == {"name": str(user), "apikey": key_of(user)}
    codes = [
        api.client.post("/v3/user/authenticate", {"user": user.email, "password": "wrong"}).status_code
        for _ in range(8)
    ]
    assert (codes[0], codes[-1]) == (401, 429)
    refused = api.client.post("/v3/user/authenticate", {"user": user.email, "password": PASSWORD})
    assert int(refused["Retry-After"]) > 0


def test_everybody_reads_only_their_own_keys(api: Api, user: User) -> None:
    assert api.get(f"user/apikey/list/{user.email}").json() == {
        "apikeys": [key_of(user), key_of(user, "write_only")]
    }


def test_an_error_inside_has_a_number_to_report(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(storage, "databases", broken)
    found = api.get("database/list")
    message = refusal(found, 500)
    assert found["X-Request-Id"] in message
    assert "secret detail" not in message
