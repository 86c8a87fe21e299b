"""Rules from JSON, checked against a vocabulary. Everything that is wrong is found in one go."""

from collections.abc import Mapping
from typing import Any, Literal

from activations.rules import values
from activations.rules.behaviors import read_behavior
from activations.rules.errors import Problem, RulesError, Wrong
from activations.rules.nodes import Condition, Group, Membership, Rule, depth, walk
from activations.rules.operators import Operator, find, operators_for
from activations.rules.vocabulary import Vocabulary

DEPTH, RULES = 10, 500


def parse(raw: Any, vocabulary: Vocabulary) -> Group:
    """Raises RulesError with every problem. `{}` is everybody. What other segments say isn't looked at."""
    reader = Reader(vocabulary)
    root = reader.group(raw or {"type": "group", "match": "all", "rules": []}, "", root=True)
    if root is not None and not reader.problems:
        reader.limit(root)
    if reader.problems or root is None:
        raise RulesError(reader.problems)
    return root


class Reader:
    """Collects problems; a part that can't be read is None and left out."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.problems: list[Problem] = []

    def say(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    def limit(self, root: Group) -> None:
        if depth(root) > DEPTH:
            self.say(
                "",
                f"Groups are nested more than {DEPTH} deep. Make a segment of an inner one and include it.",
            )
        if (count := sum(not isinstance(rule, Group) for rule in walk(root))) > RULES:
            self.say(
                "", f"{count:,} rules, {RULES:,} are the most. Split them into segments and include those."
            )

    def group(
        self, raw: Any, path: str, *, root: bool = False, inside: Mapping[str, str] | None = None
    ) -> Group | None:
        """`inside` are the columns of the behavior whose filter this is."""
        if not self.fields(raw, path, "group", {"type", "match", "rules"}):
            return None
        match, listed = raw.get("match", "all"), raw.get("rules", [])
        if match not in ("all", "any"):
            self.say(below(path, "match"), "Choose all or any.")
            return None
        if not isinstance(listed, list):
            self.say(below(path, "rules"), "Give a list of rules.")
            return None
        if not listed and not root:
            self.say(path, "The group is empty. Add a rule, or remove the group.")
            return None
        if path.count("rules.") > DEPTH:
            self.say(path, f"Groups are nested more than {DEPTH} deep.")
            return None
        rules = (self.rule(one, below(path, f"rules.{i}"), inside) for i, one in enumerate(listed))
        kind: Literal["all", "any"] = "all" if match == "all" else "any"
        return Group(kind, tuple(rule for rule in rules if rule is not None))

    def rule(self, raw: Any, path: str, inside: Mapping[str, str] | None) -> Rule | None:
        type = raw.get("type") if isinstance(raw, dict) else None
        if type == "group":
            return self.group(raw, path, inside=inside)
        if inside is not None:
            if type == "column":
                return self.condition(raw, path, "column", inside, "The behavior has no column {}.")
            self.say(path, "A behavior's filter has only conditions on its columns, and groups of them.")
            return None
        if type == "attribute":
            unknown = "The parent segment has no attribute {}."
            return self.condition(raw, path, "attribute", self.vocabulary.attributes, unknown)
        if type == "segment":
            return self.membership(raw, path)
        if type == "behavior":
            return read_behavior(self, raw, path)
        self.say(path, "Give a rule of the type group, attribute, behavior or segment.")
        return None

    def condition(
        self, raw: Any, path: str, key: str, kinds: Mapping[str, str], unknown: str
    ) -> Condition | None:
        if not self.fields(raw, path, key, {"type", key, "operator", "value"}):
            return None
        name = raw.get(key)
        if not isinstance(name, str) or name not in kinds:
            self.say(
                below(path, key), f"{unknown.format(name or '“”')} Choose another one, or remove this rule."
            )
            return None
        return self.compared(raw, path, name, kinds[name], operators_for(kinds[name]))

    def compared(
        self, raw: dict[str, Any], path: str, name: str, kind: str, operators: tuple[Operator, ...]
    ) -> Condition | None:
        operator = find(operators, raw.get("operator"))
        if operator is None:
            known = ", ".join(one.key for one in operators)
            self.say(below(path, "operator"), f"{name} can't be compared this way. Choose one of {known}.")
            return None
        try:
            return Condition(name, kind, operator.key, values.read(raw.get("value"), kind, operator))
        except Wrong as wrong:
            self.say(below(path, "value"), str(wrong))
            return None

    def membership(self, raw: Any, path: str) -> Membership | None:
        if not self.fields(raw, path, "segment", {"type", "segment", "include"}):
            return None
        number, include = raw.get("segment"), raw.get("include", True)
        if not isinstance(include, bool):
            self.say(below(path, "include"), "Give true to include the segment, false to exclude it.")
            return None
        if isinstance(number, bool) or not isinstance(number, int) or self.vocabulary.segment(number) is None:
            self.say(below(path, "segment"), "There is no such segment any more. Choose another one.")
            return None
        return Membership(number, include)

    def fields(self, raw: Any, path: str, type: str, known: set[str]) -> bool:
        if not isinstance(raw, dict) or raw.get("type", "group") != type:
            self.say(path, f"Give a rule of the type {type}.")
            return False
        if unknown := sorted(map(str, set(raw) - known)):
            self.say(path, f"A rule of the type {type} has no {', '.join(unknown)}. Remove it.")
            return False
        return True


def below(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part
