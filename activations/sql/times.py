"""Conditions on dates and on moments. "Now" is the run's TD_SCHEDULED_TIME, so that a size and a run agree."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlglot import exp

from activations.rules.nodes import Value
from activations.sql.operands import Operand
from activations.sql.writing import call, cast, number, text

_DAY = timedelta(days=1)


def condition(operator: str, operand: Operand, value: Value, zone: str) -> exp.Expr:
    if operator in ("in_last_days", "before_last_days", "in_next_days"):
        assert isinstance(value, int)
        if operand.kind == "date":
            return _relative_date(operator, operand, value, zone)
        return _relative_moment(operator, operand, value, zone)
    if operand.kind == "date":
        return _date(operator, operand, value)
    return _moment(operator, operand, value, zone)


def _date(operator: str, operand: Operand, value: Any) -> exp.Expr:
    if operator == "between":
        return exp.Between(this=operand.copy(), low=_day(value[0]), high=_day(value[1]))
    kind = {"on": exp.EQ, "before": exp.LT, "after": exp.GT}[operator]
    return kind(this=operand.copy(), expression=_day(value))


def _relative_date(operator: str, operand: Operand, days: int, zone: str) -> exp.Expr:
    if operator == "before_last_days":
        return exp.LT(this=operand.copy(), expression=_today(zone, -days))
    first, last = (-days, 0) if operator == "in_last_days" else (0, days)
    return exp.Between(this=operand.copy(), low=_today(zone, first), high=_today(zone, last))


def _today(zone: str, days: int) -> exp.Expr:
    now = call("TD_SCHEDULED_TIME")
    today = cast(call("TD_TIME_FORMAT", now, text("yyyy-MM-dd"), text(zone)), "date")
    return call("date_add", text("day"), number(days), today) if days else today


def _day(value: date) -> exp.Expr:
    return cast(text(value.isoformat()), "date")


def _relative_moment(operator: str, operand: Operand, days: int, zone: str) -> exp.Expr:
    if operator == "before_last_days":
        span = call("TD_INTERVAL_RANGE", text(f"-{days}d/now"), text(zone))
        return exp.LT(this=operand.copy(), expression=exp.Bracket(this=span, expressions=[number(1)]))
    # The days to come end with the last of them, and TD_INTERVAL counts the one that has begun.
    spec = f"-{days}d/now" if operator == "in_last_days" else f"{days + 1}d/now"
    return call("TD_INTERVAL", operand.copy(), text(spec), text(zone))


def _moment(operator: str, operand: Operand, value: Any, zone: str) -> exp.Expr:
    """A date alone is the whole day; with a time of day it is that second."""
    if operator == "between":
        return _range(operand, value[0], _next(value[1]), zone)
    if operator == "before":
        return _range(operand, None, value, zone)
    if operator == "after":
        return _range(operand, _next(value), None, zone)
    return _range(operand, value, _next(value), zone)


def _next(value: date | datetime) -> date | datetime:
    return value + (timedelta(seconds=1) if isinstance(value, datetime) else _DAY)


def _range(operand: Operand, start: date | None, end: date | None, zone: str) -> exp.Expr:
    bounds = (exp.Null() if one is None else text(_written(one)) for one in (start, end))
    return call("TD_TIME_RANGE", operand.copy(), *bounds, text(zone))


def _written(value: date | datetime) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
