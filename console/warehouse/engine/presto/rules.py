"""Trino's functions that need the call itself: what each becomes in the engine."""

from sqlglot import exp

from console.warehouse.engine.both import extreme, json_path, regexp
from console.warehouse.engine.calls import Call, Rule, Wrapped, call
from console.warehouse.engine.inference.decimals import FLOATS, INTEGERS, T
from console.warehouse.engine.presto import dates, lambdas
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
    return call("TRY", *one.count(1))


def set_agg(one: Call) -> exp.Expr:
    return call("list", exp.Distinct(expressions=one.count(1)))


def avg(one: Call) -> exp.Expr | Wrapped:
    """Of decimals the average is a decimal of the same kind."""
    args, kind = one.count(1), one.kinds[0]
    made = call("avg", *args)
    if kind is None or kind.this != T.DECIMAL:
        return made
    return Wrapped(made, lambda node: exp.cast(node, kind.copy()))


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
    "regexp_like": regexp, "regexp_extract": regexp,
    "regexp_replace": regexp, "regexp_extract_all": regexp, "regexp_split": regexp, "regexp_count": regexp,
    "json_extract": json_path, "json_extract_scalar": json_path, "json_size": json_path,
    "approx_percentile": approx_percentile, "try": attempt, "set_agg": set_agg, "approx_distinct": approx_distinct,
    "cardinality": cardinality, "ceil": whole, "ceiling": whole, "floor": whole, "sign": sign, "truncate": truncate,
    **dates.RULES, **lambdas.RULES,
}  # fmt: skip
