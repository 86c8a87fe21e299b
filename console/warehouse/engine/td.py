"""Treasure Data's functions. On constants they fold to integers, so a time range prunes files and row groups."""

from collections.abc import Callable

from sqlglot import exp

from console.warehouse.engine import td_time
from console.warehouse.engine.calls import Call, Rule, bigint, call, constant, number, string
from console.warehouse.engine.patterns import OFFSET, UnknownLetter, from_java

_STRING = {
    "y": "%Y", "q": "%Y-%m", "M": "%Y-%m", "w": "%Y-%m-%d", "d": "%Y-%m-%d", "h": "%Y-%m-%d %H", "m": "%Y-%m-%d %H:%M",
    "s": "%Y-%m-%d %H:%M:%S",
}  # fmt: skip
_TRUNC_UNITS = {name: letter for letter, name in td_time.UNITS.items()}


def _guard(rule: Callable[[Call], exp.Expr]) -> Rule:
    def guarded(one: Call) -> exp.Expr:
        try:
            return rule(one)
        except td_time.Wrong as wrong:
            one.refuse(f"{one.written}: {wrong}")
        except UnknownLetter as letter:
            one.refuse(f"{one.written}: {letter} isn't supported in a pattern.")

    return guarded


def _zone(one: Call, index: int) -> str:
    """The zone argument as the user wrote it, "UTC" where there is none."""
    args = one.args
    if index >= len(args) or constant(args[index]) is None:
        return "UTC"
    zone = one.text(index, "time zone")
    td_time.zone_name(zone)
    return zone


def _zone_text(one: Call, index: int) -> exp.Literal:
    return string(td_time.zone_name(_zone(one, index)))


def scheduled_time(one: Call) -> exp.Expr:
    one.count(0)
    return bigint(one.context.scheduled_time)


def time_range(one: Call) -> exp.Expr:
    args = one.count(2, 4)
    zone = _zone(one, 3)
    edges = ((exp.GTE, 1), (exp.LT, 2))
    parts = []
    for comparison, index in edges:
        bound = _bound(one, index, zone)
        if bound is not None:
            parts.append(comparison(this=args[0].copy(), expression=bound))
    return exp.paren(exp.and_(*parts)) if parts else exp.true()


def _bound(one: Call, index: int, zone: str) -> exp.Expr | None:
    if index >= len(one.args):
        return None
    value = constant(one.args[index])
    if value is None:
        return None
    if value is ...:
        return call("td__time_parse", one.args[index], string(td_time.zone_name(zone)))
    return number(td_time.parse(str(int(value) if isinstance(value, float) else value), zone))


def interval(one: Call) -> exp.Expr:
    args = one.count(2, 3)
    start, end = td_time.interval(one.text(1, "interval"), _zone(one, 2), one.context.scheduled_time)
    low = exp.GTE(this=args[0].copy(), expression=number(start))
    return exp.paren(exp.and_(low, exp.LT(this=args[0].copy(), expression=number(end))))


def interval_range(one: Call) -> exp.Expr:
    one.count(1, 2)
    edges = td_time.interval(one.text(0, "interval"), _zone(one, 1), one.context.scheduled_time)
    return exp.Array(expressions=[bigint(edge) for edge in edges])


def time_add(one: Call) -> exp.Expr:
    args = one.count(2, 3)
    zone, seconds = _zone(one, 2), td_time.duration(one.text(1, "duration"))
    value = constant(args[0])
    if value is ...:
        return call("td__time_add", args[0], number(seconds), _zone_text(one, 2))
    return exp.Null() if value is None else bigint(td_time.parse(str(value), zone) + seconds)


def time_format(one: Call) -> exp.Expr:
    args, written = one.count(2, 3), _zone(one, 2)
    zone = td_time.zone_name(written)
    made = call(
        "td__time_format", args[0], string(from_java(one.text(1, "pattern"), zone=written)), string(zone)
    )
    if OFFSET in made.expressions[1].name:
        offset = call("td__offset", exp.cast(args[0].copy(), "bigint"), string(zone))
        return call("replace", made, string(OFFSET), offset)
    return made


def time_string(one: Call) -> exp.Expr:
    args = one.count(2, 3)
    spec, zone = one.text(1, "format"), _zone_text(one, 2)
    unit = spec.removesuffix("!")
    if unit not in _STRING:
        return call("td__time_string", string("second"), args[0], string(from_java(spec)), zone)
    if spec.endswith("!"):
        return call("td__time_string", string(td_time.UNITS[unit]), args[0], string(_STRING[unit]), zone)
    return call("td__time_string_offset", string(td_time.UNITS[unit]), args[0], zone)


def time_parse(one: Call) -> exp.Expr:
    args = one.count(1, 2)
    value = constant(args[0])
    if value is ...:
        return call("td__time_parse", args[0], _zone_text(one, 1))
    return exp.Null() if value is None else bigint(td_time.parse(str(value), _zone(one, 1)))


def date_trunc(one: Call) -> exp.Expr:
    args = one.count(2, 3)
    unit, zone = one.text(0, "unit").lower(), _zone(one, 2)
    if unit not in _TRUNC_UNITS:
        one.refuse(f"{one.written}: {unit!r} is no unit. Use {', '.join(_TRUNC_UNITS)}.")
    value = constant(args[1])
    if isinstance(value, int):
        return bigint(td_time.truncate(value, _TRUNC_UNITS[unit], zone))
    return call("td__date_trunc", string(unit), args[1], _zone_text(one, 2))


def _macro(name: str) -> Callable[[Call], exp.Expr]:
    return lambda one: call(name, *one.count(1))


RULES: dict[str, Rule] = {
    name: _guard(rule)
    for name, rule in {
        "td_scheduled_time": scheduled_time,
        "td_time_range": time_range,
        "td_interval": interval,
        "td_interval_range": interval_range,
        "td_time_add": time_add,
        "td_time_format": time_format,
        "td_time_string": time_string,
        "td_time_parse": time_parse,
        "td_date_trunc": date_trunc,
        "td_md5": _macro("td__md5"),
        "td_url_decode": _macro("td__url_decode"),
    }.items()
}
