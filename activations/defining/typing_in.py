"""A parent segment as typed: from a form, from what is saved, and to the JSON of `definitions.read`."""

from collections.abc import Iterable
from typing import Any

from activations import checking, sources
from activations.builder import paths
from activations.definitions import Column, Definition
from activations.errors import Problem
from activations.models import ColumnKind
from console.warehouse.types import TableRef
from console.workbench.schedules import DAILY, HOURLY

Typed = dict[str, Any]
CHOICES = {"none": "", "daily": DAILY, "hourly": HOURLY}
LAST = 1_000_000  # the position of a column that was never saved


def from_form(fields: Iterable[tuple[str, str]]) -> Typed:
    raw = paths.nested(fields)
    return {
        **{
            key: _text(raw.get(key))
            for key in ("name", "zone", "refresh_choice", "refresh_cron", "refresh_zone")
        },
        **_table(raw, "master"),
        "attribute_tables": [_table(one, "table") for one in _list(raw.get("attribute_tables"))],
        "behavior_tables": [
            {**_table(one, "table"), **{key: _text(one.get(key)) for key in ("name", "time_column")}}
            for one in _list(raw.get("behavior_tables"))
        ],
    }


def _table(raw: Typed, name: str) -> Typed:
    """A table, what it is joined on, and its columns. `was` is the table whose columns these are."""
    keys = (name, "was", "key_column", "master_column")
    fields = ("column", "name", "kind", "group", "use", "position")
    columns = [{key: _text(one.get(key)) for key in fields} for one in _list(raw.get("columns"))]
    return {**{key: _text(raw.get(key)) for key in keys}, "columns": columns}


def _text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""


def _list(raw: Any) -> list[Typed]:
    return [one for one in raw if isinstance(one, dict)] if isinstance(raw, list) else []


def empty(zone: str) -> Typed:
    return from_form([("zone", zone), ("refresh_choice", "none"), ("refresh_zone", zone)])


def from_definition(made: Definition) -> Typed:
    choice = next((key for key, cron in CHOICES.items() if cron == made.refresh_cron), "custom")

    def columns(listed: Iterable[tuple[int, Column]]) -> list[Typed]:
        return [
            {"column": one.column, "name": one.name, "kind": one.kind, "group": one.group, "use": "on",
             "position": str(place)}
            for place, one in listed
        ]  # fmt: skip

    places = list(enumerate(made.attributes))
    return {
        "name": made.name, "zone": made.zone, "refresh_choice": choice, "refresh_zone": made.refresh_zone,
        "refresh_cron": made.refresh_cron if choice == "custom" else "",
        "master": str(made.master), "was": str(made.master), "key_column": made.key_column, "master_column": "",
        "columns": columns((i, one) for i, one in places if one.table is None),
        "attribute_tables": [
            {"table": str(one.ref), "was": str(one.ref), "key_column": one.key_column,
             "master_column": one.master_column,
             "columns": columns((i, each) for i, each in places if each.table == number)}
            for number, one in enumerate(made.attribute_tables)
        ],
        "behavior_tables": [
            {"name": one.name, "table": str(one.ref), "was": str(one.ref), "key_column": one.key_column,
             "master_column": one.master_column, "time_column": one.time_column,
             "columns": columns(enumerate(one.columns))}
            for one in made.behavior_tables
        ],
    }  # fmt: skip


def settle(typed: Typed) -> None:
    """Offers the columns that the chosen tables have now; another table brings other columns, all of them chosen."""
    _offer(typed, "master", without={"time"})
    if not typed["key_column"]:
        typed["key_column"] = _likely_key(each["column"] for each in typed["columns"])
    for one in typed["attribute_tables"]:
        _offer(one, "table", without={"time", typed["key_column"].lower()})
        _suggest(one, typed)
    for one in typed["behavior_tables"]:
        fresh = _offer(one, "table", without={"time", typed["key_column"].lower()})
        _suggest(one, typed)
        names = [each["column"] for each in one["columns"]]
        if fresh or not one["time_column"]:
            times = [each["column"] for each in one["columns"] if each["kind"] in ("timestamp", "date")]
            one["time_column"] = "time" if "time" in names else next(iter(times), "")
        if fresh and not one["name"]:
            one["name"] = one["table"].rpartition(".")[2].replace("_", " ").capitalize()


