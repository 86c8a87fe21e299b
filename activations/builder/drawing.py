"""Rules as typed, with everything their fields show: choices, the operators' words, values, what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from activations.builder import paths
from activations.builder.editing import subject
from activations.builder.shown import Choices, View
from activations.builder.typing_in import MEASURE, Node, one, operators_of, two
from activations.errors import Problem
from activations.models import ParentSegment, Segment
from activations.rule_words import operator_of
from activations.rules import MEASURES, Takes, Vocabulary

BLANK = (".value", ".segment", ".window")  # not wrong yet while nothing was typed there


@dataclass(frozen=True)
class Names:
    """What fields offer: attributes by their group, behaviors, segments of the same parent segment."""

    vocabulary: Vocabulary
    attributes: list[tuple[str, list[str]]]
    segments: Choices


def names(audience: ParentSegment, vocabulary: Vocabulary, own: Segment) -> Names:
    grouped: dict[str, list[str]] = {}
    for name, group in audience.attributes.values_list("name", "group"):
        grouped.setdefault(group, []).append(name)
    others = audience.segments.exclude(pk=own.pk).values_list("pk", "name")
    return Names(vocabulary, list(grouped.items()), [(str(pk), name) for pk, name in others])


def draw(root: Node, known: Names, problems: Sequence[Problem] = ()) -> View:
    return _Drawing(known, {problem.path: problem.message for problem in problems}).group(root, "", 0)


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
