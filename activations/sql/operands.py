"""A column as it is compared: dates kept as text become dates, times of every kind become Unix seconds."""

from dataclasses import dataclass

from sqlglot import exp

from activations.sql.schema import Field
from activations.sql.writing import call, cast

INTEGERS = ("int", "long")
FLOATS = ("float", "double")


@dataclass(frozen=True)
class Operand:
    """`stored` decides how a number is compared: "integer", "float" or "exact"; else it is empty."""

    value: exp.Expr
    kind: str
    stored: str = ""

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
        return Operand(value, "number", number_form(stored))
    return Operand(value, field.kind)


def number_form(stored: str) -> str:
    if stored in INTEGERS:
        return "integer"
    return "float" if stored in FLOATS else "exact"


def as_double(value: int | object) -> exp.Expr:
    return cast(exp.Literal.string(str(value)), "double")
