"""Trino's operators."""

from sqlglot import exp

from console.warehouse.engine.calls import Context, Rewrite, call, number
from console.warehouse.engine.casts import presto_cast
from console.warehouse.engine.inference.decimals import FLOATS, INTEGERS, T, arithmetic, digits


def divide(node: exp.Expr, context: Context) -> exp.Expr:
    """Integers give integers; decimals keep the larger scale of the two, rounded half up. Where a type isn't known, the
    engine chooses when it binds, and a decimal becomes a double."""
    left, right = context.operands(node)
    if left and right and left.this in INTEGERS and right.this in INTEGERS:
        return exp.paren(exp.IntDiv(this=node.this, expression=node.expression))
    if left and right and T.DECIMAL in (left.this, right.this) and not {left.this, right.this} & set(FLOATS):
        return _decimal_quotient(node, left, right)
    return call("presto__divide", node.this, node.expression)


def _decimal_quotient(node: exp.Expr, left: exp.DataType, right: exp.DataType) -> exp.Expr:
    """Exact: of whole numbers of the smallest unit, which the engine has with 38 digits."""
    kind, one, other = arithmetic(exp.Div, left, right), digits(left), digits(right)
    if kind is None or one is None or other is None:
        return call("presto__divide", node.this, node.expression)
    scale = max(one[1], other[1])
    numerator = _units(node.this, one[1], scale + other[1])
    quotient = call("sql__quotient", numerator, _units(node.expression, other[1], other[1]))
    if scale:
        unit = exp.Literal.number("0." + "1".rjust(scale, "0"))
        return exp.cast(exp.Mul(this=exp.cast(quotient, "DECIMAL(38,0)"), expression=unit), kind)
    return exp.cast(quotient, kind)


def _units(value: exp.Expr, scale: int, places: int) -> exp.Expr:
    """`value`, which has `scale` decimals, times ten to the power of `places`, as a whole number."""
    if not places:
        return exp.cast(value, "HUGEINT", dialect="duckdb")
    exact = exp.cast(value, f"DECIMAL(38,{scale})")
    return exp.cast(exp.Mul(this=exact, expression=number(10**places)), "HUGEINT", dialect="duckdb")


def plus(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.this, exp.Interval) and not isinstance(node.expression, exp.Interval):
        return node
    return call("presto__plus" if isinstance(node, exp.Add) else "presto__minus", node.this, node.expression)


def bracket(node: exp.Expr, context: Context) -> exp.Expr:
    """Trino raises where the element is missing."""
    if len(node.expressions) != 1 or isinstance(node.expressions[0], exp.Slice):
        context.refuse(node, "Slices aren't supported.", "Use slice(array, start, length).")
    index, kind = node.expressions[0], context.operands(node)[0]
    if kind is not None and kind.this == T.STRUCT:
        return call("struct_extract_at", node.this, index)
    text = isinstance(index, exp.Literal) and index.is_string
    if text or (kind is not None and kind.this == T.MAP):
        return call("presto__at_map", node.this, index)
    return call("presto__at_array", node.this, index, call("cardinality", node.this.copy()))


def at_time_zone(node: exp.Expr, context: Context) -> exp.Expr:
    return call("presto__at_timezone", node.this, node.args["zone"])


OPERATORS: dict[type[exp.Expr], Rewrite] = {
    exp.Div: divide, exp.Add: plus, exp.Sub: plus, exp.Bracket: bracket,
    exp.Cast: presto_cast, exp.TryCast: presto_cast, exp.AtTimeZone: at_time_zone,
}  # fmt: skip
