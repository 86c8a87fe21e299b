"""Segments over the API: rules, size, and the SQL that is shown and run."""

from typing import Any

import pytest

from activations import measuring
from activations.models import Folder, Measurement, Segment
from console.accounts.models import User
from console.workbench import jobs, results, worker
from tests.activations.conftest import EMEA
from tests.api.audience.conftest import Api, ok, problems

APAC = {"type": "group", "match": "all", "rules": [
    {"type": "attribute", "attribute": "region", "operator": "equals", "value": "APAC"},
    {"type": "behavior", "behavior": "Orders", "measure": "count", "operator": "at_least", "value": 5},
]}  # fmt: skip


def test_a_segment_from_its_making_to_its_end(retail: Api, user: User) -> None:
    folder = ok(retail.post("folders", {"name": "Regions"}))["id"]
    made = ok(retail.post("segments", {"name": "EMEA", "folder": folder, "rules": EMEA}))
    assert (made["name"], made["folder"], made["rules"], made["owner"]) == ("EMEA", folder, EMEA, user.email)
    path = f"segments/{made['id']}"
    assert ok(retail.get(path)) == made
    saved = ok(retail.put(path, {**made, "rules": APAC, "folder": None, "name": "APAC"}))
    assert (saved["name"], saved["folder"], saved["rules"], saved["version"]) == ("APAC", None, APAC, 2)
    [row] = ok(retail.get("segments"))["segments"]
    assert row == {key: value for key, value in saved.items() if key != "rules"}
    assert ok(retail.delete(path)) == {"id": made["id"], "deleted": True}
    assert retail.get(path).status_code == 404


def test_rules_have_their_problems_by_path(retail: Api) -> None:
    wrong = {"type": "group", "rules": [
        {"type": "attribute", "attribute": "age", "operator": "at_least", "value": "old"},
        {"type": "group", "match": "some", "rules": []},
        {"type": "segment", "segment": 10**30},
    ]}  # fmt: skip
    found = problems(retail.post("segments", {"name": "Wrong", "rules": wrong}))
    assert set(found) == {"rules.rules.0.value", "rules.rules.1.match", "rules.rules.2.segment"}
    for rules in ("everybody", [1], {"type": "attribute"}, {"rules": "x"}):
        found = problems(retail.post("segments", {"name": "Wrong", "rules": rules}))
        assert all(path.startswith("rules") for path in found)
    assert set(problems(retail.post("segments", {"name": "Wrong", "rule": EMEA}))) == {"rule"}
    assert set(problems(retail.post("segments", {"rules": EMEA}))) == {"name"}
    assert set(problems(retail.post("segments", {"name": ["x"]}))) == {"name"}
    assert not Segment.objects.exists()


def test_many_problems_are_all_in_the_details(retail: Api) -> None:
    rules = [{"type": "attribute", "attribute": f"no{n}", "operator": "is_set"} for n in range(20)]
    answer = retail.post("segments", {"name": "Wrong", "rules": {"type": "group", "rules": rules}})
    assert len(problems(answer)) == 20
    assert answer.json()["message"].endswith("And 17 more, in details.problems.")


def test_all_of_a_change_or_nothing(retail: Api, gold_api: Api) -> None:
    ok(retail.post("segments", {"name": "Silver"}))
    assert set(problems(gold_api.put(body={"rules": APAC, "name": "silver"}), 409)) == {"name"}
    assert (ok(gold_api.get())["rules"], ok(gold_api.get())["version"]) == (EMEA, 1)
    ok(gold_api.put(body={"rules": APAC, "version": 1}))
    for stale in ({"rules": EMEA, "version": 1}, {"name": "Other", "version": 1}):
        assert gold_api.put(body=stale).json()["details"] == {"version": 2}
    assert ok(gold_api.get())["name"] == "Gold"


def test_only_its_owner_and_administrators_change_it(gold_api: Api, admin: User) -> None:
    Segment.objects.update(owner=admin)
    for refused in (gold_api.put(body={"name": "Mine"}), gold_api.delete()):
        assert refused.status_code == 403
    assert ok(gold_api.of(admin).put(body={"name": "Theirs"}))["name"] == "Theirs"


def test_what_is_used_is_not_deleted(retail: Api, gold_api: Api, sends: Api) -> None:
    assert "is sent by Gold to CleverTap" in problems(gold_api.delete(), 409)[""]
    inner = ok(retail.post("segments", {"name": "Inner"}))["id"]
    ok(gold_api.put(body={"rules": {"type": "group", "rules": [{"type": "segment", "segment": inner}]}}))
    assert "part of the rules of Gold" in problems(retail.delete(f"segments/{inner}"), 409)[""]


def test_the_sql_shown_is_the_sql_run(gold_api: Api, user: User) -> None:
    shown = ok(gold_api.get("sql"))
    assert ok(gold_api.get("size"))["state"] == "none"
    assert ok(gold_api.post("size"))["state"] == "waiting"
    measuring.work(Measurement.objects.get().pk)
    size = ok(gold_api.get("size"))
    assert (size["state"], size["size"], size["size_is_current"], size["error"]) == ("done", 3, True, "")
    assert size["sql"] == shown["count_sql"] == Measurement.objects.get().sql
    assert (size["sample"]["columns"], size["sample"]["rows"][0]) == (
        ["login", "region", "age", "City"], ["u3", "EMEA", "30", "City 3"],
    )  # fmt: skip
    job = jobs.submit_sql(user=user, database=shown["database"], type=shown["type"], sql=shown["sql"])
    worker.run_job(job.pk)
    job.refresh_from_db()
    assert job.sql == shown["sql"]
    assert results.first_rows(job, 9)[0] == ("u3", "EMEA", "30", "City 3", "3")
    assert ok(gold_api.get())["size"] == 3
    ok(gold_api.put(body={"rules": APAC}))
    assert ok(gold_api.get("size"))["size_is_current"] is False


def test_a_column_that_is_gone_is_said(gold_api: Api, shop: Any) -> None:
    shop("customers", "SELECT 1::BIGINT AS id, 'u1' AS login")
    assert "has no column region any more" in problems(gold_api.get("sql"), 409)[""]
    ok(gold_api.post("size"))
    measuring.work(Measurement.objects.get().pk)
    size = ok(gold_api.get("size"))
    assert (size["state"], size["size"]) == ("failed", None)
    assert "has no column region any more" in size["error"]


def test_an_attribute_that_is_gone_stops_new_rules_but_no_new_name(retail: Api, gold_api: Api) -> None:
    ok(retail.put(body={"attributes": [{"column": "login", "kind": "text"}]}))
    assert ok(gold_api.put(body={"name": "Silver"}))["name"] == "Silver"
    for answer in (gold_api.put(body={"rules": EMEA}), gold_api.get("sql"), gold_api.post("size")):
        assert set(problems(answer)) == {"rules.rules.0.attribute"}


@pytest.mark.parametrize("path", ["", "/sql", "/size"])
def test_a_segment_belongs_to_its_parent_segment(
    audiences: Api, retail: Api, gold_api: Api, path: str
) -> None:
    own = gold_api.base.rpartition("/")[2]
    assert retail.get(f"segments/{own}{path}").status_code == 200
    assert audiences.get(f"999999/segments/{own}{path}").status_code == 404


def test_lists_ask_the_database_a_few_times(retail: Api, django_assert_max_num_queries: Any) -> None:
    for n in range(30):
        ok(retail.post("segments", {"name": f"Segment {n:02}"}))
    with django_assert_max_num_queries(6):
        assert ok(retail.get("segments"))["total"] == 30
    assert not Folder.objects.exists()
