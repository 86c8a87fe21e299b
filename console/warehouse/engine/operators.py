"""Operators, casts and literals whose values differ from the engine's."""

from sqlglot import exp

from console.warehouse.engine import regexes
from console.warehouse.engine.calls import Context, Rewrite, call
from console.warehouse.engine.hive import operators as hive
from console.warehouse.engine.presto import operators as presto

_PARTS = {"dow": "isodow", "day_of_week": "isodow", "day_of_month": "day", "doy": "doy", "day_of_year": "doy",
          "yow": "isoyear", "year_of_week": "isoyear", "dayofweek": "isodow"}  # fmt: skip
_KNOWN_PARTS = {
    "year",
    "quarter",
    "month",
    "week",
    "day",
    "hour",
    "minute",
    "second",
    "isodow",
    "doy",
    "isoyear",
}


def extract(node: exp.Expr, context: Context) -> exp.Expr:
    part = node.this.name.lower()
    known = _PARTS.get(part, part)
    if known not in _KNOWN_PARTS:
        context.refuse(node, f"EXTRACT({part.upper()} …) isn't supported.")
    node.set("this", exp.var(known.upper()))
    return node


def substring(node: exp.Expr, context: Context) -> exp.Expr:
    args = [node.this, node.args.get("start"), node.args.get("length")]
    return call(f"{context.type}__substr", *(arg for arg in args if arg is not None))


def trim(node: exp.Expr, context: Context) -> exp.Expr:
    if node.args.get("expression") is not None or node.args.get("position"):
        return node
    return call(f"{context.type}__trim", node.this)


_WINDOW_FUNCTIONS: dict[str, tuple[type[exp.Expr], tuple[str, ...]]] = {
    "lag": (exp.Lag, ("this", "offset", "default")),
    "lead": (exp.Lead, ("this", "offset", "default")),
    "first_value": (exp.FirstValue, ("this",)),
    "last_value": (exp.LastValue, ("this",)),
    "nth_value": (exp.NthValue, ("this", "offset")),
}


def ignore_nulls(node: exp.Expr, context: Context) -> exp.Expr:
    """The generator writes IGNORE NULLS only in calls it knows to be window functions."""
    kind = _WINDOW_FUNCTIONS.get(node.this.name.lower())
    if kind is None:
        context.refuse(node, f"{node.this.name} can't take IGNORE NULLS.")
    made = kind[0](**dict(zip(kind[1], node.this.expressions, strict=False)))
    return exp.IgnoreNulls(this=made)


def regexp_like(node: exp.Expr, context: Context) -> exp.Expr:
    try:
        pattern = node.expression
        if isinstance(pattern, exp.Literal):
            pattern = exp.Literal.string(regexes.pattern(str(pattern.this)))
    except regexes.Unsupported as unsupported:
        context.refuse(node.expression, f"Regular expressions can't have {unsupported}.")
    return call("regexp_matches", node.this, pattern)


def own_parameters(node: exp.Expr, context: Context) -> exp.Expr:
    """Parameters get names no column has: in `r -> r.a` the engine takes a column r before the parameter."""
    names = {parameter.name.lower(): f"{parameter.name} of the lambda" for parameter in node.expressions}
    node.set("expressions", [exp.to_identifier(name, quoted=True) for name in names.values()])
    return node.transform(lambda part: _parameter(part, names), copy=False)


def _parameter(part: exp.Expr, names: dict[str, str]) -> exp.Expr:
    """The parser leaves parameters in the body as bare names, `x`, or the first of a row's, `x.field`."""
    if not isinstance(part, exp.Identifier) or part.name.lower() not in names:
        return part
    elsewhere = isinstance(part.parent, (exp.Dot, exp.Lambda)) and part.arg_key != "this"
    if elsewhere or isinstance(part.parent, exp.Column):
        return part
    made = exp.Column(this=exp.to_identifier(names[part.name.lower()], quoted=True))
    made.this.meta.update(part.meta)
    return made


BOTH: dict[type[exp.Expr], Rewrite] = {
    exp.Extract: extract, exp.Substring: substring, exp.Trim: trim, exp.RegexpLike: regexp_like,
    exp.IgnoreNulls: ignore_nulls, exp.Lambda: own_parameters,
}  # fmt: skip
OPERATORS: dict[str, dict[type[exp.Expr], Rewrite]] = {
    "presto": BOTH | presto.OPERATORS,
    "hive": BOTH | hive.OPERATORS,
}
