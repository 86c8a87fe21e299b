"""What a result's columns are called and typed at the destination. Every change is listed, none is silent."""

import re
from dataclasses import dataclass

from integrations.connector import Keys
from integrations.errors import SettingsError
from integrations.rows import Column

_LONG = {"boolean", "tinyint", "smallint", "int", "integer", "bigint", "long"}
_DOUBLE = {"float", "real", "double"}
_PLAIN = {"varchar", "string", "char"}
_JSON = {"array", "map", "row", "struct", "json"}


@dataclass(frozen=True)
class Target:
    """One column of the result and what becomes of it."""

    source: str
    name: str
    type: str  # long, double or string
    note: str  # "" where name and values arrive as they are


@dataclass(frozen=True)
class Plan:
    targets: tuple[Target, ...]
    constant_time: int | None  # Unix seconds, where the result has no time column

    @property
    def schema(self) -> list[tuple[str, str]]:
        """For append-schema: time is implicit and never listed."""
        return [(target.name, target.type) for target in self.targets if target.name != "time"]


def plan(columns: tuple[Column, ...], settings: Keys, default_time: int) -> Plan:
    """Raises `SettingsError` where the result has a time column that can't be one."""
    targets = tuple(_target(column, name) for column, name in zip(columns, _names(columns), strict=True))
    given = settings.get("time")
    constant = (
        None if any(t.name == "time" for t in targets) else default_time if given is None else int(given)
    )
    return Plan(targets, constant)


def family(type_name: str) -> str:
    """'array(bigint)' -> 'array', 'timestamp(3) with time zone' -> 'timestamp'."""
    return re.split(r"[(<\s]", type_name.strip().lower(), maxsplit=1)[0]


def _target(column: Column, name: str) -> Target:
    kind = family(column.type)
    if name == "time":
        return _time(column, kind)
    note = (
        ""
        if name == column.name
        else f"Renamed from {column.name!r}."
        if column.name
        else "The column has no name."
    )
    type_, conversion = _converted(kind)
    return Target(column.name, name, type_, " ".join(part for part in (note, conversion) if part))


def _time(column: Column, kind: str) -> Target:
    if kind in _LONG - {"boolean"}:
        return Target(column.name, "time", "long", "")
    if kind == "timestamp":
        return Target(column.name, "time", "long", "Sent as Unix seconds.")
    raise SettingsError(
        f"Type of 'time' column must be long or timestamp; it is {column.type}.",
        action="Cast the column in the query, or give it another name.",
        field="time",
    )


def _converted(kind: str) -> tuple[str, str]:
    """The destination's type, and what happens to the values on the way."""
    if kind == "boolean":
        return "long", "true is sent as 1, false as 0."
    if kind in _LONG:
        return "long", ""
    if kind in _DOUBLE:
        return "double", ""
    if kind in _PLAIN:
        return "string", ""
    if kind in _JSON:
        return "string", "Sent as JSON text."
    if kind == "timestamp":
        return "string", "Sent as text to the millisecond: YYYY-MM-DD HH:MM:SS.mmm."
    if kind in {"varbinary", "binary", "blob"}:
        return "string", "Sent as base64 text."
    return "string", f"{kind} is sent as text."


def _names(columns: tuple[Column, ...]) -> list[str]:
    """Lower case, other characters to _, and _1, _2 … where a name is taken; `v` is the service's own."""
    wished = [_normal(column.name) for column in columns]
    used, names = {"v"}, []
    for name in wished:
        number, candidate = 0, name
        while candidate in used or (number and candidate in wished):
            number += 1
            candidate = f"{name}_{number}"
        used.add(candidate)
        names.append(candidate)
    return names


def _normal(name: str) -> str:
    if re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return name
    plain = re.sub(r"[^a-z0-9_]+", "_", name.lower())
    return f"_{plain}" if not plain or plain[0].isdigit() else plain
