"""Bodies with one part of a wrong kind: refused with a path, or harmless; never an error of ours."""

import copy
from collections.abc import Iterator
from typing import Any

from integrations.models import Authentication
from tests.activations.conftest import DEFINITION, SETTINGS, Write
from tests.api.audience.conftest import Api

ODD: tuple[Any, ...] = (None, "", -1, 10**30, 1.5, True, [], [[]], {"a": 1}, "x" * 300)
RULES = {"type": "group", "match": "any", "rules": [
    {"type": "attribute", "attribute": "age", "operator": "between", "value": [1, 2]},
    {"type": "segment", "segment": 1, "include": False},
    {"type": "behavior", "behavior": "Orders", "measure": "sum", "column": "quantity", "operator": "at_least",
     "value": 5, "window": {"last_days": 30},
     "where": {"type": "group", "match": "all", "rules": [
         {"type": "column", "column": "quantity", "operator": "in", "value": [1]}]}},
]}  # fmt: skip


def odd(value: Any) -> Iterator[Any]:
    """`value` with each of its parts, at any depth, exchanged for each of ODD."""
    yield from copy.deepcopy(ODD)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        for other in odd(one):
            changed = copy.copy(value)
            changed[key] = other
            yield changed


def statuses(answers: Iterator[Any]) -> set[int]:
    found = set()
    for answer in answers:
        if answer.status_code == 422:
            assert answer.json()["details"]["problems"], answer.json()
        found.add(answer.status_code)
    return found


def test_parent_segments(audiences: Api, shop: Write) -> None:
    bodies = (body for body in odd(DEFINITION) if isinstance(body, dict))
    assert statuses(audiences.post(body=body) for body in bodies) <= {200, 409, 422}


def test_segments(retail: Api) -> None:
    bodies = ({"name": "Odd", "rules": rules} for rules in odd(RULES))
    assert statuses(retail.post("segments", body) for body in bodies) <= {200, 409, 422}


def test_activations(gold_api: Api, authentication: Authentication) -> None:
    whole = {
        "name": "Odd", "connectionId": authentication.pk, "connectorConfig": SETTINGS, "allColumns": False,
        "columns": [{"column": "identity", "source": {"column": "login"}}],
        "strings": [{"column": "by", "type": "string", "value": "API"}], "timezone": "UTC",
        "scheduleType": "daily", "scheduleOption": "07:00:00", "delay": 1, "startDate": "2026-01-01",
        "notifyOn": ["failure"], "emailRecipients": ["ops@example.com"],
    }  # fmt: skip
    bodies = (body for body in odd(whole) if isinstance(body, dict))
    assert statuses(gold_api.post("syndications", body) for body in bodies) <= {200, 409, 422}


def test_folders(retail: Api) -> None:
    bodies = [{"name": "Odd", name: one} for name in ("name", "folder") for one in ODD]
    assert statuses(retail.post("folders", body) for body in bodies) <= {200, 409, 422}