def _likely_key(names: Iterable[str]) -> str:
    """What is called an id; else the first column."""
    listed = list(names)
    called = [
        name for name in listed if name.lower() in ("id", "key") or name.lower().endswith(("_id", "_key"))
    ]
    return next(iter([*called, *(name for name in listed if name.lower() != "time"), *listed]), "")


def _suggest(one: Typed, typed: Typed) -> None:
    """The join on a column of the same name as the master's key, where it has one."""
    one["master_column"] = one["master_column"] or typed["key_column"]
    names = {each["column"].lower(): each["column"] for each in one["columns"]}
    if names and one["key_column"].lower() not in names:
        found = names.get(one["master_column"].lower())
        one["key_column"] = found or next(iter(names.values()))


def _offer(one: Typed, name: str, without: set[str]) -> bool:
    """Whether the table is another than before."""
    fresh = bool(one[name] != one["was"])
    if fresh:
        one["columns"], one["key_column"] = [], ""
    held = stored(one[name])
    known = {each["column"].lower() for each in one["columns"]}
    for column, type in held.items():
        if column not in known:
            use = "on" if fresh and column not in without else ""
            one["columns"].append(
                {"column": column, "name": column, "kind": checking.kind_for(column, type), "group": "",
                 "use": use, "position": ""}
            )  # fmt: skip
    one["was"] = one[name]
    return fresh


def stored(name: str) -> dict[str, str]:
    """The columns of "database.table" in the warehouse, with their types; none where there is no such table."""
    database, _, table = name.partition(".")
    return (sources.columns(TableRef(database, table)) or {}) if database and table else {}


def to_raw(typed: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    """The JSON, and where each of its columns stands in what was typed."""
    used: list[tuple[Typed, str, int | None]] = [
        (each, f"columns.{i}", None) for i, each in enumerate(typed["columns"])
    ]
    for number, one in enumerate(typed["attribute_tables"]):
        used += [
            (each, f"attribute_tables.{number}.columns.{i}", number) for i, each in enumerate(one["columns"])
        ]
    chosen = sorted((one for one in used if one[0]["use"]), key=lambda one: _position(one[0]))
    places = {f"attributes.{i}": place for i, (_, place, _) in enumerate(chosen)}
    behaviors = []
    for number, one in enumerate(typed["behavior_tables"]):
        below = [(i, each) for i, each in enumerate(one["columns"]) if each["use"]]
        prefix = f"behavior_tables.{number}.columns"
        places |= {f"{prefix}.{n}": f"{prefix}.{i}" for n, (i, _) in enumerate(below)}
        keys = ("name", "table", "key_column", "master_column", "time_column")
        behaviors.append({**{key: one[key] for key in keys}, "columns": [_column(each) for _, each in below]})
    return {
        "name": typed["name"], "master": typed["master"], "key_column": typed["key_column"], "zone": typed["zone"],
        "attribute_tables": [
            {key: one[key] for key in ("table", "key_column", "master_column")} for one in typed["attribute_tables"]
        ],
        "attributes": [{**_column(each), "table": table} for each, _, table in chosen],
        "behavior_tables": behaviors,
        "refresh_cron": CHOICES.get(typed["refresh_choice"], typed["refresh_cron"].strip()),
        "refresh_zone": typed["refresh_zone"],
    }, places  # fmt: skip


def placed(problems: Iterable[Problem], places: dict[str, str]) -> list[Problem]:
    """The problems with the paths of what was typed."""
    found = []
    for problem in problems:
        path = problem.path
        prefix = next((one for one in places if path == one or path.startswith(f"{one}.")), None)
        if prefix is not None:
            path = places[prefix] + path[len(prefix) :]
        found.append(Problem("columns" if path == "attributes" else path, problem.message, problem.stops))
    return found


def _column(each: Typed) -> dict[str, Any]:
    kind = each["kind"] if each["kind"] in ColumnKind.values else ColumnKind.OTHER
    return {"column": each["column"], "name": each["name"], "kind": kind, "group": each["group"]}


def _position(each: Typed) -> int:
    text = each["position"]
    return int(text) if text.isdecimal() and len(text) < 7 else LAST
