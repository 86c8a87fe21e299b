"""Parent segments and folders over the API."""

from typing import Any

from activations import parents
from activations.models import Folder, ParentSegment
from console.accounts.models import User
from console.api.audience.routes import AUDIENCE_ROUTES
from tests.activations.conftest import DEFINITION, Write
from tests.api.audience.conftest import Api, ok, problems


def test_a_parent_segment_from_its_making_to_its_end(audiences: Api, shop: Write, user: User) -> None:
    made = ok(audiences.post(body=DEFINITION))
    one = audiences.below(made["id"])
    assert (made["name"], made["master"], made["version"], made["customers"], made["problems"]) == (
        "Retail customers", "shop.customers", 1, None, [],
    )  # fmt: skip
    assert made["attributes"][3] == {"column": "city", "name": "City", "kind": "text", "table": 0}
    assert made["owner"] == user.email
    parents.refresh_by_number(made["id"])
    shown = ok(one.get())
    assert shown["customers"] == 10
    assert shown["refreshed_at"]
    saved = ok(one.put(body={**shown, "name": "Retail", "zone": "Asia/Tokyo"}))
    assert (saved["name"], saved["zone"], saved["version"]) == ("Retail", "Asia/Tokyo", 2)
    assert saved["behavior_tables"] == shown["behavior_tables"]
    assert [row["name"] for row in ok(audiences.get())["audiences"]] == ["Retail"]
    assert ok(one.delete()) == {"id": made["id"], "deleted": True}
    assert one.get().status_code == 404


def test_what_is_left_out_stays(retail: Api) -> None:
    before = ok(retail.get())
    after = ok(retail.put(body={"refresh_cron": "@daily", "refresh_zone": "Asia/Tokyo"}))
    assert {key for key in before if before[key] != after[key]} == {
        "refresh_cron", "refresh_zone", "version", "updated_at"
    } - ({"updated_at"} if before["updated_at"] == after["updated_at"] else set())  # fmt: skip


WRONG: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"name": " "}, {"name"}),
    ({"name": 7, "attributes": 3, "zone": ["UTC"]}, {"name", "attributes", "zone"}),
    ({"master": "customers"}, {"master"}),
    ({"master": "shop.nothing"}, {"master"}),
    ({"key_column": "age of all"},
     {"key_column", "attribute_tables.0.master_column", "behavior_tables.0.master_column"}),
    ({"zone": "Mars/Base"}, {"zone"}),
    ({"refresh_cron": "* * *"}, {"refresh_cron"}),
    ({"refresh_zone": "Mars/Base"}, {"refresh_zone"}),
    ({"maste": "shop.customers"}, {"maste"}),
    ({"attribute_tables": [{"table": "shop.extra", "key_colum": "cid"}]}, {"attribute_tables.0.key_colum"}),
    ({"attribute_tables": [{"table": "shop.extra", "key_column": "city"}]}, {"attribute_tables.0.key_column"}),
    ({"attribute_tables": [{"table": "shop.extra", "key_column": "cid", "master_column": [1]}]},
     {"attribute_tables.0.master_column"}),
    ({"attributes": [{"column": "login", "kind": "text", "table": "0"}]}, {"attributes.0.table"}),
    ({"attributes": [{"column": "login", "kind": ["text"], "name": {}, "group": 1}]},
     {"attributes.0.kind", "attributes.0.group"}),
    ({"attributes": [{"column": "age", "kind": "date"}, {"column": "no", "kind": "text"}]},
     {"attributes.0.kind", "attributes.1.column"}),
    ({"behavior_tables": [{"name": "Orders", "table": "shop.orders", "key_column": "cid", "time_column": "when",
                           "columns": [{"column": "quantity", "kinds": "number"}]}]},
     {"behavior_tables.0.columns.0.kinds"}),
)  # fmt: skip


def test_every_problem_has_its_path(audiences: Api, shop: Write) -> None:
    for change, paths in WRONG:
        found = problems(audiences.post(body={**DEFINITION, **change}))
        assert set(found) == paths, change
        assert all(message.endswith(".") for message in found.values())
    assert not ParentSegment.objects.exists()


def test_a_name_that_is_taken_and_a_version_that_is_old_are_conflicts(audiences: Api, retail: Api) -> None:
    assert problems(audiences.post(body=DEFINITION), 409)["name"].startswith(
        "There is a parent segment named"
    )
    ok(retail.put(body={"name": "Retail"}))
    stale = retail.put(body={"name": "Other", "version": 1})
    assert (stale.status_code, stale.json()["details"]) == (409, {"version": 2})
    assert "Read it again" in stale.json()["message"]
    assert set(problems(retail.put(body={"name": "Other", "version": "2"}))) == {"version"}
    assert retail.put(body={"name": "Other", "version": 10**30}).status_code == 409


