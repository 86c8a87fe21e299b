"""One pass over a checked query, from its leaves up: each part that means something else in the engine is replaced."""

from collections.abc import Callable

from sqlglot import exp

from console.warehouse.engine import functions
from console.warehouse.engine.calls import Call, Context, Wrapped
from console.warehouse.engine.operators import OPERATORS
from console.warehouse.engine.unnesting import UNNESTING

_AROUND = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)
_Rule = Callable[[exp.Expr, Context], exp.Expr]


def rewrite(query: exp.Expr, context: Context) -> exp.Expr:
    waiting: dict[int, Callable[[exp.Expr], exp.Expr]] = {}
    for node in reversed(list(query.walk())):
        new = _one(node, context)
        wrap = waiting.pop(id(node), None)
        if isinstance(new, Wrapped):
            new, wrap = new.node, new.wrap
        outside = node.parent
        if new is not node:
            query = new if node is query else query
            node.replace(new)
        if wrap is None:
            continue
        if isinstance(outside, _AROUND) and outside.this is new:
            waiting[id(outside)] = wrap
        else:
            wrapped = wrap(new.copy())
            new.replace(wrapped)
    return query


def _one(node: exp.Expr, context: Context) -> exp.Expr | Wrapped:
    if type(node) is exp.Anonymous:
        return functions.rewrite(Call(node, context))
    rule = (OPERATORS.get(context.type, {}).get(type(node))) or UNNESTING.get(type(node))
    return rule(node, context) if rule else node
