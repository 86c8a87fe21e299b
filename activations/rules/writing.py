"""The rule tree as JSON, in one spelling."""

from typing import Any

from activations.rules import values
from activations.rules.nodes import Behavior, Condition, Group, Membership, Rule, Window


def to_json(rule: Rule, *, inside: bool = False) -> dict[str, Any]:
    """What `parse` reads back to an equal tree. `inside` a behavior, conditions are on its columns."""
    if isinstance(rule, Group):
        rules = [to_json(one, inside=inside) for one in rule.rules]
        return {"type": "group", "match": rule.match, "rules": rules}
    if isinstance(rule, Membership):
        return {"type": "segment", "segment": rule.segment, "include": rule.include}
    if isinstance(rule, Condition):
        key = "column" if inside else "attribute"
        return {"type": key, key: rule.name} | _comparison(rule)
    return _behavior(rule)


def _behavior(rule: Behavior) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "behavior", "behavior": rule.behavior, "measure": rule.measure}
    if rule.column:
        made["column"] = rule.column
    made |= _comparison(rule.result)
    if rule.where is not None:
        made["where"] = to_json(rule.where, inside=True)
    if rule.window is not None:
        made["window"] = _window(rule.window)
    return made


def _comparison(condition: Condition) -> dict[str, Any]:
    made: dict[str, Any] = {"operator": condition.operator}
    if condition.value is not None:
        made["value"] = values.write(condition.value)
    return made


def _window(window: Window) -> dict[str, Any]:
    if window.last_days is not None:
        return {"last_days": window.last_days}
    return {"from": values.write(window.start), "to": values.write(window.end)}
