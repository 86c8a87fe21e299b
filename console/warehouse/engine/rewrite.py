"""One pass over a checked query, from its leaves up: each part that means something else in the engine is replaced."""

from collections.abc import Callable

from sqlglot import exp

from console.warehouse.engine import functions, macros
from console.warehouse.engine.calls import Call, Context, Wrapped
from console.warehouse.engine.operators import OPERATORS
from console.warehouse.engine.unnesting import UNNESTING

_AROUND = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)


def rewrite(query: exp.Expr, context: Context) -> exp.Expr:
    waiting: dict[int, Callable[[exp.Expr], exp.Expr]] = {}
    for node in reversed(list(query.walk())):
        new = _one(node, context)
        wrap = waiting.pop(id(node), None)
        if isinstance(new, Wrapped):
            wrap = new.wrap
            new = new.node
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
    for made in list(query.find_all(exp.Anonymous)):
        _choose_overload(made)
    return query


def _choose_overload(made: exp.Anonymous) -> None:
    """The engine can't choose a macro by the types of aggregates, windows and lambda parameters: it binds them later.
    `<name>_any` is the variant that leaves the choice to an operator."""
    if f"{made.name}_any" not in macros.definitions():
        return
    if made.find_ancestor(exp.Lambda) or any(
        _is_late(part) for arg in made.expressions for part in arg.walk()
    ):
        made.set("this", f"{made.name}_any")


def _is_late(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Window, exp.GroupConcat, exp.Subquery)) or (
        isinstance(node, exp.Anonymous) and node.name in functions.AGGREGATES
    )


def _one(node: exp.Expr, context: Context) -> exp.Expr | Wrapped:
    if type(node) is exp.Anonymous:
        return functions.rewrite(Call(node, context))
    rule = (OPERATORS.get(context.type, {}).get(type(node))) or UNNESTING.get(type(node))
    return rule(node, context) if rule else node
