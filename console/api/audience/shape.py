"""An activation as Treasure Data's API has it, a "syndication", and as `activations` has it."""

from collections.abc import Sequence
from typing import Any

from activations.activating import Content
from activations.errors import Problem
from activations.models import Activation
from console.api.answers import iso
from console.api.audience import fields, finding, notifications, schedules
from console.api.audience.schedules import Timing
from integrations.models import Authentication

KNOWN = ("name", "connectionId", "connectorConfig", "allColumns", "columns", "strings", *schedules.KNOWN,
         *notifications.KNOWN)  # fmt: skip
PRINTED = {"id", "audienceId", "segmentId", "version", "paused", "nextRunAt", "problems", "owner", "createdAt",
           "updatedAt"}  # fmt: skip
# Parts of the client's shape that are not kept here. Empty ones say nothing and are let through.
ELSEWHERE = {
    "description": "Activations have no description here. Leave it out.",
}
BOTH = "allColumns sends every column. Leave columns out, or set allColumns to false."
_PLACES = (("mapping.", ""), ("authentication", "connectionId"), ("export_settings.__all__", "connectorConfig"),
           ("export_settings", "connectorConfig"), ("all_columns", "allColumns"))  # fmt: skip


def to_json(activation: Activation) -> dict[str, Any]:
    kept = activation.mapping
    return {
        "id": activation.pk,
        "audienceId": activation.segment.audience_id,
        "segmentId": activation.segment_id,
        "name": activation.name,
        "connectionId": activation.authentication_id,
        "connectorConfig": activation.export_settings,
        "allColumns": bool(kept.get("all_columns")),
        "columns": [
            {"column": one["name"], "source": {"column": one["source"]}} for one in kept.get("columns", [])
        ],
        "strings": [_string(one) for one in kept.get("strings", [])],
        **schedules.to_json(activation),
        "nextRunAt": schedules.next_run(activation),
        "version": activation.version,
        "paused": activation.is_paused,
        "owner": activation.owner.email,
        "createdAt": iso(activation.created_at),
        "updatedAt": iso(activation.updated_at),
    }


def content(body: dict[str, Any]) -> tuple[Content, Timing, list[Problem]]:
    """What to save, and what of the body can't be put into it. Raises Invalid for fields that nobody knows."""
    fields.insist(body, (*KNOWN, *ELSEWHERE), PRINTED)
    problems = [Problem(name, said) for name, said in ELSEWHERE.items() if body.get(name)]
    authentication = _authentication(body, problems)
    config = body.get("connectorConfig") or {}
    if not isinstance(config, dict):
        problems.append(Problem("connectorConfig", "Give an object: the connector's export settings."))
        config = {}
    said = "Give a text, a number, true or false."
    nested = [name for name, value in config.items() if isinstance(value, list | dict)]
    problems += [Problem(f"connectorConfig.{name}", said) for name in nested]
    timing = schedules.read(body, problems)
    made = Content(
        name=fields.text(body, "name"),
        authentication=authentication,
        export_settings=config,
        mapping=_mapping(body, problems),
        zone=timing.zone,
    )
    return made, timing, problems


def problems_of(problems: Sequence[Problem]) -> list[Problem]:
    """The same problems, with paths through the client's body."""
    return [Problem(_place(one.path), one.message, one.stops) for one in problems]


def _place(path: str) -> str:
    """ "mapping.columns.0.source" -> "columns.0.source.column"."""
    for ours, theirs in _PLACES:
        if path == ours.rstrip(".") or path.startswith(ours if ours.endswith(".") else f"{ours}."):
            path = theirs + path[len(ours) :]
    if path.startswith("rules."):
        return f"rules.{path}"  # of the segment
    top, _, rest = path.partition(".")
    number, _, field = rest.partition(".")
    named = {
        ("columns", "source"): "source.column",
        ("columns", "name"): "column",
        ("strings", "name"): "column",
    }
    return f"{top}.{number}.{named[top, field]}" if (top, field) in named else path


def _authentication(body: dict[str, Any], problems: list[Problem]) -> Authentication | None:
    number, found = body.get("connectionId"), None
    if isinstance(number, int) and not isinstance(number, bool) and finding.possible(number):
        found = Authentication.objects.saved().filter(pk=number).first()
    if found is None:
        said = "Give the number of an authentication. connections/lookup?name=… finds it by its name."
        problems.append(Problem("connectionId", said))
    return found


def _mapping(body: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
    """As `activations.mapping` reads it; that says what is wrong with it."""
    everything = body.get("allColumns", False)
    if everything is True and body.get("columns"):
        problems.append(Problem("columns", BOTH))
    columns, strings = body.get("columns") or [], body.get("strings") or []
    return {
        "all_columns": everything,
        "columns": _each(columns, _column_in),
        "strings": _each(strings, _string_in),
    }


def _each(found: Any, turned: Any) -> Any:
    return (
        [turned(one) if isinstance(one, dict) else one for one in found] if isinstance(found, list) else found
    )


def _column_in(one: dict[str, Any]) -> dict[str, Any]:
    source = one.get("source")
    made = {"source": source.get("column") if isinstance(source, dict) else None}
    return made | ({"name": one["column"]} if one.get("column") is not None else {})


def _string_in(one: dict[str, Any]) -> dict[str, Any]:
    return {"type": one.get("type"), "name": one.get("column"), "value": one.get("value")}


def _string(one: dict[str, Any]) -> dict[str, Any]:
    made = {"column": one["name"], "type": one["type"]}
    return made | ({"value": one["value"]} if "value" in one else {})
