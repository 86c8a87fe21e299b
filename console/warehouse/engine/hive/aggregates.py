"""Hive's aggregates: they leave NULLs out, text counts as a number, and deviations are of the population."""

from sqlglot import exp

from console.warehouse.engine.calls import Call, Rule, Wrapped, call
from console.warehouse.engine.inference.decimals import T

_NAMES = {"variance": "var_pop", "stddev": "stddev_pop", "std": "stddev_pop"}


def collect(one: Call) -> Wrapped:
    """collect_list and collect_set leave NULLs out, and no rows give an empty array."""
    (arg,) = one.count(1)
    if one.name == "collect_set":
        arg = exp.Distinct(expressions=[arg])

    def without_nulls(node: exp.Expr) -> exp.Expr:
        item = exp.to_identifier("sql__e", quoted=True)
        keep = exp.Lambda(
            this=exp.Not(this=exp.Is(this=item.copy(), expression=exp.Null())), expressions=[item]
        )
        return call("coalesce", call("list_filter", node, keep), exp.Array(expressions=[]))

    return Wrapped(call("list", arg), without_nulls)


def of_numbers(one: Call) -> exp.Expr:
    args, kind = one.count(1), one.kinds[0]
    if kind is not None and kind.this == T.TEXT and not isinstance(args[0], exp.Distinct):
        args = [exp.TryCast(this=args[0], to=exp.DataType.build("double"))]
    return call(_NAMES.get(one.name, one.name), *args)


def percentile(one: Call) -> exp.Expr:
    """One fraction or an array of them; the accuracy of percentile_approx is the engine's own."""
    args = one.count(2, 3 if one.name == "percentile_approx" else 2)
    several = one.kinds[1] is not None and one.kinds[1].this == T.ARRAY
    numbers = exp.cast(args[0], "double")
    if one.name == "percentile":
        return call("quantile_cont", numbers, args[1])
    return call(
        "approx_quantile", numbers, exp.cast(args[1], "ARRAY<FLOAT>" if several else "float", dialect="hive")
    )


_OF_NUMBERS = ("sum", "avg", "variance", "stddev", "std", "var_pop", "var_samp", "stddev_pop", "stddev_samp")
RULES: dict[str, Rule] = {
    "collect_list": collect,
    "collect_set": collect,
    "percentile": percentile,
    "percentile_approx": percentile,
    **dict.fromkeys(_OF_NUMBERS, of_numbers),
}
