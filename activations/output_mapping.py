"""The Output Mapping panel: what was typed in it, and what its buttons do to that. Right or wrong, it is all kept."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import QueryDict

from activations import mapping
from activations.errors import Problem
from activations.models import Activation
from activations.string_builder import StringType

Raw = dict[str, Any]
EMPTY: Raw = {"all_columns": False, "columns": [], "strings": []}


def of(activation: Activation) -> Raw:
    """The draft, else what is saved, in the one shape that the page has.

    What is saved knows what "all columns" was then; who has looked at the panel and posted it has seen what is gone.
    """
    found = activation.draft.get("mapping") or activation.mapping or {}
    known = {"known": found["known"]} if "known" in found else {}
    return {
        **known,
        "all_columns": bool(found.get("all_columns")),
        "columns": [{"source": one["source"], "name": one["name"]} for one in found.get("columns", [])],
        "strings": [{"value": "", **one} for one in found.get("strings", [])],
    }


def typed(data: QueryDict) -> Raw:
    """Rows come in the order in which they stand on the page."""
    columns = zip(data.getlist("column_source"), data.getlist("column_name"), strict=False)
    strings = zip(
        data.getlist("string_type"), data.getlist("string_value"), data.getlist("string_name"), strict=False
    )
    return {
        "all_columns": data.get("all_columns") == "on",
        "columns": [{"source": source, "name": name} for source, name in columns],
        "strings": [{"type": type, "value": value, "name": name} for type, value, name in strings],
    }


def problems(raw: Raw, available: Sequence[str]) -> list[Problem]:
    try:
        mapping.parse(raw, available)
    except mapping.MappingError as error:
        return list(error.problems)
    return []


def words(raw: Raw, available: Sequence[str]) -> str:
    """ "4 columns, 3 strings"; "" where nothing is chosen."""
    columns, strings = len(raw["columns"]), len(raw["strings"])
    first = f"All {len(available):,} columns" if raw["all_columns"] else _counted(columns, "column")
    return ", ".join(part for part in (first, _counted(strings, "string")) if part)


def act(raw: Raw, before: Raw, action: str, added: Sequence[str]) -> tuple[Raw, str, str]:
    """What a button does. Returns the rows, the row that gets the focus ("columns.2"), and what is said of it."""
    name, _, rest = action.partition(":")
    group, _, number = rest.partition(":")
    if name == "add":
        return _add_columns(raw, added)
    if name == "string":
        return _add_string(raw, rest)
    if name == "source":
        return _rename(raw, before, int(rest) if rest.isdecimal() else -1)
    if name == "all":
        return raw, "all-columns", ""
    rows = raw.get(group)
    if not isinstance(rows, list) or not number.isdecimal() or int(number) >= len(rows):
        return raw, "", ""
    return _ROWS.get(name, _stay)(raw, group, int(number))


def title(group: str, row: Raw, place: int) -> str:
    """What a row is called when it is moved."""
    return str(row["source"]) if group == "columns" else f"string {place + 1}"


def _add_columns(raw: Raw, added: Sequence[str]) -> tuple[Raw, str, str]:
    new = [{"source": name, "name": name} for name in added]
    columns = [*raw["columns"], *new]
    said = f"{_counted(len(new), 'column')} added" if new else "No column was chosen"
    return {**raw, "columns": columns}, f"columns.{len(raw['columns'])}" if new else "add-columns", said


def _add_string(raw: Raw, type: str) -> tuple[Raw, str, str]:
    if type not in list(StringType):
        return raw, "", ""
    name = "" if type == StringType.STRING else type
    strings = [*raw["strings"], {"type": type, "value": "", "name": name}]
    field = ".value" if type == StringType.STRING else ""
    return {**raw, "strings": strings}, f"strings.{len(strings) - 1}{field}", "String added"


def _rename(raw: Raw, before: Raw, place: int) -> tuple[Raw, str, str]:
    """Another source column was chosen: a name that was the old one's own follows it."""
    if not 0 <= place < len(raw["columns"]):
        return raw, "", ""
    row, old = raw["columns"][place], before["columns"][place : place + 1]
    if not row["name"] or (old and row["name"] == old[0]["source"]):
        columns = list(raw["columns"])
        columns[place] = {**row, "name": row["source"]}
        raw = {**raw, "columns": columns}
    return raw, f"columns.{place}.source", ""


def _move(raw: Raw, group: str, place: int, by: int) -> tuple[Raw, str, str]:
    rows = list(raw[group])
    to = min(max(place + by, 0), len(rows) - 1)
    row = rows.pop(place)
    rows.insert(to, row)
    return {**raw, group: rows}, f"{group}.{to}.move", _position(group, rows, to)


def _drop(raw: Raw, group: str, place: int) -> tuple[Raw, str, str]:
    """A row was moved on the page: the rows came in their new order already."""
    return raw, f"{group}.{place}.move", _position(group, raw[group], place)


def _remove(raw: Raw, group: str, place: int) -> tuple[Raw, str, str]:
    rows = list(raw[group])
    gone = title(group, rows.pop(place), place)
    focus = f"{group}.{min(place, len(rows) - 1)}.move" if rows else f"add-{group}"
    return {**raw, group: rows}, focus, f"{gone} removed"


def _stay(raw: Raw, group: str, place: int) -> tuple[Raw, str, str]:
    return raw, f"{group}.{place}", ""


def _position(group: str, rows: list[Raw], place: int) -> str:
    return f"{title(group, rows[place], place)}, position {place + 1} of {len(rows)}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}" if count else ""


_ROWS: dict[str, Callable[[Raw, str, int], tuple[Raw, str, str]]] = {
    "up": lambda raw, group, place: _move(raw, group, place, -1),
    "down": lambda raw, group, place: _move(raw, group, place, 1),
    "drop": _drop,
    "remove": _remove,
}
