"""Rules as typed, from a form or from saved JSON, and to the JSON that is read and saved."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from activations.builder import paths
from activations.rule_words import operator_of
from activations.rules import MEASURES, Operator, Takes, Vocabulary, operators_for, operators_of_measure

MEASURE = {measure.key: measure for measure in MEASURES}
Node = dict[str, Any]


def from_form(fields: Iterable[tuple[str, str]]) -> Node:
    """The whole tree, made whole where something is missing."""
    ours = [(name, text) for name, text in fields if name == "match" or name.startswith("rules.")]
    return _group(paths.nested(ours))


def from_json(raw: Any) -> Node:
    """Saved rules, with texts for values."""
    return _group(_texts(raw if isinstance(raw, dict) else {}))


def _texts(raw: Any) -> Any:
    if isinstance(raw, dict):
        made = {key: _texts(value) for key, value in raw.items()}
        window = made.get("window")
        if isinstance(window, dict):
            made["window"] = {"kind": "last_days" if "last_days" in window else "between", **window}
        if raw.get("type") == "segment":
            made["include"] = "true" if raw.get("include", True) else "false"
        if raw.get("operator") in ("in", "not_in") and isinstance(raw.get("value"), list):
            made["value"] = "\n".join(line(str(one)) for one in raw["value"])
        return made
    return [_texts(one) for one in raw] if isinstance(raw, list) else "" if raw is None else str(raw)


def _group(raw: Any) -> Node:
    found = raw if isinstance(raw, dict) else {}
    rules = found.get("rules")
    return {
        "type": "group",
        "match": "any" if found.get("match") == "any" else "all",
        "rules": [_rule(one) for one in rules if isinstance(one, dict)] if isinstance(rules, list) else [],
    }


def _rule(raw: Node) -> Node:
    type = raw.get("type")
    if type == "behavior":
        window = raw.get("window")
        return {
            "type": "behavior",
            **{key: _text(raw.get(key)) for key in ("behavior", "measure", "column", "operator", "was")},
            "value": _value(raw.get("value")),
            "window": window if isinstance(window, dict) else {"kind": "any"},
            "where": _group(raw.get("where")),
        }
    if type == "segment":
        include = "false" if raw.get("include") == "false" else "true"
        return {"type": "segment", "segment": _text(raw.get("segment")), "include": include}
    if type in ("attribute", "column"):
        named = {key: _text(raw.get(key)) for key in (type, "operator", "was")}
        return {"type": type, **named, "value": _value(raw.get("value"))}
    return _group(raw)


def _text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""


def _value(raw: Any) -> Any:
    """A text, or a list of texts."""
    return [_text(one) for one in raw] if isinstance(raw, list) else _text(raw).replace("\r\n", "\n")


def operators_of(node: Node, vocabulary: Vocabulary, columns: Mapping[str, str]) -> tuple[Operator, ...]:
    """Those that its column may be compared with; none where the column isn't known."""
    if node["type"] == "behavior":
        held = vocabulary.behaviors.get(node["behavior"], {})
        measure = MEASURE.get(node["measure"])
        known = measure is not None and (not measure.of or node["column"] in held)
        return (
            operators_of_measure(measure.key, held.get(node["column"], "number")) if measure and known else ()
        )
    kinds = vocabulary.attributes if node["type"] == "attribute" else columns
    kind = kinds.get(node[node["type"]])
    return operators_for(kind) if kind else ()


def to_json(node: Node, vocabulary: Vocabulary, columns: Mapping[str, str] | None = None) -> Any:
    """What `rules.parse` reads, or says what is wrong with."""
    columns = columns or {}
    if node["type"] == "group":
        rules = [to_json(one, vocabulary, columns) for one in node["rules"]]
        return {"type": "group", "match": node["match"], "rules": rules}
    if node["type"] == "segment":
        number = node["segment"]
        return {
            "type": "segment",
            "segment": int(number) if number.isdecimal() and len(number) < 19 else number,
            "include": node["include"] == "true",
        }
    operators = operators_of(node, vocabulary, columns)
    compared = {"operator": node["operator"], **_compared(node, operator_of(operators, node["operator"]))}
    if node["type"] == "behavior":
        return _behavior(node, vocabulary, compared)
    return {"type": node["type"], node["type"]: node[node["type"]], **compared}


def _behavior(node: Node, vocabulary: Vocabulary, compared: Node) -> Node:
    made = {"type": "behavior", "behavior": node["behavior"], "measure": node["measure"], **compared}
    if node["measure"] != "count":
        made["column"] = node["column"]
    if node["where"]["rules"]:
        held = vocabulary.behaviors.get(node["behavior"], {})
        made["where"] = to_json(node["where"], vocabulary, held)
    window = node["window"]
    if window.get("kind") == "last_days":
        made["window"] = {"last_days": _text(window.get("last_days"))}
    elif window.get("kind") == "between":
        made["window"] = {"from": _text(window.get("from")), "to": _text(window.get("to"))}
    return made


def _compared(node: Node, operator: Operator) -> Node:
    value = node["value"]
    if operator.takes == Takes.NOTHING:
        return {}
    if operator.takes == Takes.TWO:
        return {"value": two(value)}
    if operator.takes == Takes.LIST:
        lines = list(map(line, value)) if isinstance(value, list) else value.split("\n")
        return {"value": [unlined(each.strip()) for each in lines if each.strip()]}
    return {"value": one(value)}


def line(text: str) -> str:
    """A value of a list as one line: as it is, or quoted where it would come back as another."""
    return (
        json.dumps(text, ensure_ascii=False)
        if text != text.strip() or "\n" in text or '"' in text[:1]
        else text
    )


def unlined(text: str) -> str:
    try:
        found = json.loads(text) if len(text) > 1 and text[0] == text[-1] == '"' else text
    except ValueError:
        return text
    return found if isinstance(found, str) else text


def one(value: Any) -> str:
    """What stands in a single field: of two or a list the first."""
    found = (value[0] if value else "") if isinstance(value, list) else value
    return str(found)


def two(value: Any) -> list[str]:
    found = [str(each) for each in value] if isinstance(value, list) else [str(value)]
    return [*found, "", ""][:2]
