"""Activations over the API, in the shape of Treasure Data's syndications; their runs, and what arrives."""

import json
from typing import Any

import pytest

from activations import activating
from activations.errors import Invalid
from activations.models import Activation, ActivationRun, Segment
from console.accounts.models import User
from console.api.audience.rules_of_time import cron_of
from console.notices.models import Preferences
from console.workbench import worker
from console.workbench.models import Job, Schedule
from integrations.models import Authentication
from tests.activations.conftest import SETTINGS, Write
from tests.api.audience.conftest import Api, ok, problems
from tests.standins.clevertap import StandIn

delivers = pytest.mark.django_db(transaction=True)  # a delivery's threads have connections of their own
COLUMNS = [
    {"column": "identity", "source": {"column": "login"}},
    {"column": "Town", "source": {"column": "City"}},
]
STRINGS = [{"column": "segment", "type": "segment_id"}, {"column": "by", "type": "string", "value": "API"}]


@pytest.fixture
def body(authentication: Authentication) -> dict[str, Any]:
    return {
        "name": "Gold by API", "connectionId": authentication.pk, "connectorConfig": SETTINGS, "allColumns": False,
        "columns": COLUMNS, "strings": STRINGS, "timezone": "Asia/Tokyo", "scheduleType": "none", "description": "",
    }  # fmt: skip


@delivers
def test_what_is_made_by_the_api_arrives(
    gold_api: Api, body: dict[str, Any], service: StandIn, gold: Segment, user: User
) -> None:
    made = ok(gold_api.post("syndications", body))
    kept = {key: made[key] for key in body if key != "description"}
    assert kept == {key: body[key] for key in kept} | {"connectorConfig": made["connectorConfig"]}
    assert made["connectorConfig"].items() >= SETTINGS.items()
    assert (made["problems"], made["paused"], made["segmentId"], made["owner"]) == (
        [],
        False,
        gold.pk,
        user.email,
    )
    one = gold_api.below("syndications", made["id"])
    shown = ok(one.get("sql"))
    began = ok(one.post("run"))
    assert (began["status"], began["profiles"]) == ("queued", None)
    job = Job.objects.get(pk=began["job_id"])
    assert job.sql == shown["sql"]  # no Timestamp is sent, so the moment isn't in it
    worker.run_job(job.pk)
    assert {name: service.profiles[name] for name in sorted(service.profiles)} == {
        name: {"Town": town, "segment": str(gold.pk), "by": "API"}
        if town
        else {"segment": str(gold.pk), "by": "API"}
        for name, town in (("u3", "City 3"), ("u6", None), ("u9", None))
    }
    second = ok(one.post("run"))["job_id"]
    worker.run_job(int(second))
    runs = ok(one.get("runs"))["runs"]
    assert [(run["job_id"], run["status"], run["profiles"]) for run in runs] == [
        (second, "success", 3), (began["job_id"], "success", 3),
    ]  # fmt: skip
    assert [runs[0][key] for key in ("added", "removed", "unchanged", "compared_with_job_id")] == [
        0, 0, 3, began["job_id"]
    ]  # fmt: skip
    assert runs[1]["added"] is None


def test_every_problem_has_its_path(gold_api: Api, body: dict[str, Any]) -> None:
    wrong = {
        **body, "name": " ", "connectionId": 10**30, "connectorConfig": {"target": "everything"},
        "columns": [{"column": "a", "source": {"column": "nobody"}}, {"column": "A", "source": {"column": "login"}},
                    {"column": "", "source": {"column": "login"}}, {"source": "login"}, 7],
        "strings": [{"column": "a", "type": "moon"}], "description": "x", "notifyOn": ["moon"],
    }  # fmt: skip
    found = problems(gold_api.post("syndications", wrong))
    assert set(found) == {
        "name", "connectionId", "columns.3.source.column", "columns.4.source.column", "strings.0.type", "description",
        "notifyOn",
    }  # fmt: skip
    wrong |= {"connectionId": body["connectionId"], "columns": wrong["columns"][:3], "strings": []}
    assert set(problems(gold_api.post("syndications", wrong))) == {
        "name", "connectorConfig.target", "columns.0.source.column", "columns.1.column", "columns.2.column",
        "description", "notifyOn",
    }  # fmt: skip
    assert not Activation.objects.exists()


