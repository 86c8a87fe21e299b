"""/audiences: parent segments. A body is what `activations.definitions` reads."""

from typing import Any

from django.db import transaction

from activations import checking, definitions, parents
from activations.definitions import Definition, DefinitionError
from activations.errors import Problem
from activations.models import ParentSegment
from activations.permissions import require_edit
from console.api.answers import iso
from console.api.audience import fields, finding
from console.api.audience.pages import page
from console.api.call import Call
from console.workbench import scheduling
from console.workbench.schedules import CronError

KNOWN = ("name", "master", "key_column", "zone", "attribute_tables", "attributes", "behavior_tables", "refresh_cron",
         "refresh_zone")  # fmt: skip
PRINTED = {"id", "version", "customers", "refreshed_at", "problems", "owner", "created_at", "updated_at"}
BELOW = {
    "attribute_tables": ("table", "key_column", "master_column"),
    "attributes": ("column", "name", "kind", "group", "table"),
    "behavior_tables": ("name", "table", "key_column", "master_column", "time_column", "columns"),
}
OF_BEHAVIORS = ("column", "name", "kind")


def listing(call: Call) -> dict[str, Any]:
    return page(call, "audiences", ParentSegment.objects.select_related("owner"), _summary)


def show(call: Call, audience: str) -> dict[str, Any]:
    return _printed(finding.audience(audience))


def create(call: Call) -> dict[str, Any]:
    """Checked against the warehouse; customers are counted by a worker soon after."""
    made = _read(call.body)
    with transaction.atomic():
        parent = parents.create(made, call.user)
        parents.ask_refresh(parent)
    return _printed(parent)


def update(call: Call, audience: str) -> dict[str, Any]:
    """What the body leaves out stays as it is; a list that it has takes the place of the whole list."""
    parent = finding.audience(audience)
    require_edit(call.user, parent)
    made = _read({**definitions.to_json(parents.definition_of(parent)), **call.body})
    with transaction.atomic():
        saved = parents.save(parent, made, call.user, version=fields.version(call.body, parent.version))
        parents.ask_refresh(saved)
    return _printed(saved)


def delete(call: Call, audience: str) -> dict[str, Any]:
    parent = finding.audience(audience)
    require_edit(call.user, parent)
    parents.delete(parent)
    return {"id": int(audience), "deleted": True}


def refresh(call: Call, audience: str) -> dict[str, Any]:
    """Counts and checks anew, in a worker; `refreshed_at` and `problems` change when it is done."""
    parent = finding.audience(audience)
    parents.ask_refresh(parent)
    return _printed(parent)


def _read(body: dict[str, Any]) -> Definition:
    """Raises DefinitionError with all that is wrong in the body, or against the warehouse."""
    fields.insist(body, KNOWN, PRINTED)
    if problems := [*_misspelt(body), *_refresh(body)]:
        raise DefinitionError(problems)
    made = definitions.read(body)
    if problems := [problem for problem in checking.check(made) if problem.stops]:
        raise DefinitionError(problems)
    return made


def _misspelt(body: dict[str, Any]) -> list[Problem]:
    problems = []
    for name, known in BELOW.items():
        for i, one in enumerate(_objects(body.get(name))):
            problems += fields.unknown(one, known, f"{name}.{i}")
            for n, each in enumerate(_objects(one.get("columns"))):
                problems += fields.unknown(each, OF_BEHAVIORS, f"{name}.{i}.columns.{n}")
    return problems


def _objects(found: Any) -> list[dict[str, Any]]:
    """As far as it is a list of objects; else the room says what is wrong."""
    whole = isinstance(found, list) and all(isinstance(one, dict) for one in found)
    return found if whole else []


def _refresh(body: dict[str, Any]) -> list[Problem]:
    try:
        scheduling.check(fields.text(body, "refresh_cron"), fields.text(body, "refresh_zone") or "UTC", 0)
    except CronError as error:
        return [Problem("refresh_cron", str(error))]
    except scheduling.ScheduleRefused as error:
        return [Problem(f"refresh_{error.field}", str(error))]
    return []


def _printed(parent: ParentSegment) -> dict[str, Any]:
    problems = [{"path": one.path, "message": one.message} for one in parents.problems_of(parent)]
    return {**_summary(parent), **definitions.to_json(parents.definition_of(parent)), "problems": problems}


def _summary(parent: ParentSegment) -> dict[str, Any]:
    return {
        "id": parent.pk,
        "name": parent.name,
        "master": str(parent.master),
        "key_column": parent.key_column,
        "zone": parent.zone,
        "version": parent.version,
        "customers": parent.customers,
        "refreshed_at": iso(parent.refreshed_at),
        "owner": parent.owner.email,
        "created_at": iso(parent.created_at),
        "updated_at": iso(parent.updated_at),
    }
