"""Rules as typed, with everything their fields show: choices, the operators' words, values, what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from activations.builder import paths
from activations.builder.editing import subject
from activations.builder.typing_in import MEASURE, Node, one, operators_of, two
from activations.errors import Problem
from activations.models import ParentSegment, Segment
from activations.rule_words import operator_of
from activations.rules import MEASURES, Operator, Takes, Vocabulary

Choices = list[tuple[str, str]]
WINDOWS: Choices = [("any", "at any time"), ("last_days", "in the last"), ("between", "from … to …")]
FORMS = {
    "number": "such as 20 or 19.90",
    "date": "such as 2026-01-31",
    "timestamp": "such as 2026-01-31 or 2026-01-31 14:30",
}
BLANK = (".value", ".segment", ".window")  # not wrong yet while nothing was typed there


@dataclass(frozen=True)
class Names:
    """What fields offer: attributes by their group, behaviors, segments of the same parent segment."""

    vocabulary: Vocabulary
    attributes: list[tuple[str, list[str]]]
    segments: Choices


@dataclass
class View:
    """One rule or group. `path` names its fields; `wrong` are problems by the field they belong to, "" the rule."""

    path: str
    type: str
    number: int = 0
    siblings: int = 1
    depth: int = 0
    inside: bool = False  # a behavior's filter
    wrong: dict[str, str] = field(default_factory=dict)
    match: str = "all"
    rules: "list[View]" = field(default_factory=list)
    groups: list[tuple[str, list[str]]] = field(default_factory=list)
    chosen: str = ""
    lost: bool = False  # what is chosen is no longer there
    was: str = ""
    operators: Sequence[Operator] = ()
    operator: Operator | None = None
    unknown: bool = False  # the operator is none of this column's
    kind: str = "text"
    value: Any = ""
    measures: Choices = field(default_factory=list)
    measure: str = ""
    explains: str = ""
    columns: Choices = field(default_factory=list)
    column: str = ""
    window: Mapping[str, str] = field(default_factory=dict)
    where: "View | None" = None
    segments: Choices = field(default_factory=list)
    include: bool = True
    beside_group: bool = False
    is_filter: bool = False  # the whole filter of a behavior, which no menu moves

    @property
    def id(self) -> str:
        return paths.element(self.path) or "root"

    @property
    def prefix(self) -> str:
        return f"{self.path}." if self.path else ""

    @property
    def takes(self) -> str:
        return self.operator.takes.value if self.operator else "one"

    @property
    def input(self) -> str:
        """The browser's own field for dates, unless what was typed is none and would be lost in it."""
        if self.takes == Takes.ONE and "\n" in self.value:
            return "area"  # a single line would lose the others
        texts = [text for text in (self.value if isinstance(self.value, list) else [self.value]) if text]
        return "date" if self.kind == "date" and all(map(_is_date, texts)) else "text"

    @property
    def hint(self) -> str:
        return FORMS.get(self.kind, "") if self.takes in (Takes.ONE, Takes.TWO) else ""

    @property
    def can_leave(self) -> bool:
        return "rules" in self.path.rpartition("rules")[0] and not self.around.endswith("where")

    @property
    def around(self) -> str:
        return self.path.rpartition("rules")[0].rstrip(".")

    @property
    def window_input(self) -> str:
        texts = [self.window.get(name, "") for name in ("from", "to")]
        return "date" if all(map(_is_date, filter(None, texts))) else "text"

    @property
    def windows(self) -> Choices:
        return WINDOWS


def names(audience: ParentSegment, vocabulary: Vocabulary, own: Segment) -> Names:
    grouped: dict[str, list[str]] = {}
    for name, group in audience.attributes.values_list("name", "group"):
        grouped.setdefault(group, []).append(name)
    others = audience.segments.exclude(pk=own.pk).values_list("pk", "name")
    return Names(vocabulary, list(grouped.items()), [(str(pk), name) for pk, name in others])


def draw(root: Node, known: Names, problems: Sequence[Problem] = ()) -> View:
    return _Drawing(known, {problem.path: problem.message for problem in problems}).group(root, "", 0)


FIELDS = {
    "group": ("",),
    "segment": ("segment", ""),
    "attribute": ("attribute", "operator", "value", ""),
    "column": ("column", "operator", "value", ""),
    "behavior": ("window", "measure", "column", "behavior", "operator", "value", ""),
}


def slots(view: View) -> list[tuple[str, str]]:
    """Every place for an error, by its id, with what stands there now; "" where nothing does."""
    names = FIELDS[view.type]
    found = [("-".join(filter(None, (view.id, name))), view.wrong.get(name, "")) for name in names]
    below = [*view.rules, *([view.where] if view.where and view.where.rules else [])]
    return [*found, *(slot for one in below for slot in slots(one))]


