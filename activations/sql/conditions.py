"""One condition as a boolean expression. Where it is positive, NULL stands for "does not match"; one that says "not"
is never NULL, so that it matches customers without a value."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlglot import exp

from activations.rules.nodes import Condition, Value
from activations.rules.operators import NEGATIVE
from activations.sql import times
from activations.sql.operands import Operand, as_double
from activations.sql.writing import both, either, is_null, number, text

_BIGINT = 2**63
_COMPARE: dict[str, type[exp.Binary]] = {
    "equals": exp.EQ, "greater": exp.GT, "at_least": exp.GTE, "less": exp.LT, "at_most": exp.LTE,
}  # fmt: skip
Write = Callable[[Operand, Any], exp.Expr]


def condition(one: Condition, operand: Operand, zone: str) -> exp.Expr:
    positive = NEGATIVE.get(one.operator)
    if one.operator in ("is_set", "is_not_set"):
        return _is_set(operand) if one.operator == "is_set" else _is_not_set(operand)
    if positive is not None:
        opposite = exp.Not(this=_grouped(_positive(positive, operand, one.value, zone)))
        return either(opposite, is_null(operand.copy()))
    return _positive(one.operator, operand, one.value, zone)


def _positive(operator: str, operand: Operand, value: Value, zone: str) -> exp.Expr:
    if operand.kind in ("date", "timestamp"):
        return times.condition(operator, operand, value, zone)
    if operator in ("is_true", "is_false"):
        return exp.EQ(this=operand.copy(), expression=exp.Boolean(this=operator == "is_true"))
    if operator in _LIKE:
        return _like(operand.copy(), str(value), _LIKE[operator])
    if operator == "in":
        assert isinstance(value, tuple)
        return _in(operand, value)
    if operator == "between":
        assert isinstance(value, tuple)
        low, high = (_literal(operand, one) for one in value)
        return both(_COMPARE["at_least"](this=operand.copy(), expression=low),
                    _COMPARE["at_most"](this=operand.copy(), expression=high))  # fmt: skip
    return _COMPARE[operator](this=operand.copy(), expression=_literal(operand, value))


def _grouped(node: exp.Expr) -> exp.Expr:
    return node if isinstance(node, exp.Paren) else exp.Paren(this=node)


def _is_set(operand: Operand) -> exp.Expr:
    if operand.kind == "text":
        return exp.NEQ(this=operand.copy(), expression=text(""))
    return exp.Not(this=is_null(operand.copy()))


def _is_not_set(operand: Operand) -> exp.Expr:
    if operand.kind == "text":
        return either(is_null(operand.copy()), exp.EQ(this=operand.copy(), expression=text("")))
    return is_null(operand.copy())


def _in(operand: Operand, values: tuple[Any, ...]) -> exp.Expr:
    """Numbers of several forms in one list would be brought to one type and lose digits."""
    literals = [_literal(operand, value) for value in values]
    exact = [one for one in literals if not isinstance(one, exp.Cast)]
    lists = [part for part in (exact, [one for one in literals if isinstance(one, exp.Cast)]) if part]
    return either(*(exp.In(this=operand.copy(), expressions=part) for part in lists))


def _literal(operand: Operand, value: object) -> exp.Expr:
    if isinstance(value, str):
        return text(value)
    assert isinstance(value, (int, Decimal))
    if operand.stored == "float" or (operand.stored == "integer" and not -_BIGINT <= value < _BIGINT):
        return as_double(value)  # a whole number never equals one beyond its range, and the order is the same
    return number(value)


_LIKE = {"contains": "%{}%", "starts_with": "{}%", "ends_with": "%{}"}


def _like(value: exp.Expr, part: str, pattern: str) -> exp.Expr:
    """A sign that LIKE reads as its own gets an escape."""
    escaped = "".join(f"!{sign}" if sign in "%_!" else sign for sign in part)
    if not any(sign in part for sign in "%_"):
        return exp.Like(this=value, expression=text(pattern.format(part)))
    like = exp.Like(this=value, expression=text(pattern.format(escaped)))
    return exp.Escape(this=like, expression=text("!"))
