"""Trino's functions that need the call itself: what each becomes in the engine."""

from sqlglot import exp

from console.warehouse.engine import patterns
from console.warehouse.engine.both import extreme, json_path, regexp
from console.warehouse.engine.calls import Call, Rule, Wrapped, call, number, string

_STEPS = {
    "millisecond": "to_milliseconds", "second": "to_seconds", "minute": "to_minutes", "hour": "to_hours",
    "day": "to_days", "week": "to_weeks", "month": "to_months", "quarter": "to_quarters", "year": "to_years",
}  # fmt: skip


def concat(one: Call) -> exp.Expr:
    args = one.count(2, 127)
    joined = args[0]
    for arg in args[1:]:
        joined = exp.DPipe(this=joined, expression=arg, safe=True)
    return exp.paren(joined)


def date_add(one: Call) -> exp.Expr:
    args = one.count(3)
    return call("presto__plus", args[2], call(_unit(one), exp.cast(args[1], "int")))


def date_diff(one: Call) -> exp.Expr:
    args = one.count(3)
    unit = one.text(0, "unit").lower()
    if unit not in _STEPS:
        one.refuse(f"{one.written}: {unit!r} is no unit. Use {', '.join(_STEPS)}.")
    return call("date_sub", string(unit), args[1], args[2])


def _unit(one: Call) -> str:
    unit = one.text(0, "unit").lower()
    if unit not in _STEPS:
        one.refuse(f"{one.written}: {unit!r} is no unit. Use {', '.join(_STEPS)}.")
    return _STEPS[unit]


def _pattern(one: Call, text: str, *, mysql: bool) -> exp.Literal:
    try:
        return string(patterns.from_mysql(text) if mysql else patterns.from_java(text))
    except patterns.UnknownLetter as letter:
        one.refuse(f"{one.written}: {letter} isn't supported in a pattern.")


def date_format(one: Call) -> exp.Expr:
    args = one.count(2)
    return call("strftime", args[0], _pattern(one, one.text(1, "pattern"), mysql=True))


def date_parse(one: Call) -> exp.Expr:
    args = one.count(2)
    return call("strptime", args[0], _pattern(one, one.text(1, "pattern"), mysql=True))


def format_datetime(one: Call) -> exp.Expr:
    args = one.count(2)
    return call("strftime", args[0], _pattern(one, one.text(1, "pattern"), mysql=False))


def parse_datetime(one: Call) -> exp.Expr:
    args = one.count(2)
    parsed = call("strptime", args[0], _pattern(one, one.text(1, "pattern"), mysql=False))
    return call("timezone", string("UTC"), parsed)


def reduce(one: Call) -> exp.Expr:
    array, start, step, end = one.count(4)
    if not isinstance(end, exp.Lambda) or not isinstance(step, exp.Lambda):
        one.refuse("reduce needs two lambdas.")
    folded = call("list_reduce", array, step, start)
    name = end.expressions[0].name
    return exp.paren(end.this.transform(lambda node: folded.copy() if _is_name(node, name) else node))


def _is_name(node: exp.Expr, name: str) -> bool:
    return (isinstance(node, exp.Column) and not node.table and node.name.lower() == name.lower()) or (
        isinstance(node, exp.Identifier) and not isinstance(node.parent, exp.Column) and node.name == name
    )


def match(one: Call) -> exp.Expr:
    array, test = one.count(2)
    hits = call("len", call("list_filter", array.copy(), test))
    if one.name == "any_match":
        return exp.paren(exp.GT(this=hits, expression=number(0)))
    return exp.paren(
        exp.EQ(this=hits, expression=call("len", array) if one.name == "all_match" else number(0))
    )


def approx_percentile(one: Call) -> exp.Expr:
    """approx_percentile takes a value and a fraction, or an array of fractions."""
    args = one.count(2, 3)
    if len(args) == 3:
        one.refuse("approx_percentile with a weight isn't supported.", "Write approx_percentile(x, 0.5).")
    return call("approx_quantile", *args)


def approx_distinct(one: Call) -> exp.Expr:
    """The second argument, the largest standard error, is dropped: the engine's own is below 2 %."""
    return call("approx_count_distinct", one.count(1, 2)[0])


def cardinality(one: Call) -> exp.Expr:
    return exp.cast(call("cardinality", *one.count(1)), "bigint")


def attempt(one: Call) -> exp.Expr:
    return call("TRY", *one.count(1))


def set_agg(one: Call) -> exp.Expr:
    return call("list", exp.Distinct(expressions=one.count(1)))


def to_unixtime(one: Call) -> exp.Expr:
    """AT TIME ZONE gives a local time in the engine; the instant is what stands before it."""
    args = one.count(1)
    if isinstance(args[0], exp.Anonymous) and args[0].name == "presto__at_timezone":
        args = [args[0].expressions[0]]
    return call("presto__to_unixtime", *args)


def avg(one: Call) -> exp.Expr | Wrapped:
    """Of decimals the average is a decimal of the same kind."""
    args, kind = one.count(1), one.kinds[0]
    made = call("avg", *args)
    if kind is None or kind.this != exp.DType.DECIMAL:
        return made
    return Wrapped(made, lambda node: exp.cast(node, kind.copy()))


RULES: dict[str, Rule] = {
    "avg": avg,
    "greatest": extreme, "least": extreme, "concat": concat, "date_add": date_add, "date_diff": date_diff,
    "date_format": date_format, "date_parse": date_parse, "format_datetime": format_datetime,
    "parse_datetime": parse_datetime, "regexp_like": regexp, "regexp_extract": regexp, "regexp_replace": regexp,
    "regexp_extract_all": regexp, "regexp_split": regexp, "regexp_count": regexp, "json_extract": json_path,
    "json_extract_scalar": json_path, "json_size": json_path, "reduce": reduce, "any_match": match, "all_match": match,
    "none_match": match, "approx_percentile": approx_percentile, "try": attempt, "set_agg": set_agg,
    "approx_distinct": approx_distinct, "cardinality": cardinality, "to_unixtime": to_unixtime,
}  # fmt: skip