def waiting(root: Node, problems: Sequence[Problem]) -> tuple[list[Problem], int]:
    """The problems without those of fields that nothing was typed in yet, and how many those are."""
    wrong = [problem for problem in problems if not _is_blank(root, problem.path)]
    return wrong, len(problems) - len(wrong)


def _is_blank(root: Node, path: str) -> bool:
    if not path.endswith(BLANK):
        return False
    found = paths.at(root, path)
    if isinstance(found, dict):
        return not any(text for key, text in found.items() if key != "kind")
    return not any(found) if isinstance(found, list) else not found


class _Drawing:
    def __init__(self, known: Names, problems: Mapping[str, str]) -> None:
        self.known, self.problems = known, problems

    def group(
        self, node: Node, path: str, depth: int, columns: dict[str, str] | None = None, **more: Any
    ) -> View:
        view = View(path, "group", depth=depth, inside=columns is not None, match=node["match"], **more)
        view.wrong = self._wrong(path, ("match", "rules"))
        if view.wrong:
            view.wrong = {"": " ".join(view.wrong.values())}
        rules, count = node["rules"], len(node["rules"])
        for i, below in enumerate(rules):
            beside = any(0 <= j < count and rules[j]["type"] == "group" for j in (i - 1, i + 1))
            place = f"{view.prefix}rules.{i}"
            placed = {"number": i, "siblings": count, "beside_group": beside}
            view.rules.append(self.rule(below, place, depth + 1, columns, placed))
        return view

    def rule(
        self, node: Node, path: str, depth: int, columns: dict[str, str] | None, placed: dict[str, Any]
    ) -> View:
        if node["type"] == "group":
            return self.group(node, path, depth, columns, **placed)
        view = View(path, node["type"], depth=depth, inside=columns is not None, **placed)
        if node["type"] == "segment":
            return self.segment(view, node)
        view.was = subject(node)
        self._compared(view, node, columns or {})
        if node["type"] == "behavior":
            return self.behavior(view, node)
        view.chosen = node[node["type"]]
        view.groups = [("", list(columns))] if columns is not None else self.known.attributes
        kinds = columns if columns is not None else self.known.vocabulary.attributes
        view.kind, view.lost = kinds.get(view.chosen, "text"), view.chosen not in kinds
        view.wrong = self._wrong(path, (node["type"], "operator", "value"))
        return view

    def segment(self, view: View, node: Node) -> View:
        view.segments, view.chosen = self.known.segments, node["segment"]
        view.lost = bool(view.chosen) and view.chosen not in dict(self.known.segments)
        view.include = node["include"] == "true"
        view.wrong = self._wrong(view.path, ("segment", "include"))
        if not view.chosen and "segment" in view.wrong:
            view.wrong["segment"] = "Choose a segment."
        return view

    def behavior(self, view: View, node: Node) -> View:
        behaviors = self.known.vocabulary.behaviors
        held, measure = dict(behaviors.get(node["behavior"], {})), MEASURE.get(node["measure"])
        view.chosen, view.lost = node["behavior"], node["behavior"] not in behaviors
        view.groups = [("", list(behaviors))]
        view.measures = [(m.key, m.words) for m in MEASURES if not m.of or set(held.values()) & m.of]
        view.measure, view.column = node["measure"], node["column"]
        view.explains = measure.explains if measure else ""
        if measure is not None and measure.of:
            view.columns = [(name, name) for name, kind in held.items() if kind in measure.of]
            view.kind = "number" if measure.key == "avg" else held.get(node["column"], "number")
        else:
            view.kind = "number"
        view.window = {"kind": "any", **node["window"]}
        view.where = self.group(node["where"], f"{view.path}.where", view.depth + 1, held, is_filter=True)
        view.wrong = self._wrong(view.path, ("behavior", "measure", "column", "operator", "value", "window"))
        return view

    def _compared(self, view: View, node: Node, columns: dict[str, str]) -> None:
        view.operators = operators_of(node, self.known.vocabulary, columns)
        view.operator = operator_of(tuple(view.operators), node["operator"])
        view.unknown = view.operator not in view.operators
        value = node["value"]
        if view.operator.takes == Takes.TWO:
            view.value = two(value)
        elif view.operator.takes == Takes.LIST:
            view.value = "\n".join(value) if isinstance(value, list) else value
        else:
            view.value = one(value)

    def _wrong(self, path: str, fields: Sequence[str]) -> dict[str, str]:
        """Problems of the rule itself are under ""."""
        prefix = f"{path}." if path else ""
        found = {name: self.problems[prefix + name] for name in fields if prefix + name in self.problems}
        return found | ({"": self.problems[path]} if path in self.problems else {})


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text)) and len(text) == 10
    except ValueError:
        return False
