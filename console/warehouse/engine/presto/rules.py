"""Trino's functions that need the call itself: what each becomes in the engine."""

from sqlglot import exp

from console.warehouse.engine.both import extreme, json_path, regexp
from console.warehouse.engine.calls import Call, Rule, Wrapped, call, number
from console.warehouse.engine.inference.decimals import FLOATS, INTEGERS, T, common
from console.warehouse.engine.presto import dates, lambdas
from console.warehouse.engine.presto.names import AGGREGATES
from console.warehouse.engine.presto.operators import joined


def concat(one: Call) -> exp.Expr:
    args = one.count(2, 127)
    made, kind = args[0], one.kinds[0]
    for arg, other in zip(args[1:], one.kinds[1:], strict=True):
        made = joined(made, arg, kind, other)
        kind = kind if kind is not None and kind.this == T.ARRAY else other
    return exp.paren(made)


def approx_percentile(one: Call) -> exp.Expr:
    """approx_percentile takes a value and a fraction, or an array of fractions."""
    args = one.count(2, 3)
    if len(args) == 3:
        one.refuse("approx_percentile with a weight isn't supported.", "Write approx_percentile(x, 0.5).")
    several = one.kinds[1] is not None and one.kinds[1].this == T.ARRAY
    return call(
        "approx_quantile", args[0], exp.cast(args[1], "ARRAY<FLOAT>" if several else "float", dialect="hive")
    )


def approx_distinct(one: Call) -> exp.Expr:
    """The second argument, the largest standard error, is dropped: the engine's own is below 2 %."""
    return call("approx_count_distinct", one.count(1, 2)[0])


def cardinality(one: Call) -> exp.Expr:
    return exp.cast(call("cardinality", *one.count(1)), "bigint")


def attempt(one: Call) -> exp.Expr:
    """The engine tries no aggregates. Of them the one thing that is tried is a division, so zero divides to NULL."""
    (arg,) = one.count(1)
    late = (exp.Window, exp.Subquery, exp.AggFunc)
    if any(isinstance(part, late) or _is_aggregate(part) for part in arg.walk()):
        return exp.paren(arg.transform(_never_by_zero))
    return call("TRY", arg)


def _is_aggregate(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name in AGGREGATES


def _never_by_zero(node: exp.Expr) -> exp.Expr:
    if isinstance(node, (exp.IntDiv, exp.Mod)):
        node.set("expression", call("nullif", node.expression, number(0)))
    elif isinstance(node, exp.Anonymous) and node.name == "sql__quotient":
        node.set("expressions", [node.expressions[0], call("nullif", node.expressions[1], number(0))])
    return node


def extreme_by(one: Call) -> exp.Expr:
    """max_by and min_by of a value, or of several as an array."""
    args, name = one.count(2, 3), one.name.replace("_by", "").replace("m", "arg_m", 1)
    return call(name if len(args) == 3 else f"{name}_null", *args)


def set_agg(one: Call) -> exp.Expr:
    return call("list", exp.Distinct(expressions=one.count(1)))


def avg(one: Call) -> exp.Expr | Wrapped:
    """Of decimals the average is a decimal of the same kind."""
    args, kind = one.count(1), one.kinds[0]
    made = call("avg", *args)
    if kind is None or kind.this != T.DECIMAL:
        return made
    return Wrapped(made, lambda node: exp.cast(node, kind.copy()))


def map_concat(one: Call) -> exp.Expr:
    """The engine wants maps of one type."""
    args, kind = one.count(2, 127), one.kinds[0]
    for other in one.kinds[1:]:
        kind = common(kind, other)
    return call("map_concat", *([exp.cast(arg, kind.copy()) for arg in args] if kind is not None else args))


def whole(one: Call) -> exp.Expr:
    """ceil and floor of an integer are that integer."""
    args, kind = one.count(1), one.kinds[0]
    return exp.paren(args[0]) if kind is not None and kind.this in INTEGERS else call(one.name, *args)


def sign(one: Call) -> exp.Expr:
    made, kind = call("sign", *one.count(1)), one.kinds[0]
    known = kind is not None and (kind.this in INTEGERS or kind.this in FLOATS)
    return exp.cast(made, kind.copy()) if known and kind is not None else made


def truncate(one: Call) -> exp.Expr:
    made, kind = call("presto__truncate", *one.count(1, 2)), one.kinds[0]
    return (
        exp.cast(made, kind.copy())
        if len(one.args) == 2 and kind is not None and kind.this == T.DECIMAL
        else made
    )


def concat_ws(one: Call) -> exp.Expr:
    """Texts, or one array of them, without the NULLs among them."""
    args, kind = one.count(2, 127), one.kinds[1]
    if len(args) == 2 and (kind is None or kind.this == T.ARRAY):
        return call(
            "presto__concat_ws" if kind is None else "array_to_string",
            *(args if kind is None else args[::-1]),
        )
    return call("concat_ws", *args)


RULES: dict[str, Rule] = {
    "avg": avg, "greatest": extreme, "least": extreme, "concat": concat, "concat_ws": concat_ws,
    "regexp_like": regexp, "regexp_extract": regexp, "regexp_replace": regexp, "regexp_extract_all": regexp,
    "regexp_split": regexp, "regexp_count": regexp, "json_extract": json_path, "json_extract_scalar": json_path,
    "json_size": json_path, "approx_percentile": approx_percentile, "try": attempt, "max_by": extreme_by,
    "min_by": extreme_by, "set_agg": set_agg, "approx_distinct": approx_distinct, "cardinality": cardinality,
    "map_concat": map_concat, "ceil": whole, "ceiling": whole, "floor": whole, "sign": sign,
    "truncate": truncate,
    **dates.RULES, **lambdas.RULES,
}  # fmt: skip
