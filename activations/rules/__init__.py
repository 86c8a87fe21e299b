"""Who is in a segment, as a tree of rules. Plain Python: what it may name comes in as a `Vocabulary`.

As JSON, which `parse` reads and `to_json` writes (canonical: equal rules are equal JSON):

    {"type": "group", "match": "all" | "any", "rules": [rule, …]}      the root is a group; without rules: everybody
    {"type": "attribute", "attribute": "region", "operator": "equals", "value": "EMEA"}
    {"type": "behavior", "behavior": "Purchases", "measure": "count", "operator": "at_least", "value": 3,
     "where": {group of "column" conditions} or absent, "window": {"last_days": 30} | {"from": "2026-01-01",
     "to": "2026-01-31"} or absent}
    the same with "measure": "sum" | "avg" | "min" | "max" | "last" and "column": "amount"
    {"type": "column", "column": "quantity", "operator": "at_least", "value": 2}      only inside "where"
    {"type": "segment", "segment": 12, "include": true | false}

`value` is one value, a list for `in` and `not_in`, [from, to] for `between`, a number of days for
`in_last_days`, `before_last_days` and `in_next_days`, and absent for operators such as `is_set`.
"""

from activations.rules.errors import Problem, RulesError
from activations.rules.inclusion import numbers_in, resolve
from activations.rules.nodes import Behavior, Condition, Group, Membership, Rule, Window, memberships
from activations.rules.operators import MEASURES, Operator, Takes, operators_for, operators_of_measure
from activations.rules.parsing import parse
from activations.rules.vocabulary import KnownSegment, Vocabulary
from activations.rules.writing import to_json

__all__ = [
    "MEASURES",
    "Behavior",
    "Condition",
    "Group",
    "KnownSegment",
    "Membership",
    "Operator",
    "Problem",
    "Rule",
    "RulesError",
    "Takes",
    "Vocabulary",
    "Window",
    "memberships",
    "numbers_in",
    "operators_for",
    "operators_of_measure",
    "parse",
    "resolve",
    "to_json",
]
