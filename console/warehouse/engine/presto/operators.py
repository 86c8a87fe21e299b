"""Trino's operators."""

from sqlglot import exp

from console.warehouse.engine.calls import Context, Rewrite, call, number
from console.warehouse.engine.casts import presto_cast
from console.warehouse.engine.inference import scale


def divide(node: exp.Expr, context: Context) -> exp.Expr:
    """Integers give integers; decimals keep the larger scale of the two, as in Trino."""
    left, right = node.this, node.expression
    places = [scale(left), scale(right)]
    if any(places):
        both = [one for one in places if one is not None]
        if len(both) == 2:
            return exp.cast(call("sql__divide", left, right, number(max(both))), f"DECIMAL(38,{max(both)})")
    return call("presto__divide", left, right)


def plus(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.this, exp.Interval) and not isinstance(node.expression, exp.Interval):
        return node
    return call("presto__plus" if isinstance(node, exp.Add) else "presto__minus", node.this, node.expression)


def bracket(node: exp.Expr, context: Context) -> exp.Expr:
    """Trino raises where the element is missing."""
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        context.refuse(node, "Slices aren't supported.", "Use slice(array, start, length).")
    index = node.expressions[0]
    text = isinstance(index, exp.Literal) and index.is_string
    if text or _is_map(node.this):
        return call("presto__at_map", node.this, index)
    return call("presto__at_array", node.this, index, call("cardinality", node.this.copy()))


def _is_map(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and (
        node.name.startswith(("presto__map", "presto__split_to_map", "map", "histogram", "presto__multimap"))
    )


def at_time_zone(node: exp.Expr, context: Context) -> exp.Expr:
    return call("presto__at_timezone", node.this, node.args["zone"])


OPERATORS: dict[type[exp.Expr], Rewrite] = {
    exp.Div: divide, exp.Add: plus, exp.Sub: plus, exp.Bracket: bracket,
    exp.Cast: presto_cast, exp.TryCast: presto_cast, exp.AtTimeZone: at_time_zone,
}  # fmt: skip
