"""Trino's operators."""

import re

from sqlglot import exp

from console.warehouse.engine.both import zone
from console.warehouse.engine.calls import Context, Rewrite, call, number
from console.warehouse.engine.casts import presto_cast
from console.warehouse.engine.inference.decimals import FLOATS, INTEGERS, T, arithmetic, digits
from console.warehouse.engine.presto.dates import compare, plus

_TIME = r"(\d+)(?::(\d+))?(?::(\d+(?:\.\d+)?))?"
_SPANS = {
    ("DAY", "SECOND"): (rf"(-?)(\d+) {_TIME}", ("day", "hour", "minute", "second")),
    ("DAY", "MINUTE"): (r"(-?)(\d+) (\d+):(\d+)", ("day", "hour", "minute")),
    ("DAY", "HOUR"): (r"(-?)(\d+) (\d+)", ("day", "hour")),
    ("HOUR", "SECOND"): (r"(-?)(\d+):(\d+):(\d+(?:\.\d+)?)", ("hour", "minute", "second")),
    ("HOUR", "MINUTE"): (r"(-?)(\d+):(\d+)", ("hour", "minute")),
    ("MINUTE", "SECOND"): (r"(-?)(\d+):(\d+(?:\.\d+)?)", ("minute", "second")),
    ("YEAR", "MONTH"): (r"(-?)(\d+)-(\d+)", ("year", "month")),
}


def divide(node: exp.Expr, context: Context) -> exp.Expr:
    """Integers give integers; decimals keep the larger scale of the two, rounded half up. Where a type isn't known, the
    engine chooses when it binds, and a decimal becomes a double."""
    left, right = context.operands(node)
    if left and right and left.this in INTEGERS and right.this in INTEGERS:
        return exp.paren(exp.IntDiv(this=node.this, expression=node.expression))
    if left and right and T.DECIMAL in (left.this, right.this) and not {left.this, right.this} & set(FLOATS):
        return _decimal_quotient(node, left, right)
    if left and right and {left.this, right.this} & set(FLOATS):
        kind = arithmetic(exp.Div, left, right)
        made = call("presto__divide_floats", node.this, node.expression)
        return exp.cast(made, kind) if kind is not None else made
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


def concat(node: exp.Expr, context: Context) -> exp.Expr:
    left, right = context.operands(node)
    return joined(node.this, node.expression, left, right)


def joined(
    left: exp.Expr, right: exp.Expr, kind: exp.DataType | None, other: exp.DataType | None
) -> exp.Expr:
    """Texts, arrays, or an array and one more element."""
    if kind is not None and other is not None and (kind.this == T.ARRAY) != (other.this == T.ARRAY):
        return call("list_append" if kind.this == T.ARRAY else "list_prepend", left, right)
    return exp.DPipe(this=left, expression=right, safe=True)


def interval(node: exp.Expr, context: Context) -> exp.Expr:
    """`INTERVAL '1 02:03:04' DAY TO SECOND` and `INTERVAL '1-2' YEAR TO MONTH`."""
    span = node.args.get("unit")
    if not isinstance(span, exp.IntervalSpan):
        return node
    found = _SPANS.get((span.this.name.upper(), span.expression.name.upper()))
    parts = re.fullmatch(found[0], node.this.name) if found and isinstance(node.this, exp.Literal) else None
    if found is None or parts is None:
        context.refuse(
            node, "This interval can't be read.", "Write for example INTERVAL '1 02:03:04' DAY TO SECOND."
        )
    sign = "-" if parts[1] else ""
    units = zip(parts.groups()[1:], found[1], strict=True)
    made = [
        exp.Interval(this=exp.Literal.string(sign + (count or "0")), unit=exp.var(unit))
        for count, unit in units
    ]
    total: exp.Expr = made[0]
    for one in made[1:]:
        total = exp.Add(this=total, expression=one)
    return exp.paren(total)


def at_time_zone(node: exp.Expr, context: Context) -> exp.Expr:
    return call("presto__at_timezone", node.this, zone(context, node.args["zone"]))


OPERATORS: dict[type[exp.Expr], Rewrite] = {
    exp.Div: divide, exp.Add: plus, exp.Sub: plus, exp.Bracket: bracket, exp.DPipe: concat, exp.Interval: interval,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between), compare),
    exp.Cast: presto_cast, exp.TryCast: presto_cast, exp.AtTimeZone: at_time_zone,
}  # fmt: skip
