"""Trino's functions. `SAME` mean the same in the engine; `RENAMED` only by another name; macros/presto.sql has those
whose values differ; `RULES` need the call itself."""

from sqlglot import exp

from console.warehouse.engine import jsonpaths, patterns, regexes
from console.warehouse.engine.calls import Call, Rule, call, number, string

SAME = frozenset(
    [
        "abs",
        "ceil",
        "ceiling",
        "floor",
        "round",
        "sqrt",
        "cbrt",
        "exp",
        "log2",
        "log10",
        "power",
        "pow",
        "sign",
        "radians",
        "degrees",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "pi",
        "lower",
        "upper",
        "lpad",
        "rpad",
        "chr",
        "translate",
        "starts_with",
        "strpos",
        "log",
        "count",
        "min",
        "max",
        "avg",
        "sum",
        "bool_and",
        "bool_or",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "variance",
        "var_pop",
        "var_samp",
        "corr",
        "covar_pop",
        "covar_samp",
        "regr_slope",
        "regr_intercept",
        "any_value",
        "histogram",
        "count_if",
        "array_agg",
        "skewness",
        "row_number",
        "rank",
        "dense_rank",
        "percent_rank",
        "cume_dist",
        "ntile",
        "lag",
        "lead",
        "first_value",
        "last_value",
        "nth_value",
        "grouping",
        "coalesce",
        "nullif",
        "now",
        "year",
        "quarter",
        "month",
        "day",
        "hour",
        "minute",
        "second",
        "map_keys",
        "map_values",
        "map_entries",
        "map_from_entries",
        "map_concat",
        "flatten",
        "row",
        "regexp_extract_all",
    ]
)
RENAMED = {
    "arbitrary": "any_value", "every": "bool_and", "max_by": "arg_max_null", "min_by": "arg_min_null",
    "approx_percentile": "approx_quantile", "bitwise_and_agg": "bit_and", "bitwise_or_agg": "bit_or",
    "bitwise_xor_agg": "bit_xor", "geometric_mean": "geomean", "kurtosis": "kurtosis",
    "day_of_month": "day", "day_of_week": "isodow", "dow": "isodow", "day_of_year": "dayofyear", "doy": "dayofyear",
    "week": "week", "week_of_year": "week", "year_of_week": "isoyear", "yow": "isoyear",
    "is_nan": "isnan", "is_infinite": "isinf", "is_finite": "isfinite", "transform": "list_transform",
    "filter": "list_filter", "from_base64": "from_base64", "set_agg": "list",
}  # fmt: skip
INTERNAL = frozenset(
    [
        "divide",
        "divide_any",
        "plus",
        "plus_any",
        "minus",
        "minus_any",
        "at_array",
        "at_map",
        "varchar",
        "to_bigint",
        "to_integer",
        "to_json",
        "date_trunc_any",
        "length_any",
    ]
)
INSTEAD = {
    "contains_sequence": "Compare with slice().", "date_sub": "Use date_add with a negative number.",
    "datediff": "Use date_diff('day', a, b).", "nvl": "Use coalesce.", "ifnull": "Use coalesce.",
    "substring_index": "Use split_part.", "instr": "Use strpos.", "group_concat": "Use array_join(array_agg(x), ',').",
    "get_json_object": "Use json_extract_scalar.", "unix_timestamp": "Use to_unixtime.", "len": "Use length.",
    "isnull": "Use x IS NULL.", "concat_all": "Use concat.", "collect_list": "Use array_agg.",
    "json_query": "Use json_extract.", "json_value": "Use json_extract_scalar.", "read_csv": "", "size": "Use cardinality.",
}  # fmt: skip
_STEPS = {
    "millisecond": "to_milliseconds", "second": "to_seconds", "minute": "to_minutes", "hour": "to_hours",
    "day": "to_days", "week": "to_weeks", "month": "to_months", "quarter": "to_quarters", "year": "to_years",
}  # fmt: skip


def null_if_any(args: list[exp.Expr], result: exp.Expr) -> exp.Expr:
    nulls = exp.or_(*(exp.Is(this=arg.copy(), expression=exp.Null()) for arg in args))
    return exp.Case(ifs=[exp.If(this=nulls, true=exp.Null())], default=result)


def extreme(one: Call) -> exp.Expr:
    """GREATEST and LEAST are NULL where one argument is; the engine skips it."""
    args = one.count(1, 127)
    return null_if_any(args, call(one.name, *args))


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


def regexp(one: Call) -> exp.Expr:
    """The pattern is checked where it's written out; RE2 says so at run time where it isn't."""
    args = one.count(2, 3)
    try:
        if isinstance(args[1], exp.Literal):
            args[1] = string(regexes.pattern(str(args[1].this)))
        if one.name == "regexp_replace" and len(args) == 3:
            if isinstance(args[2], exp.Lambda):
                one.refuse("regexp_replace with a lambda isn't supported.")
            if not isinstance(args[2], exp.Literal):
                one.refuse("regexp_replace needs its replacement as a text in quotes.")
            args[2] = string(regexes.replacement(str(args[2].this)))
    except regexes.Unsupported as unsupported:
        one.context.refuse(one.args[1], f"{one.written}: regular expressions can't have {unsupported}.")
    if one.name == "regexp_extract_all":
        return call("regexp_extract_all", *args)
    return call(f"{one.context.type}__{one.name}", *args)


def json_path(one: Call) -> exp.Expr:
    args = one.count(2)
    path = jsonpaths.translate(one.text(1, "path"))
    if path is None:
        one.context.refuse(
            args[1], f"{one.written}: this JSON path isn't supported.", "Use names and indexes only."
        )
    return call(f"{one.context.type}__{one.name}", args[0], string(path))


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


RULES: dict[str, Rule] = {
    "greatest": extreme, "least": extreme, "concat": concat, "date_add": date_add, "date_diff": date_diff,
    "date_format": date_format, "date_parse": date_parse, "format_datetime": format_datetime,
    "parse_datetime": parse_datetime, "regexp_like": regexp, "regexp_extract": regexp, "regexp_replace": regexp,
    "regexp_extract_all": regexp, "regexp_split": regexp, "regexp_count": regexp, "json_extract": json_path,
    "json_extract_scalar": json_path, "json_size": json_path, "reduce": reduce, "any_match": match, "all_match": match,
    "none_match": match, "approx_percentile": approx_percentile, "try": attempt, "set_agg": set_agg,
    "approx_distinct": approx_distinct, "cardinality": cardinality, "to_unixtime": to_unixtime,
}  # fmt: skip
