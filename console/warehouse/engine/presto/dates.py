"""Trino's functions on dates and times."""

from sqlglot import exp

from console.warehouse.engine import patterns
from console.warehouse.engine.both import at_zone
from console.warehouse.engine.calls import Call, Context, Rule, call, string

T = exp.DType
_STEPS = {
    "millisecond": "to_milliseconds", "second": "to_seconds", "minute": "to_minutes", "hour": "to_hours",
    "day": "to_days", "week": "to_weeks", "month": "to_months", "quarter": "to_quarters", "year": "to_years",
}  # fmt: skip
_LONG = ("millisecond", "second", "minute", "hour")
_AS_TIME = "Cast the date to timestamp."
Kinds = tuple[exp.DataType | None, ...]


def moved(operator: type[exp.Binary], left: exp.Expr, right: exp.Expr, kinds: Kinds) -> exp.Expr:
    """A time plus or minus an interval. A date stays a date; where the type isn't known, a macro chooses when it is."""
    names = [kind.this if kind is not None else None for kind in kinds]
    if T.DATE in names:
        return exp.cast(exp.paren(operator(this=left, expression=right)), "date")
    if T.TIMESTAMP in names or T.TIMESTAMPTZ in names:
        return exp.paren(operator(this=left, expression=right))
    return call("presto__plus" if operator is exp.Add else "presto__minus", left, right)


def plus(node: exp.Expr, context: Context) -> exp.Expr:
    left, right = kinds = context.operands(node)
    names = [kind.this if kind is not None else None for kind in kinds]
    if isinstance(node, exp.Sub) and names == [T.DATE, T.DATE]:
        context.refuse(
            node, "The difference of two dates is an interval.", "Use date_diff('day', earlier, later)."
        )
    if T.INTERVAL not in names or names == [T.INTERVAL, T.INTERVAL]:
        return node
    if T.DATE in names and any(_is_short(side) for side in (node.this, node.expression)):
        context.refuse(node, "A date has no time of day to add to.", _AS_TIME)
    return moved(exp.Add if isinstance(node, exp.Add) else exp.Sub, node.this, node.expression, (left, right))


def _is_short(node: exp.Expr) -> bool:
    return any(interval.text("unit").lower() in _LONG for interval in node.find_all(exp.Interval))


def date_add(one: Call) -> exp.Expr:
    args, unit = one.count(3), _unit(one)
    if unit in _LONG and one.kinds[2] is not None and one.kinds[2].this == T.DATE:
        one.refuse("A date has no time of day to add to.", _AS_TIME)
    count = exp.cast(args[1], "bigint" if unit in _LONG else "int")
    return moved(exp.Add, args[2], call(_STEPS[unit], count), (one.kinds[2],))


def date_diff(one: Call) -> exp.Expr:
    args = one.count(3)
    return call("date_sub", string(_unit(one)), instant(args[1]), instant(args[2]))


def instant(node: exp.Expr) -> exp.Expr:
    """AT TIME ZONE gives a local time in the engine. Where times are compared, what counts is the instant before it."""
    if isinstance(node, exp.Paren):
        return instant(node.this)
    if isinstance(node, exp.Anonymous) and node.name == "presto__at_timezone":
        return exp.cast(node.expressions[0], exp.DataType.build("timestamptz", dialect="duckdb"))
    return node


def compare(node: exp.Expr, context: Context) -> exp.Expr:
    for key in ("this", "expression", "low", "high"):
        if isinstance(node.args.get(key), exp.Expr):
            node.set(key, instant(node.args[key]))
    return node


def date_trunc(one: Call) -> exp.Expr:
    args, kind = one.count(2), one.kinds[1]
    if kind is not None and kind.this == T.DATE:
        return exp.cast(call("date_trunc", *args), "date")
    known = kind is not None and kind.this in (T.TIMESTAMP, T.TIMESTAMPTZ)
    return call("date_trunc" if known else "presto__date_trunc", *args)


def _unit(one: Call) -> str:
    unit = one.text(0, "unit").lower()
    if unit not in _STEPS:
        one.refuse(f"{one.written}: {unit!r} is no unit. Use {', '.join(_STEPS)}.")
    return unit


def _pattern(one: Call, *, mysql: bool) -> exp.Literal:
    text = one.text(1, "pattern")
    try:
        return string(patterns.from_mysql(text) if mysql else patterns.from_java(text))
    except patterns.UnknownLetter as letter:
        one.refuse(f"{one.written}: {letter} isn't supported in a pattern.")


def date_format(one: Call) -> exp.Expr:
    return call("strftime", one.count(2)[0], _pattern(one, mysql=True))


def date_parse(one: Call) -> exp.Expr:
    return call("strptime", one.count(2)[0], _pattern(one, mysql=True))


def format_datetime(one: Call) -> exp.Expr:
    return call("strftime", one.count(2)[0], _pattern(one, mysql=False))


def parse_datetime(one: Call) -> exp.Expr:
    parsed = call("strptime", one.count(2)[0], _pattern(one, mysql=False))
    return call("timezone", string("UTC"), parsed)


def to_unixtime(one: Call) -> exp.Expr:
    return call("presto__to_unixtime", instant(one.count(1)[0]))


RULES: dict[str, Rule] = {
    "date_add": date_add, "date_diff": date_diff, "date_trunc": date_trunc, "date_format": date_format,
    "date_parse": date_parse, "format_datetime": format_datetime, "parse_datetime": parse_datetime,
    "to_unixtime": to_unixtime, "at_timezone": at_zone, "with_timezone": at_zone, "from_unixtime": at_zone,
}  # fmt: skip
