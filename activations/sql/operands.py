"""A column as it is compared: dates kept as text become dates, times of every kind become Unix seconds."""

import re
from dataclasses import dataclass

from sqlglot import exp

from activations.sql.schema import Field
from activations.sql.writing import call

INTEGERS = ("int", "long")
FLOATS = ("float", "double")
LIMIT = 10**38  # what the widest exact number is below
_BIGINT = 2**63


@dataclass(frozen=True)
class Operand:
    """Of numbers, `limit` is what every value is below, and above its negative; None for floating ones."""

    value: exp.Expr
    kind: str
    limit: int | None = None

    def copy(self) -> exp.Expr:
        return self.value.copy()


def operand(field: Field, value: exp.Expr) -> Operand:
    """`value` is the column itself, or what was aggregated from it in its own type."""
    stored = field.stored or ""
    if field.kind == "date" and stored == "string":
        made = exp.TryCast(this=value, to=exp.DataType.build("date"))  # text that is no date is not set
        return Operand(made, "date")
    if field.kind == "timestamp" and stored not in INTEGERS:
        return Operand(call("to_unixtime", value), "timestamp")
    if field.kind == "number":
        return Operand(value, "number", limit(stored))
    return Operand(value, field.kind)


def limit(stored: str) -> int | None:
    if stored in FLOATS:
        return None
    if found := re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", stored):
        return int(10 ** (int(found[1]) - int(found[2])))
    return _BIGINT


def whole(value: exp.Expr) -> Operand:
    """How often something happened."""
    return Operand(value, "number", _BIGINT)
