"""One condition as a boolean expression. Where it is positive, NULL stands for "does not match"; one that says "not"
is never NULL, so that it matches customers without a value."""

from sqlglot import exp

from activations.rules.nodes import Condition, Value
from activations.rules.operators import NEGATIVE
from activations.sql import numbers, times
from activations.sql.operands import Operand
from activations.sql.writing import either, is_null, text


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
    if operand.kind == "number":
        return numbers.condition(operator, operand, value)
    if operator == "in":
        assert isinstance(value, tuple)
        return exp.In(this=operand.copy(), expressions=[text(str(one)) for one in value])
    return exp.EQ(this=operand.copy(), expression=text(str(value)))


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


_LIKE = {"contains": "%{}%", "starts_with": "{}%", "ends_with": "%{}"}


def _like(value: exp.Expr, part: str, pattern: str) -> exp.Expr:
    """A sign that LIKE reads as its own gets an escape."""
    escaped = "".join(f"!{sign}" if sign in "%_!" else sign for sign in part)
    if not any(sign in part for sign in "%_"):
        return exp.Like(this=value, expression=text(pattern.format(part)))
    like = exp.Like(this=value, expression=text(pattern.format(escaped)))
    return exp.Escape(this=like, expression=text("!"))
