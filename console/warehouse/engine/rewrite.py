"""One pass over a checked query, from its leaves up: each part that means something else in the engine is replaced."""

from collections.abc import Callable

from sqlglot import exp

from console.warehouse.engine import functions, macros
from console.warehouse.engine.calls import Call, Context, Wrapped
from console.warehouse.engine.inference import Types
from console.warehouse.engine.inference.types import Columns
from console.warehouse.engine.operators import OPERATORS
from console.warehouse.engine.presto.names import AGGREGATES
from console.warehouse.engine.unnesting import UNNESTING

_AROUND = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)


def rewrite(query: exp.Expr, context: Context, columns: Columns) -> exp.Expr:
    """`columns` knows the columns of a table; the types of what is computed from them decide some rewrites."""
    original = list(query.walk())  # keeps every node alive, so that no new one has an old one's id
    types = Types(context.type, columns)
    context.kinds.update((id(node), tuple(map(types.of, _operands(node)))) for node in original)
    waiting: dict[int, Callable[[exp.Expr], exp.Expr]] = {}
    for node in reversed(original):
        new = _one(node, context)
        wrap = waiting.pop(id(node), None)
        if isinstance(new, Wrapped):
            wrap = new.wrap
            new = new.node
        outside = node.parent
        if new is not node:
            _pass_on_place(node, new)
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


def _operands(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, (exp.Anonymous, exp.Unnest)):
        return list(node.expressions)
    if isinstance(node, exp.Bracket):
        return [node.this, *node.expressions]
    if isinstance(node, exp.Between):
        return [node.this, node.args["low"], node.args["high"]]
    if isinstance(node, exp.In):
        return [node.this, *node.expressions]
    return [node.this, node.expression] if isinstance(node, exp.Binary) else []


def _pass_on_place(old: exp.Expr, new: exp.Expr) -> None:
    """What takes a node's place stands where that stood."""
    start = _start(old)
    waiting = [new] if start is not None else []
    while waiting:
        node = waiting.pop()
        if "start" not in node.meta:
            node.meta["start"] = start
            waiting.extend(node.iter_expressions())


def _start(node: exp.Expr | None) -> int | None:
    """An operator stands where its left side does."""
    while isinstance(node, exp.Expr):
        if "start" in node.meta:
            return int(node.meta["start"])
        node = node.args.get("this")
    return None


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
        isinstance(node, exp.Anonymous) and node.name in AGGREGATES
    )


def _one(node: exp.Expr, context: Context) -> exp.Expr | Wrapped:
    if type(node) is exp.Anonymous:
        return functions.rewrite(Call(node, context))
    rule = (OPERATORS.get(context.type, {}).get(type(node))) or UNNESTING.get(type(node))
    return rule(node, context) if rule else node
