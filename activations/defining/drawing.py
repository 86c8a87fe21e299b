"""A parent segment as typed, with the choices and problems of its fields, for templates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from activations.builder import paths
from activations.defining.typing_in import Typed, stored
from activations.errors import Problem
from activations.models import ColumnKind


@dataclass
class ColumnView:
    path: str
    typed: dict[str, str]
    type: str  # in the warehouse; "" where the column is gone
    wrong: str = ""

    @property
    def id(self) -> str:
        return paths.element(self.path)

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in ColumnKind.choices]


@dataclass
class TableView:
    """The master, an attribute table or a behavior table."""

    path: str
    role: str  # master, attribute, behavior
    typed: Typed
    number: int = 0
    names: list[str] = field(default_factory=list)  # of its columns, to choose a key from
    times: list[str] = field(default_factory=list)
    columns: list[ColumnView] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return paths.element(self.path) or "master"

    @property
    def prefix(self) -> str:
        return f"{self.path}." if self.path else ""

    @property
    def field(self) -> str:
        return "master" if self.role == "master" else "table"

    @property
    def table(self) -> str:
        return str(self.typed[self.field])

    @property
    def used(self) -> int:
        return sum(bool(one.typed["use"]) for one in self.columns)


@dataclass
class FormView:
    typed: Typed
    master: TableView
    attribute_tables: list[TableView]
    behavior_tables: list[TableView]
    wrong: dict[str, str]


TIMES = ("int", "long", "timestamp", "timestamptz", "date")
FIELDS = ("master", "table", "name", "key_column", "master_column", "time_column", "columns")


def draw(typed: Typed, problems: Sequence[Problem]) -> FormView:
    wrong = {problem.path: problem.message for problem in problems}
    return FormView(
        typed,
        _table("", "master", typed, wrong),
        _tables("attribute_tables", "attribute", typed, wrong),
        _tables("behavior_tables", "behavior", typed, wrong),
        wrong,
    )


def waiting(typed: Typed, problems: Sequence[Problem]) -> list[Problem]:
    """Without those of fields that nobody filled in yet."""
    return [one for one in problems if one.path != "columns" and _filled(paths.at(typed, one.path))]


def _filled(found: Any) -> bool:
    return found is None or bool(found)


def _tables(name: str, role: str, typed: Typed, wrong: dict[str, str]) -> list[TableView]:
    return [_table(f"{name}.{i}", role, one, wrong, i) for i, one in enumerate(typed[name])]


def _table(path: str, role: str, typed: Typed, wrong: dict[str, str], number: int = 0) -> TableView:
    view = TableView(path, role, typed, number)
    held = stored(view.table)
    view.names = list(dict.fromkeys([*held, *filter(None, [typed["key_column"]])]))
    view.times = [name for name, type in held.items() if type in TIMES]
    if role == "behavior" and typed["time_column"] and typed["time_column"] not in view.times:
        view.times.append(typed["time_column"])
    for i, each in enumerate(typed["columns"]):
        place = f"{view.prefix}columns.{i}"
        said = [message for at, message in wrong.items() if at.startswith(f"{place}.")]
        view.columns.append(ColumnView(place, each, held.get(each["column"].lower(), ""), " ".join(said)))
    found = {name: wrong[view.prefix + name] for name in FIELDS if view.prefix + name in wrong}
    view.wrong = {"table" if name == "master" else name: message for name, message in found.items()}
    if role == "master":
        view.wrong.pop("name", None)  # the parent segment's own, beside its field
    return view