def test_only_its_owner_and_administrators_change_it(retail: Api, admin: User) -> None:
    parent = ParentSegment.objects.get()
    parent.owner = admin
    parent.save()
    for refused in (retail.put(body={"name": "Mine"}), retail.delete()):
        assert refused.status_code == 403
        assert "belongs to admin@example.com" in refused.json()["message"]
    assert ok(retail.get())["name"] == "Retail customers"
    ok(retail.post("refresh"))
    assert ok(retail.of(admin).put(body={"name": "Theirs"}))["name"] == "Theirs"


def test_what_has_activations_is_not_deleted(retail: Api, sends: Api) -> None:
    assert "has activations" in problems(retail.delete(), 409)[""]


def test_folders_are_a_tree(retail: Api, audience: ParentSegment) -> None:
    top = ok(retail.post("folders", {"name": "Regions"}))
    below = ok(retail.post("folders", {"name": "Europe", "folder": top["id"]}))
    assert (top["folder"], below["folder"], below["audience"]) == (None, top["id"], audience.pk)
    assert "named regions" in problems(retail.post("folders", {"name": "regions"}), 409)["name"]
    assert "Write a name" in problems(retail.post("folders", {}))["name"]
    assert set(problems(retail.post("folders", {"name": "x", "folder": 10**30}))) == {"folder"}
    assert set(problems(retail.post("folders", {"name": "x", "folder": True}))) == {"folder"}
    assert set(problems(retail.put(f"folders/{top['id']}", {"folder": below["id"]}))) == {"folder"}
    assert "not empty" in problems(retail.delete(f"folders/{top['id']}"), 409)[""]
    moved = ok(retail.put(f"folders/{below['id']}", {"folder": None, "name": "EMEA"}))
    assert (moved["name"], moved["folder"]) == ("EMEA", None)
    assert [one["name"] for one in ok(retail.get("folders"))["folders"]] == ["EMEA", "Regions"]
    assert ok(retail.get(f"folders/{below['id']}")) == moved
    ok(retail.delete(f"folders/{top['id']}"))
    assert [folder.name for folder in Folder.objects.all()] == ["EMEA"]


def test_lists_come_page_by_page(retail: Api, django_assert_max_num_queries: Any) -> None:
    Folder.objects.bulk_create(
        Folder(audience=ParentSegment.objects.get(), name=f"Folder {n:03}") for n in range(150)
    )
    first = ok(retail.get("folders"))
    assert (first["count"], first["total"], first["from"], first["to"]) == (100, 150, 0, 99)
    rest = ok(retail.get("folders", **{"from": 100, "to": 1099}))
    assert [rest["folders"][0]["name"], rest["count"]] == ["Folder 100", 50]
    assert ok(retail.get("folders", **{"from": 900}))["folders"] == []
    for bad in ({"from": -1}, {"from": 2, "to": 1}, {"to": 1000}, {"from": 2**70}, {"to": "x"}):
        assert retail.get("folders", **bad).status_code == 422
    with django_assert_max_num_queries(6):
        retail.get("folders")


def test_bodies_that_no_database_could_hold_are_400(retail: Api) -> None:
    for bad in ("[1]", "{", '"x"', '{"name": NaN}', '{"name": "\\ud800"}', '{"na\\u0000me": 1}', "[" * 100_000,
                '{"name":' * 5_000, b"\xff{}"):  # fmt: skip
        assert retail.post("folders", bad).status_code == 400, bad
    assert not Folder.objects.exists()


def test_every_door_and_every_number(audiences: Api, retail: Api, write_only: Any, client: Any) -> None:
    own_host = client.get("/audiences", headers={"Authorization": f"TD1 {audiences.key}"})
    assert (
        ok(own_host)
        == ok(audiences.get())
        == ok(client.get("/v3/audiences.json", headers={"Authorization": f"TD1 {audiences.key}"}))
    )
    assert client.get("/audiences/1/folders").status_code == 401
    assert write_only.get("audiences").status_code == 403
    assert not any(route.write_only or route.public for route in AUDIENCE_ROUTES)
    assert retail.put("folders").status_code == 405
    for number in ("0", "-1", "x", "9" * 30, "\u0663", str(2**63)):
        assert audiences.get(number).status_code == 404
        assert retail.get(f"segments/{number}").status_code == 404
