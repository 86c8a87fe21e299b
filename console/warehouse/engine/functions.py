"""The closed list of functions a statement may call, and what each becomes. A name that is on no list is refused."""

import difflib
from functools import cache
from typing import NoReturn

from sqlglot import exp

from console.warehouse.engine import macros, td
from console.warehouse.engine.calls import Call, Rule, Wrapped, call
from console.warehouse.engine.hive import names as hive
from console.warehouse.engine.hive import rules as hive_rules
from console.warehouse.engine.presto import names as presto
from console.warehouse.engine.presto import rules as presto_rules

_SAME = {"presto": presto.SAME, "hive": hive.SAME}
_RENAMED = {"presto": presto.RENAMED, "hive": hive.RENAMED}
_RULES: dict[str, dict[str, Rule]] = {
    "presto": presto_rules.RULES | td.RULES,
    "hive": hive_rules.RULES | td.RULES,
}
# Read by the parser itself, not called by name.
_SYNTAX = {
    "presto": {"cast", "try_cast", "extract", "substring", "position", "listagg", "if"},
    "hive": {"cast", "if"},
}


@cache
def _macro_names(type: str) -> frozenset[str]:
    internal = presto.INTERNAL if type == "presto" else hive.INTERNAL
    prefix = f"{type}__"
    return (
        frozenset(name[len(prefix) :] for name in macros.definitions() if name.startswith(prefix)) - internal
    )


def function_names(type: str) -> list[str]:
    """Every name a statement of `type` may call, sorted."""
    names = set(_SAME[type]) | set(_RENAMED[type]) | set(_RULES[type]) | _macro_names(type) | _SYNTAX[type]
    return sorted(name.upper() if name.startswith("td_") else name for name in names)


def rewrite(one: Call) -> exp.Expr | Wrapped:
    """What the call becomes. Raises SqlError at the call for a name that isn't known."""
    type, name = one.context.type, one.name
    if rule := _RULES[type].get(name):
        return rule(one)
    if name in _macro_names(type):
        _check_count(one, macros.arities(f"{type}__{name}"))
        return _renamed(one, f"{type}__{name}")
    if name in _RENAMED[type]:
        return _renamed(one, _RENAMED[type][name])
    if name not in _SAME[type]:
        _unknown(one)
    return _renamed(one, name)


def _check_count(one: Call, allowed: frozenset[int]) -> None:
    if len(one.args) not in allowed:
        wanted = " or ".join(map(str, sorted(allowed)))
        one.refuse(f"{one.written} takes {wanted} arguments, not {len(one.args)}.")


def _renamed(one: Call, name: str) -> exp.Expr:
    return call(name, *one.args)


def _unknown(one: Call) -> NoReturn:
    hint = (presto.INSTEAD if one.context.type == "presto" else hive.INSTEAD).get(one.name, "")
    close = difflib.get_close_matches(
        one.name, [name.lower() for name in function_names(one.context.type)], 1, 0.75
    )
    if not hint and close:
        hint = f"Did you mean {close[0].upper() if close[0].startswith('td_') else close[0]}?"
    one.refuse(f"The function {one.written} isn't supported.", hint)