ONE_PROBLEM: tuple[tuple[dict[str, Any], str], ...] = (
    ({"columns": [], "strings": []}, ""),
    ({"allColumns": "yes"}, ""),
    ({"allColumns": True}, "columns"),
    ({"columns": "login"}, "columns"),
    ({"connectorConfig": [1]}, "connectorConfig"),
    ({"connectorConfig": {**SETTINGS, "passcode": "x"}}, "connectorConfig"),
    ({"connectorConfig": {**SETTINGS, "skip_invalid": ["x"]}}, "connectorConfig.skip_invalid"),
    ({"connectionId": True}, "connectionId"),
    ({"connectionId": None}, "connectionId"),
    ({"timezone": "Mars/Base"}, "timezone"),
    ({"timezone": 9}, "timezone"),
    ({"scheduleType": "yearly"}, "scheduleType"),
    ({"scheduleType": 1}, "scheduleType"),
    ({"scheduleType": "cron", "scheduleOption": "* * *"}, "scheduleOption"),
    ({"scheduleType": "cron"}, "scheduleOption"),
    ({"scheduleType": "daily", "scheduleOption": "07:30:15"}, "scheduleOption"),
    ({"scheduleOption": "0 0 * * *"}, "scheduleOption"),
    ({"scheduleType": "cron", "scheduleOption": "@daily", "delay": -1}, "delay"),
    ({"scheduleType": "cron", "scheduleOption": "@daily", "delay": "1"}, "delay"),
    ({"scheduleType": "cron", "scheduleOption": "@daily", "startDate": "tomorrow"}, "startDate"),
    ({"scheduleType": "cron", "scheduleOption": "@daily", "startDate": "2026-02-01", "endDate": "2026-01-01"},
     "endDate"),
    ({"startDate": "2026-02-01"}, "startDate"),
    ({"notifyOn": "success"}, "notifyOn"),
    ({"notifyOn": [["success"]]}, "notifyOn"),
    ({"notifyOn": ["success"]}, "emailRecipients"),
    ({"notifyOn": ["success"], "emailRecipients": ["nobody"]}, "emailRecipients"),
    ({"emailRecipients": [f"p{n}@example.com" for n in range(21)]}, "emailRecipients"),
    ({"emailRecipients": [7]}, "emailRecipients"),
    ({"conectorConfig": {}}, "conectorConfig"),
    ({"allColumns": True, "columns": [], "strings": [{"column": "LOGIN", "type": "segment_id"}]},
     "strings.0.column"),
)  # fmt: skip


def test_one_problem(gold_api: Api, body: dict[str, Any]) -> None:
    for change, path in ONE_PROBLEM:
        assert set(problems(gold_api.post("syndications", {**body, **change}))) == {path}, change
    assert not Activation.objects.exists()


def test_a_change_leaves_the_rest_as_it_is(sends: Api, gold_api: Api) -> None:
    before = ok(sends.get())
    after = ok(sends.put(body={"name": "Renamed"}))
    assert {key for key in before if before[key] != after[key]} - {"updatedAt"} == {"name", "version"}
    assert ok(sends.put(body=after))["version"] == after["version"] + 1
    everything = ok(sends.put(body={"allColumns": True, "strings": []}))
    assert (everything["allColumns"], everything["columns"], everything["strings"]) == (True, [], [])
    assert sends.put(body={**after, "name": "Stale"}).json()["details"] == {"version": everything["version"]}
    assert ok(gold_api.get("syndications"))["syndications"] == [
        {
            key: value
            for key, value in everything.items()
            if key not in ("problems", "notifyOn", "emailRecipients")
        }
    ]


@pytest.mark.parametrize(
    ("type", "option", "cron"),
    [
        ("cron", "0 7 * * 1", "0 7 * * 1"),
        ("cron", "@hourly", "@hourly"),
        ("hourly", "30:00", "30 * * * *"),
        ("daily", "07:05:00", "5 7 * * *"),
        ("weekly", "Sun,09:00:00", "0 9 * * 0"),
        ("weekly", "friday,23:59:00", "59 23 * * 5"),
        ("monthly", "1,00:00:00", "0 0 1 * *"),
        ("minutes_interval", "15", "*/15 * * * *"),
        ("minutes_interval", 60, "0 * * * *"),
    ],
)
def test_every_type_of_schedule_is_a_rule(type: str, option: Any, cron: str) -> None:
    assert cron_of(type, option) == cron


