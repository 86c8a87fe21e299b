"""Operators, casts and literals whose values differ from the engine's."""

from collections.abc import Callable

from sqlglot import exp

from console.warehouse.engine import regexes
from console.warehouse.engine.calls import Context, call, number
from console.warehouse.engine.inference import is_date_like, scale

_Rule = Callable[[exp.Expr, Context], exp.Expr]
_T = exp.DType
_TIMESTAMPS = {_T.TIMESTAMP, _T.TIMESTAMPNTZ, _T.DATETIME}
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


def presto_divide(node: exp.Expr, context: Context) -> exp.Expr:
    """Integers give integers; decimals keep the larger scale of the two, as in Trino."""
    left, right = node.this, node.expression
    places = [scale(left), scale(right)]
    if any(places):
        both = [one for one in places if one is not None]
        if len(both) == 2:
            return exp.cast(call("sql__divide", left, right, number(max(both))), f"DECIMAL(38,{max(both)})")
    return call("presto__divide", left, right)


def presto_plus(node: exp.Expr, context: Context) -> exp.Expr:
    if not isinstance(node.this, exp.Interval) and not isinstance(node.expression, exp.Interval):
        return node
    return call("presto__plus" if isinstance(node, exp.Add) else "presto__minus", node.this, node.expression)


def presto_bracket(node: exp.Expr, context: Context) -> exp.Expr:
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


def _plain(kind: exp.DataType, context: Context) -> exp.DataType:
    """The engine's type: timestamps have one precision, varchar(n) is varchar, row fields by name."""
    for part in list(kind.find_all(exp.DataType)):
        if part.this in _TIMESTAMPS:
            part.set("this", _T.TIMESTAMP)
            part.set("expressions", [])
        elif part.this in (_T.TIMESTAMPTZ, _T.TIMESTAMPLTZ):
            part.set("this", _T.TIMESTAMPTZ)
            part.set("expressions", [])
        elif part.this in (_T.VARCHAR, _T.CHAR, _T.TEXT):
            part.set("this", _T.TEXT)
            part.set("expressions", [])
        elif part.this == _T.DECIMAL and not part.expressions:
            places = ("38", "0") if context.type == "presto" else ("10", "0")
            part.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(one)) for one in places])
        elif part.this in (_T.INTERVAL, _T.USERDEFINED, _T.UNKNOWN):
            context.refuse(kind, f"The type {part.sql()} isn't supported.")
    return kind


def presto_cast(node: exp.Expr, context: Context) -> exp.Expr:
    kind: exp.DataType = node.args["to"]
    attempt = isinstance(node, exp.TryCast)
    length = kind.expressions[0].name if kind.this in (_T.VARCHAR, _T.CHAR) and kind.expressions else ""
    plain = _plain(kind, context)
    name = {_T.TEXT: "varchar", _T.BIGINT: "to_bigint", _T.INT: "to_integer", _T.JSON: "to_json"}.get(
        plain.this
    )
    if name is None:
        node.args["to"] = plain
        return node
    new: exp.Expr = call(f"presto__{name}", node.this)
    if length:
        new = call("left", new, exp.Literal.number(length))
    return call("TRY", new) if attempt and name != "to_json" else new


def hive_cast(node: exp.Expr, context: Context) -> exp.Expr:
    kind: exp.DataType = node.args["to"]
    length = kind.expressions[0].name if kind.this in (_T.VARCHAR, _T.CHAR) and kind.expressions else ""
    plain = _plain(kind, context)
    name = {_T.TEXT: "string", _T.BIGINT: "to_bigint", _T.INT: "to_int", _T.DATE: "day"}.get(plain.this)
    if name is None:
        return exp.TryCast(this=node.this, to=plain)
    new = call(f"hive__{name}", node.this)
    return call("left", new, exp.Literal.number(length)) if length else new


def extract(node: exp.Expr, context: Context) -> exp.Expr:
    part = node.this.name.lower()
    known = _PARTS.get(part, part)
    if known not in _KNOWN_PARTS:
        context.refuse(node, f"EXTRACT({part.upper()} …) isn't supported.")
    node.set("this", exp.var(known.upper()))
    return node


def at_time_zone(node: exp.Expr, context: Context) -> exp.Expr:
    return call("presto__at_timezone", node.this, node.args["zone"])


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


def hive_like(node: exp.Expr, context: Context) -> exp.Expr:
    """A backslash escapes in Hive's LIKE."""
    if isinstance(node.parent, exp.Escape) or "\\" not in node.expression.name:
        return node
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def hive_divide(node: exp.Expr, context: Context) -> exp.Expr:
    return call("hive__divide", node.this, node.expression)


def hive_arithmetic(node: exp.Expr, context: Context) -> exp.Expr:
    """Text counts as a number, NULL where it is none."""
    if is_date_like(node.this) or is_date_like(node.expression):
        return node
    for key in ("this", "expression"):
        node.set(key, _number(node.args[key]))
    return node


def hive_compare(node: exp.Expr, context: Context) -> exp.Expr:
    """Against a number, text is read as one."""
    for key, other in (("this", "expression"), ("expression", "this")):
        against = node.args[other]
        if isinstance(against, (exp.Literal, exp.Neg)) and not against.is_string:
            node.set(key, _number(node.args[key]))
    return node


def _number(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Literal) and not node.is_string:
        return node
    return call("hive__number", node)


def hive_bracket(node: exp.Expr, context: Context) -> exp.Expr:
    index = node.expressions[0]
    if isinstance(index, exp.Literal) and index.is_string:
        return node
    return call("hive__at", node.this, index)


def hive_literal(node: exp.Expr, context: Context) -> exp.Expr:
    """1.5 is a double in Hive."""
    text = str(node.this)
    if node.is_string or "." not in text or "e" in text.lower() or isinstance(node.parent, exp.DataTypeParam):
        return node
    return exp.Literal.number(text + "E0")


def hive_concat(node: exp.Expr, context: Context) -> exp.Expr:
    return exp.DPipe(
        this=call("hive__string", node.this), expression=call("hive__string", node.expression), safe=True
    )


_HIVE_COMPARE: dict[type[exp.Expr], _Rule] = dict.fromkeys(
    (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ), hive_compare
)
_BOTH: dict[type[exp.Expr], _Rule] = {
    exp.Extract: extract, exp.Substring: substring, exp.Trim: trim, exp.RegexpLike: regexp_like,
    exp.IgnoreNulls: ignore_nulls,
}  # fmt: skip
OPERATORS: dict[str, dict[type[exp.Expr], _Rule]] = {
    "presto": _BOTH | {
        exp.Div: presto_divide, exp.Add: presto_plus, exp.Sub: presto_plus, exp.Bracket: presto_bracket,
        exp.Cast: presto_cast, exp.TryCast: presto_cast, exp.AtTimeZone: at_time_zone,
    },
    "hive": _BOTH | _HIVE_COMPARE | {
        exp.Div: hive_divide, exp.Add: hive_arithmetic, exp.Sub: hive_arithmetic, exp.Mul: hive_arithmetic,
        exp.Mod: hive_arithmetic, exp.Bracket: hive_bracket, exp.Cast: hive_cast, exp.TryCast: hive_cast,
        exp.Like: hive_like, exp.Literal: hive_literal, exp.DPipe: hive_concat,
    },
}  # fmt: skip
