"""Rules for functions that Trino and Hive share."""

from sqlglot import exp

from console.warehouse.engine import jsonpaths, regexes, td_time
from console.warehouse.engine.calls import Call, Context, call, string


def null_if_any(args: list[exp.Expr], result: exp.Expr) -> exp.Expr:
    nulls = exp.or_(*(exp.Is(this=arg.copy(), expression=exp.Null()) for arg in args))
    return exp.Case(ifs=[exp.If(this=nulls, true=exp.Null())], default=result)


def extreme(one: Call) -> exp.Expr:
    """GREATEST and LEAST are NULL where one argument is; the engine skips it."""
    args = one.count(1, 127)
    return null_if_any(args, call(one.name, *args))


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


def zone(context: Context, node: exp.Expr) -> exp.Expr:
    """A time zone by the name the engine has for it, where it's written out."""
    if not isinstance(node, exp.Literal) or not node.is_string:
        return node
    try:
        return string(td_time.zone_name(node.name))
    except td_time.Wrong as wrong:
        context.refuse(node, str(wrong))


def at_zone(one: Call) -> exp.Expr:
    """A time, and the name of a zone."""
    args = one.count(1, 2) if one.name == "from_unixtime" else one.count(2)
    return call(f"{one.context.type}__{one.name}", args[0], *(zone(one.context, arg) for arg in args[1:]))