@pytest.mark.parametrize(
    ("type", "option"),
    [
        ("none", "0 0 * * *"), ("cron", ""), ("hourly", "60:00"), ("hourly", "5"), ("daily", "24:00:00"),
        ("daily", "7:5:0"), ("weekly", "Mo,09:00:00"), ("weekly", "Mondag,09:00:00"), ("monthly", "0,09:00:00"),
        ("monthly", "32,09:00:00"), ("minutes_interval", "7"), ("minutes_interval", 0), ("daily", ["07:00:00"]),
    ],
)  # fmt: skip
def test_an_option_that_is_no_time_is_told(type: str, option: Any) -> None:
    with pytest.raises(Invalid):
        cron_of(type, option)


@delivers
def test_a_schedule_is_set_changed_and_taken_away(gold_api: Api, body: dict[str, Any]) -> None:
    weekly = {
        "scheduleType": "weekly",
        "scheduleOption": "Mon,07:30:00",
        "delay": 600,
        "endDate": "2099-12-31",
    }
    made = ok(gold_api.post("syndications", {**body, **weekly}))
    one = gold_api.below("syndications", made["id"])
    assert [made[key] for key in ("scheduleType", "scheduleOption", "timezone", "delay", "startDate", "endDate")] == [
        "cron", "30 7 * * 1", "Asia/Tokyo", 600, None, "2099-12-31",
    ]  # fmt: skip
    schedule = Activation.objects.get().schedule
    assert schedule is not None
    assert (schedule.kind, schedule.next_slot is not None) == ("activation", True)
    assert made["nextRunAt"].endswith("T22:40:00Z")
    assert ok(one.put(body={"name": "Renamed"}))["nextRunAt"] == made["nextRunAt"]
    assert ok(one.post("pause"))["nextRunAt"] is None
    assert ok(one.post("resume"))["nextRunAt"] == made["nextRunAt"]
    job = Job.objects.get(pk=ok(one.post("run"))["job_id"])
    worker.run_job(job.pk)
    daily = ok(one.put(body={"scheduleType": "daily", "scheduleOption": "01:00:00", "timezone": "UTC"}))
    assert [daily[key] for key in ("scheduleOption", "timezone", "delay", "endDate")] == [
        "0 1 * * *", "UTC", 600, "2099-12-31",
    ]  # fmt: skip
    assert set(problems(one.put(body={"scheduleType": "none", "delay": 5}))) == {"delay"}
    none = ok(one.put(body={"scheduleType": "none"}))
    assert [none[key] for key in ("scheduleType", "scheduleOption", "delay", "endDate", "nextRunAt")] == [
        "none", None, 0, None, None,
    ]  # fmt: skip
    ok(one.delete())
    assert not Schedule.objects.exists()


def test_who_is_told_is_set_and_kept(gold_api: Api, body: dict[str, Any]) -> None:
    made = ok(gold_api.post("syndications", {**body, "notifyOn": [], "emailRecipients": None}))
    assert (made["notifyOn"], Preferences.objects.exists()) == ([], False)
    one = gold_api.below("syndications", made["id"])
    told = ok(one.put(body={"notifyOn": ["failure", "pause"], "emailRecipients": ["ops@example.com"]}))
    assert (told["notifyOn"], told["emailRecipients"]) == (["failure", "pause"], ["ops@example.com"])
    again = ok(one.put(body={**told, "name": "Renamed", "notifyOn": ["success"]}))
    assert (again["notifyOn"], again["emailRecipients"]) == (["success"], ["ops@example.com"])
    assert set(problems(one.put(body={"name": "Other", "notifyOn": ["never"]}))) == {"notifyOn"}
    assert ok(one.get())["name"] == "Renamed"
    assert ok(one.put(body={"notifyOn": [], "emailRecipients": []}))["notifyOn"] == []


