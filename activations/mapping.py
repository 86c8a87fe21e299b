"""What an activation sends: which columns under which names, and strings that are the same on every row.

Plain Python. As JSON, which `parse` reads and `to_json` writes:

    {"all_columns": true, "known": ["email", …], "strings": […]}
    {"all_columns": false, "columns": [{"source": "email", "name": "email"}, …], "strings": [
        {"type": "string" | "timestamp" | "segment_id" | "segment_name" | "audience_id", "value": "…", "name": "…"}]}

`known` is what "all" was when it was saved: one of them that is gone later stops a run, one that is new is sent too.
Columns are written in this order, attributes first. Two names that differ only in case are the same name: tables and
many receivers of files take them for one.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from activations.errors import Invalid, Problem
from activations.string_builder import Facts, StringType, text

NAME, VALUE, COLUMNS = 255, 10_000, 1_000


class MappingError(Invalid):
    """A mapping that can't be used. Paths: "columns.0.source", "strings.1.name", "all_columns"."""


@dataclass(frozen=True)
class Chosen:
    source: str
    name: str


@dataclass(frozen=True)
class Added:
    type: StringType
    name: str
    value: str = ""  # of a String


@dataclass(frozen=True)
class Mapping:
    all_columns: bool
    columns: tuple[Chosen, ...] = ()
    strings: tuple[Added, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """One column of the output: an attribute under a name, or a text."""

    name: str
    attribute: str = ""
    value: str = ""


def parse(raw: Any, available: Sequence[str]) -> Mapping:
    """`available` are the parent segment's attributes in their order. Raises MappingError with every problem."""
    problems: list[Problem] = []
    mapping = _read(raw, available, problems)
    if not problems:
        problems += check(mapping, available)
    if problems:
        raise MappingError(problems)
    return mapping


def check(mapping: Mapping, available: Sequence[str]) -> list[Problem]:
    """What is wrong by now, for example a column that the parent segment has lost."""
    return [*_lost(mapping, available), *_names(mapping, available)]


def written(mapping: Mapping, available: Sequence[str], facts: Facts) -> list[Written]:
    """The columns of a run, in order. Raises MappingError rather than leaving one out."""
    if problems := check(mapping, available):
        raise MappingError(problems)
    chosen = [Chosen(name, name) for name in available] if mapping.all_columns else mapping.columns
    attributes = [Written(one.name, attribute=one.source) for one in chosen]
    return attributes + [Written(one.name, value=text(one.type, one.value, facts)) for one in mapping.strings]


def to_json(mapping: Mapping) -> dict[str, Any]:
    strings = [
        {"type": one.type.value, "name": one.name}
        | ({"value": one.value} if one.type == StringType.STRING else {})
        for one in mapping.strings
    ]
    if mapping.all_columns:
        return {"all_columns": True, "known": list(mapping.known), "strings": strings}
    columns = [{"source": one.source, "name": one.name} for one in mapping.columns]
    return {"all_columns": False, "columns": columns, "strings": strings}


def _read(raw: Any, available: Sequence[str], problems: list[Problem]) -> Mapping:
    if not isinstance(raw, dict) or not isinstance(raw.get("all_columns", False), bool):
        problems.append(Problem("", "Choose Export All Columns, or add columns."))
        return Mapping(False)
    strings = [
        _string(one, f"strings.{i}", problems) for i, one in enumerate(_list(raw, "strings", problems))
    ]
    added = tuple(one for one in strings if one is not None)
    if raw.get("all_columns"):
        known = raw.get("known")
        kept = tuple(map(str, known)) if isinstance(known, list) else tuple(available)
        return Mapping(True, (), added, kept)
    columns = [
        _column(one, f"columns.{i}", problems) for i, one in enumerate(_list(raw, "columns", problems))
    ]
    return Mapping(False, tuple(one for one in columns if one is not None), added)


def _list(raw: dict[str, Any], key: str, problems: list[Problem]) -> list[Any]:
    found = raw.get(key, [])
    if isinstance(found, list) and len(found) <= COLUMNS:
        return found
    problems.append(Problem(key, f"Give a list of at most {COLUMNS:,}."))
    return []


def _column(raw: Any, path: str, problems: list[Problem]) -> Chosen | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("source"), str):
        problems.append(Problem(f"{path}.source", "Choose a source column."))
        return None
    name = raw.get("name", raw["source"])
    return Chosen(raw["source"], name.strip() if isinstance(name, str) else "")


def _string(raw: Any, path: str, problems: list[Problem]) -> Added | None:
    if not isinstance(raw, dict) or raw.get("type") not in list(StringType):
        problems.append(Problem(f"{path}.type", f"Choose one of {', '.join(StringType)}."))
        return None
    type, value, name = StringType(raw["type"]), raw.get("value") or "", raw.get("name")
    if type != StringType.STRING:
        value = ""
    elif not isinstance(value, str) or not value:
        problems.append(Problem(f"{path}.value", "Write the text that every row gets."))
        return None
    elif len(value) > VALUE or "\0" in value:
        problems.append(Problem(f"{path}.value", f"Write at most {VALUE:,} characters, none of them NUL."))
        return None
    return Added(type, name.strip() if isinstance(name, str) else "", value)


def _lost(mapping: Mapping, available: Sequence[str]) -> list[Problem]:
    there = set(available)
    if mapping.all_columns:
        gone = [name for name in mapping.known if name not in there]
        again = "Save the Output Mapping again to export without it, or restore it in the parent segment."
        return [
            Problem("all_columns", f"The parent segment has no column {name} any more. {again}")
            for name in gone
        ]
    again = "Choose another column, or remove this one."
    return [
        Problem(f"columns.{i}.source", f"The parent segment has no column {one.source} any more. {again}")
        for i, one in enumerate(mapping.columns)
        if one.source not in there
    ]


def _names(mapping: Mapping, available: Sequence[str]) -> list[Problem]:
    named = [("all_columns", f"the source column {name}", name) for name in available if mapping.all_columns]
    named += [(f"columns.{i}.name", f"column {i + 1}", one.name) for i, one in enumerate(mapping.columns)]
    named += [(f"strings.{i}.name", f"string {i + 1}", one.name) for i, one in enumerate(mapping.strings)]
    if not named:
        return [Problem("", "Nothing would be sent. Add a column or a string.")]
    problems, taken = [], dict[str, str]()
    for path, what, name in named:
        if message := _unusable(name):
            problems.append(Problem(path, message))
        elif (folded := name.casefold()) in taken:
            problems.append(Problem(path, f"Already used by {taken[folded]}. Use another name."))
        else:
            taken[folded] = what
    return problems


def _unusable(name: str) -> str:
    if not name:
        return "Write an Output Column Name."
    if len(name) > NAME:
        return f"The name has {len(name):,} characters, {NAME} are the most."
    if any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
        return "The name has a line break or another control character. Remove it."
    return ""
