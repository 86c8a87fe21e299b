"""Rules as a person reads them, line by line. Also those that can't be used any more: what is kept is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from activations.rules import MEASURES, Operator, Takes, Vocabulary, operators_for, operators_of_measure

_MEASURES = {measure.key: measure for measure in MEASURES}
MATCH = {"all": "All must match", "any": "Any may match"}


@dataclass(frozen=True)
class Line:
    """`match` heads the lines that are one deeper; a rule is its subject, the words and the value."""

    kind: Literal["match", "rule"]
    depth: int
    words: str
    subject: str = ""
    value: str = ""
    after: str = ""
    segment: int | None = None  # a link, in the place of the value


def lines(raw: Any, vocabulary: Vocabulary) -> list[Line]:
    """Of the rules of a group, without the group's own head. Empty: everybody."""
    return [line for rule in _rules(raw) for line in _lines(rule, vocabulary, 0)]


def match_of(raw: Any) -> str:
    return MATCH["any" if isinstance(raw, dict) and raw.get("match") == "any" else "all"]


def operator_of(operators: tuple[Operator, ...], key: Any) -> Operator:
    """The operator; one without a value where it can't be used here, so that its key is shown."""
    known = next((one for one in operators if one.key == key), None)
    return known or Operator(str(key or ""), str(key or "").replace("_", " "), Takes.ONE)


def _lines(rule: Any, vocabulary: Vocabulary, depth: int) -> Iterator[Line]:
    if not isinstance(rule, dict):
        return
    type = rule.get("type")
    if type == "segment":
        yield _membership(rule, vocabulary, depth)
    elif type == "behavior":
        yield from _behavior(rule, vocabulary, depth)
    elif type in ("attribute", "column"):
        yield _condition(rule, str(rule.get(type)), vocabulary.attributes, depth)
    else:
        yield Line("match", depth, match_of(rule))
        for below in _rules(rule):
            yield from _lines(below, vocabulary, depth + 1)


def _condition(rule: dict[str, Any], name: str, kinds: Mapping[str, str], depth: int) -> Line:
    operator = operator_of(operators_for(kinds.get(name, "other")), rule.get("operator"))
    return Line("rule", depth, operator.words, name, said(rule.get("value"), operator), operator.after)


def _membership(rule: dict[str, Any], vocabulary: Vocabulary, depth: int) -> Line:
    number = rule.get("segment")
    known = vocabulary.segment(number) if isinstance(number, int) else None
    words = "is in segment" if rule.get("include", True) else "is not in segment"
    return Line(
        "rule", depth, words, "Customer", known.name if known else f"{number}, which is gone",
        segment=number if known else None,
    )  # fmt: skip


def _behavior(rule: dict[str, Any], vocabulary: Vocabulary, depth: int) -> Iterator[Line]:
    name = str(rule.get("behavior"))
    columns = vocabulary.behaviors.get(name, {})
    measure, column = _MEASURES.get(str(rule.get("measure"))), str(rule.get("column") or "")
    kind = columns.get(column, "number")
    operators = operators_of_measure(measure.key, kind) if measure else ()
    operator = operator_of(operators, rule.get("operator"))
    drawn = " ".join(filter(None, (measure.words if measure else "", column)))
    words = f"{drawn}: {operator.words}" if measure else operator.words
    when = window(rule.get("window"))
    after = " ".join(filter(None, (operator.after, _times(measure, rule), when)))
    yield Line("rule", depth, words, name, said(rule.get("value"), operator), after)
    where = rule.get("where")
    if not isinstance(where, dict):
        return
    yield Line("match", depth + 1, f"Of events where {MATCH_EVENTS[where.get('match') == 'any']}")
    for below in _rules(where):
        yield from _inside(below, columns, depth + 2)


MATCH_EVENTS = {False: "all of these match", True: "any of these matches"}


def _inside(rule: Any, columns: Mapping[str, str], depth: int) -> Iterator[Line]:
    if not isinstance(rule, dict):
        return
    if rule.get("type") == "column":
        yield _condition(rule, str(rule.get("column")), columns, depth)
        return
    yield Line("match", depth, MATCH_EVENTS[rule.get("match") == "any"].capitalize())
    for below in _rules(rule):
        yield from _inside(below, columns, depth + 1)


def _times(measure: Any, rule: dict[str, Any]) -> str:
    if measure is None or measure.key != "count":
        return ""
    return "time" if str(rule.get("value")) == "1" else "times"


def window(raw: Any) -> str:
    """Which events count, in words; "" for all there are."""
    if not isinstance(raw, dict):
        return ""
    if "last_days" in raw:
        days = raw["last_days"]
        return f"in the last {days} day" if str(days) == "1" else f"in the last {days} days"
    return f"from {raw.get('from')} to {raw.get('to')}"


def said(value: Any, operator: Operator) -> str:
    if value is None or operator.takes == Takes.NOTHING:
        return ""
    if isinstance(value, list):
        words = [str(one) for one in value]
        if operator.takes == Takes.TWO:
            return " and ".join(words)
        more = f" and {len(words) - 5:,} more" if len(words) > 6 else ""
        return ", ".join(words[: 5 if more else 6]) + more
    return str(value)


def _rules(raw: Any) -> list[Any]:
    found = raw.get("rules") if isinstance(raw, dict) else None
    return found if isinstance(found, list) else []