@delivers
def test_names_that_are_taken_and_runs_that_can_t_be_are_conflicts(
    sends: Api, gold_api: Api, body: dict[str, Any]
) -> None:
    taken = gold_api.post("syndications", {**body, "name": "gold to clevertap"})
    assert "There is an activation named" in problems(taken, 409)["name"]
    ok(sends.post("pause"))
    assert ok(sends.get())["paused"] is True
    assert "is paused" in problems(sends.post("run"), 409)[""]
    ok(sends.post("resume"))
    began = ok(sends.post("run"))
    assert "still running" in problems(sends.post("run"), 409)[""]
    assert "still running" in problems(sends.delete(), 409)[""]
    worker.run_job(int(began["job_id"]))
    ok(sends.delete())
    assert (sends.get().status_code, Job.objects.count(), ActivationRun.objects.count()) == (404, 1, 0)


def test_a_column_that_is_lost_is_named(sends: Api, retail: Api, shop: Write) -> None:
    attributes = [one for one in ok(retail.get())["attributes"] if one["name"] != "City"]
    ok(retail.put(body={"attributes": attributes}))
    [problem] = ok(sends.get())["problems"]
    for answer in (sends.post("run"), sends.get("sql")):
        assert problems(answer) == {problem["path"]: problem["message"]}
    assert problem["path"] == "columns.1.source.column"
    ok(retail.put(body={"attributes": attributes[:1]}))
    assert [one["path"] for one in ok(sends.get())["problems"]] == ["rules.rules.0.attribute"]
    assert set(problems(sends.post("run"))) == {"rules.rules.0.attribute"}


def test_everybody_runs_and_its_owner_changes(sends: Api, admin: User, user: User) -> None:
    Activation.objects.update(owner=admin)
    for refused in (sends.put(body={"name": "x"}), sends.delete(), sends.post("pause"), sends.post("resume")):
        assert refused.status_code == 403
    job = Job.objects.get(pk=ok(sends.post("run"))["job_id"])
    assert job.user == user


def test_a_draft_is_its_page_s_own(gold_api: Api, retail: Api, gold: Segment, user: User, body: Any) -> None:
    draft = activating.begin(gold, user)
    activating.keep(draft, "details", {"name": "half"})
    assert gold_api.get(f"syndications/{draft.pk}").status_code == 404
    made = ok(gold_api.post("syndications", body))
    assert [one["id"] for one in ok(retail.get("syndications"))["syndications"]] == [made["id"]]
    assert Activation.objects.get(pk=draft.pk).draft == {"details": {"name": "half"}}


def test_no_answer_holds_a_secret(sends: Api, gold_api: Api, retail: Api, client: Any, body: Any) -> None:
    began = ok(sends.post("run"))
    wrong = {**body, "name": "Other", "connectorConfig": {**SETTINGS, "passcode": "AAA-BBB-CCCC"}}
    answers = [
        sends.get(), sends.get("sql"), sends.get("runs"), gold_api.get("syndications"), retail.get("syndications"),
        retail.get(), gold_api.get(), gold_api.post("syndications", wrong),
        client.get(f"/v3/job/show/{began['job_id']}", headers={"Authorization": f"TD1 {sends.key}"}),
    ]  # fmt: skip
    assert all(b"AAA-BBB-CCCC" not in answer.content for answer in answers)
    assert all(json.loads(answer.content) for answer in answers)


def test_an_authentication_is_found_by_its_name(
    client: Any, sends: Api, authentication: Authentication
) -> None:
    headers = {"Authorization": f"TD1 {sends.key}"}
    found = client.get("/v3/connections/lookup", {"name": "clevertap-test"}, headers=headers)
    assert ok(found) == {"id": authentication.pk}
    for name in ("nobody", "", None):
        params = {} if name is None else {"name": name}
        assert client.get("/v3/connections/lookup", params, headers=headers).status_code == 404


def test_lists_ask_the_database_a_few_times(
    sends: Api, retail: Api, gold: Segment, user: User, body: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(20):
        ok(retail.post(f"segments/{gold.pk}/syndications", {**body, "name": f"Activation {n}"}))
    with django_assert_max_num_queries(6):
        assert ok(retail.get("syndications"))["total"] == 21
