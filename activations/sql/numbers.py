"""Numbers compared exactly. One that its column can't hold is decided here: in the engine it would be brought to a type
that rounds it, or overflow."""

from decimal import Decimal
from typing import Any

from sqlglot import exp

from activations.rules.nodes import Value
from activations.sql.operands import Operand
from activations.sql.writing import both, cast, is_null, number, text

_BIGINT = 2**63
_COMPARE: dict[str, type[exp.Binary]] = {
    "equals": exp.EQ, "greater": exp.GT, "at_least": exp.GTE, "less": exp.LT, "at_most": exp.LTE,
}  # fmt: skip


def condition(operator: str, operand: Operand, value: Value) -> exp.Expr:
    if operator == "between":
        assert isinstance(value, tuple)
        low, high = value
        return both(condition("at_least", operand, low), condition("at_most", operand, high))
    if operator == "in":
        assert isinstance(value, tuple)
        return _in(operand, value)
    assert isinstance(value, (int, Decimal))
    side = _beyond(operand, value)
    if side == 0:
        return _COMPARE[operator](this=operand.copy(), expression=_literal(operand, value))
    smaller = operator in ("less", "at_most") and side > 0
    larger = operator in ("greater", "at_least") and side < 0
    return exp.Not(this=is_null(operand.copy())) if smaller or larger else exp.false()


def _in(operand: Operand, values: tuple[Any, ...]) -> exp.Expr:
    literals = [_literal(operand, one) for one in values if _beyond(operand, one) == 0]
    return exp.In(this=operand.copy(), expressions=literals) if literals else exp.false()


def _beyond(operand: Operand, value: int | Decimal) -> int:
    """1 for a number larger than any the column can hold, -1 for a smaller one, else 0."""
    if operand.limit is None or -operand.limit <= value < operand.limit:
        return 0
    return 1 if value > 0 else -1


def _literal(operand: Operand, value: int | Decimal) -> exp.Expr:
    if operand.limit is None:  # a double, which the number becomes as it would if somebody typed it in
        return cast(text(format(value, "f")), "double")
    if -_BIGINT <= value < _BIGINT:
        return number(value)
    places = -int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0
    return cast(text(format(value, "f")), f"decimal(38, {places})")
