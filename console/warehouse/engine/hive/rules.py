"""Hive's functions that need the call itself."""

from sqlglot import exp

from console.warehouse.engine import patterns, regexes
from console.warehouse.engine.both import at_zone, extreme, json_path
from console.warehouse.engine.calls import Call, Rule, call, number, string
from console.warehouse.engine.hive import aggregates
from console.warehouse.engine.inference.decimals import T

_SAME_MACRO = {"ceiling": "hive__ceil", "ucase": "hive__upper", "lcase": "hive__lower", "dayofmonth": "hive__day_of",
               "character_length": "hive__length", "day": "hive__day_of"}  # fmt: skip


def renamed(one: Call) -> exp.Expr:
    return call(_SAME_MACRO[one.name], *one.count(1))


def concat(one: Call) -> exp.Expr:
    args = [call("hive__string", arg) for arg in one.count(1, 127)]
    joined: exp.Expr = args[0]
    for arg in args[1:]:
        joined = exp.DPipe(this=joined, expression=arg, safe=True)
    return exp.paren(joined)


def _java(one: Call, index: int) -> exp.Literal:
    try:
        return string(patterns.from_java(one.text(index, "pattern"), week_year=True))
    except patterns.UnknownLetter as letter:
        one.refuse(f"{one.written}: {letter} isn't supported in a pattern.")


def with_pattern(one: Call) -> exp.Expr:
    """date_format, from_unixtime and unix_timestamp, whose second argument is a Java pattern."""
    args = one.count(0 if one.name == "unix_timestamp" else 1, 2)
    if len(args) == 2:
        args[1] = _java(one, 1)
    return call(f"hive__{one.name}", *args)


def regexp(one: Call) -> exp.Expr:
    args = one.count(2, 3)
    try:
        if isinstance(args[1], exp.Literal):
            args[1] = string(regexes.pattern(str(args[1].this)))
        if one.name == "regexp_replace":
            args[2] = string(regexes.replacement(one.text(2, "replacement")))
    except regexes.Unsupported as unsupported:
        one.context.refuse(one.args[1], f"{one.written}: regular expressions can't have {unsupported}.")
    return call(f"hive__{one.name}", *args)


def trunc(one: Call) -> exp.Expr:
    args = one.count(2)
    unit = {
        "MM": "month",
        "MON": "month",
        "MONTH": "month",
        "YY": "year",
        "YYYY": "year",
        "YEAR": "year",
        "Q": "quarter",
    }
    name = unit.get(one.text(1, "unit").upper())
    if name is None:
        one.refuse(f"{one.written}: use 'MM', 'Q' or 'YYYY' as the unit.")
    day = call("date_trunc", string(name), call("hive__day", args[0]))
    return exp.cast(exp.cast(day, "date"), "text")


def parse_url(one: Call) -> exp.Expr:
    args = one.count(2, 3)
    part = one.text(1, "part").lower()
    if part == "query" and len(args) == 3:
        return call("hive__parse_url_parameter", args[0], args[2])
    if part not in ("host", "path", "query", "ref", "protocol"):
        one.refuse(
            f"{one.written}: {part.upper()} isn't supported.", "Use HOST, PATH, QUERY, REF or PROTOCOL."
        )
    return call(f"hive__parse_url_{part}", args[0])


def map_of(one: Call) -> exp.Expr:
    args = one.args
    if len(args) % 2:
        one.refuse("map takes keys and values in turn.")
    keys, values = exp.Array(expressions=args[::2]), exp.Array(expressions=args[1::2])
    return call("map", keys, values)


def named_struct(one: Call) -> exp.Expr:
    args = one.args
    if len(args) % 2:
        one.refuse("named_struct takes names and values in turn.")
    names = [one.text(index, "names") for index in range(0, len(args), 2)]
    pairs = [exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=value)
             for name, value in zip(names, args[1::2], strict=True)]  # fmt: skip
    return exp.Struct(expressions=pairs)


def explode(one: Call) -> exp.Expr:
    return call("unnest", *one.count(1))


def posexplode(one: Call) -> exp.Expr:
    """Only inside LATERAL VIEW, which takes it apart."""
    if not isinstance(one.node.parent, exp.Lateral):
        one.refuse(
            "posexplode works only in LATERAL VIEW.", "Write … LATERAL VIEW posexplode(a) t AS pos, item."
        )
    return one.node


def size(one: Call) -> exp.Expr:
    counted = exp.cast(call("cardinality", *one.count(1)), "int")
    return call("coalesce", counted, number(-1))


def str_to_map(one: Call) -> exp.Expr:
    args = one.count(1, 3)
    return call("hive__str_to_map", *args, *(string(","), string(":"))[len(args) - 1 :])


def date_text(one: Call) -> exp.Expr:
    return call("hive__day", *one.count(1))


def concat_ws(one: Call) -> exp.Expr:
    """Texts and arrays of texts, without the NULLs among them."""
    args, kinds = one.count(2, 127), one.kinds
    if len(args) == 2 and kinds[1] is None:
        return call("hive__concat_ws", *args)  # the engine chooses when it binds
    lists = [
        arg
        if kind is not None and kind.this == T.ARRAY
        else exp.Array(expressions=[call("hive__string", arg)])
        for arg, kind in zip(args[1:], kinds[1:], strict=True)
    ]
    whole = lists[0] if len(lists) == 1 else call("list_concat", *lists)
    return call("array_to_string", whole, args[0])


def struct(one: Call) -> exp.Expr:
    pairs = [
        exp.PropertyEQ(this=exp.to_identifier(f"col{index + 1}"), expression=value)
        for index, value in enumerate(one.args)
    ]
    return exp.Struct(expressions=pairs)


def sign(one: Call) -> exp.Expr:
    return exp.cast(call("sign", *one.count(1)), "double")


RULES: dict[str, Rule] = {
    "greatest": extreme, "least": extreme, "concat": concat, "concat_ws": concat_ws, "struct": struct,
    "sign": sign, "date_format": with_pattern, "from_unixtime": with_pattern, "unix_timestamp": with_pattern,
    "regexp_extract": regexp, "regexp_replace": regexp, "split": regexp, "trunc": trunc, "parse_url": parse_url,
    "map": map_of, "named_struct": named_struct, "explode": explode, "get_json_object": json_path,
    "date": date_text, "posexplode": posexplode, "size": size, "str_to_map": str_to_map,
    "from_utc_timestamp": at_zone, "to_utc_timestamp": at_zone,
    **dict.fromkeys(_SAME_MACRO, renamed),
    **aggregates.RULES,
}  # fmt: skip
