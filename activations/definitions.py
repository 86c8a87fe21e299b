"""What a parent segment is made of, as a form or the API gives it. Typed; checked as far as it goes by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from activations.errors import Invalid, Problem
from activations.models import ColumnKind
from console.warehouse.types import TableRef
from console.workbench.schedules import CronError, parse
from console.workbench.slots import zones


class DefinitionError(Invalid):
    """Paths: "name", "master", "key_column", "attribute_tables.0.key_column", "attributes.3.name"."""


@dataclass(frozen=True)
class Table:
    """An attribute table and what it is joined on."""

    ref: TableRef
    key_column: str
    master_column: str


@dataclass(frozen=True)
class Column:
    column: str
    name: str
    kind: str
    group: str = ""
    table: int | None = None  # an index of `attribute_tables`; None: the master


@dataclass(frozen=True)
class Behavior:
    name: str
    ref: TableRef
    key_column: str
    master_column: str
    time_column: str
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Definition:
    name: str
    master: TableRef
    key_column: str
    zone: str = "UTC"
    attribute_tables: tuple[Table, ...] = ()
    attributes: tuple[Column, ...] = ()
    behavior_tables: tuple[Behavior, ...] = ()
    refresh_cron: str = ""
    refresh_zone: str = "UTC"


def read(raw: dict[str, Any]) -> Definition:
    """From JSON: the fields above by name, tables as "database.table". Raises DefinitionError."""
    problems: list[Problem] = []
    key = str(raw.get("key_column") or "")
    made = Definition(
        name=_text(raw, "name", "", problems),
        master=_ref(raw, "master", "", problems),
        key_column=_text(raw, "key_column", "", problems),
        zone=_optional(raw, "zone", "UTC", "", problems),
        attribute_tables=tuple(
            Table(
                _ref(one, "table", path, problems),
                _text(one, "key_column", path, problems),
                _optional(one, "master_column", key, path, problems),
            )
            for path, one in _each(raw, "attribute_tables", problems)
        ),
        attributes=tuple(_column(one, path, problems) for path, one in _each(raw, "attributes", problems)),
        behavior_tables=tuple(
            Behavior(
                _text(one, "name", path, problems),
                _ref(one, "table", path, problems),
                _text(one, "key_column", path, problems),
                _optional(one, "master_column", key, path, problems),
                _text(one, "time_column", path, problems),
                tuple(
                    _column(each, f"{path}.{below}", problems)
                    for below, each in _each(one, "columns", problems)
                ),
            )
            for path, one in _each(raw, "behavior_tables", problems)
        ),
        refresh_cron=_optional(raw, "refresh_cron", "", "", problems),
        refresh_zone=_optional(raw, "refresh_zone", "UTC", "", problems),
    )
    if problems := problems or check(made):
        raise DefinitionError(problems)
    return made


def to_json(made: Definition) -> dict[str, Any]:
    """What `read` reads back to an equal definition."""
    behaviors = [
        {"name": one.name, "table": str(one.ref), "key_column": one.key_column, "master_column": one.master_column,
         "time_column": one.time_column, "columns": [_column_json(each) for each in one.columns]}
        for one in made.behavior_tables
    ]  # fmt: skip
    tables = [
        {"table": str(one.ref), "key_column": one.key_column, "master_column": one.master_column}
        for one in made.attribute_tables
    ]
    return {
        "name": made.name, "master": str(made.master), "key_column": made.key_column, "zone": made.zone,
        "attribute_tables": tables, "attributes": [_column_json(one) for one in made.attributes],
        "behavior_tables": behaviors, "refresh_cron": made.refresh_cron, "refresh_zone": made.refresh_zone,
    }  # fmt: skip


def check(made: Definition) -> list[Problem]:
    """What is wrong with it whatever is in the warehouse."""
    problems = [] if made.name.strip() else [Problem("name", "Write a name.")]
    for path in ("zone", "refresh_zone"):
        problems += _zone(path, getattr(made, path))
    problems += _cron(made.refresh_cron)
    if not made.attributes:
        problems.append(Problem("attributes", "Choose at least one column."))
    for i, one in enumerate(made.attributes):
        if one.table is not None and not 0 <= one.table < len(made.attribute_tables):
            problems.append(Problem(f"attributes.{i}.table", "There is no such attribute table."))
    problems += _twice("attributes", [one.name for one in made.attributes])
    problems += _twice("behavior_tables", [one.name for one in made.behavior_tables])
    for i, behavior in enumerate(made.behavior_tables):
        problems += _twice(f"behavior_tables.{i}.columns", [one.name for one in behavior.columns])
    return problems


def _twice(path: str, names: Iterable[str]) -> list[Problem]:
    problems, taken = [], dict[str, int]()
    for i, name in enumerate(names):
        first = taken.setdefault(name.casefold(), i)
        if first != i:
            problems.append(
                Problem(f"{path}.{i}.name", f"Already used by number {first + 1}. Use another name.")
            )
    return problems


def _zone(path: str, name: str) -> list[Problem]:
    if name in zones():
        return []
    return [Problem(path, f"There is no time zone {name}. Use a name such as Asia/Tokyo.")]


def _cron(text: str) -> list[Problem]:
    try:
        parse(text)
    except CronError as error:
        return [Problem("refresh_cron", str(error))]
    return []


def _each(raw: dict[str, Any], key: str, problems: list[Problem]) -> list[tuple[str, dict[str, Any]]]:
    found = raw.get(key) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        problems.append(Problem(key, "Give a list of objects."))
        return []
    return [(f"{key}.{i}", one) for i, one in enumerate(found)]


def _text(raw: dict[str, Any], key: str, path: str, problems: list[Problem]) -> str:
    found = raw.get(key)
    if isinstance(found, str) and found.strip() and len(found) <= 255:
        return found.strip()
    problems.append(Problem(f"{path}.{key}".lstrip("."), "Fill this in, with at most 255 characters."))
    return ""


def _optional(raw: dict[str, Any], key: str, default: str, path: str, problems: list[Problem]) -> str:
    found = raw.get(key) or default
    if isinstance(found, str) and len(found) <= 255:
        return found
    problems.append(Problem(f"{path}.{key}".lstrip("."), "Give a text of at most 255 characters."))
    return default


def _ref(raw: dict[str, Any], key: str, path: str, problems: list[Problem]) -> TableRef:
    database, dot, table = _text(raw, key, path, problems).partition(".")
    if database and not (dot and table):
        problems.append(Problem(f"{path}.{key}".lstrip("."), "Write database.table."))
    return TableRef(database.lower(), table.lower())


def _column(raw: dict[str, Any], path: str, problems: list[Problem]) -> Column:
    column, kind, table = _text(raw, "column", path, problems), raw.get("kind"), raw.get("table")
    name = _optional(raw, "name", column, path, problems).strip()
    group = _optional(raw, "group", "", path, problems).strip()
    if table not in (None, "") and type(table) is not int:
        problems.append(Problem(f"{path}.table", "Give the place of an attribute table, from 0, or none."))
    if kind not in ColumnKind.values:
        problems.append(Problem(f"{path}.kind", f"Choose one of {', '.join(ColumnKind.values)}."))
    return Column(column, name or column, str(kind), group, table if type(table) is int else None)


def _column_json(one: Column) -> dict[str, Any]:
    made: dict[str, Any] = {"column": one.column, "name": one.name, "kind": one.kind}
    return (
        made
        | ({"group": one.group} if one.group else {})
        | ({"table": one.table} if one.table is not None else {})
    )
