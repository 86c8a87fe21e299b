"""Pieces of SQL as expressions, and expressions as text. No text of a person ever becomes SQL but as a literal."""

from decimal import Decimal

from sqlglot import exp

from console.warehouse.engine.dialects import DIALECTS
from console.warehouse.types import TableRef

TYPE = "presto"


def to_sql(query: exp.Expr) -> str:
    return query.sql(dialect=DIALECTS[TYPE], pretty=True)


def column(table: str, name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(table, quoted=True))


def table(ref: TableRef, alias: str) -> exp.Table:
    return exp.table_(
        exp.to_identifier(ref.table, quoted=True),
        db=exp.to_identifier(ref.database, quoted=True),
        alias=exp.to_identifier(alias, quoted=True),
    )


def text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def number(value: int | Decimal) -> exp.Expr:
    literal = exp.Literal.number(format(abs(value), "f") if isinstance(value, Decimal) else str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def call(name: str, *args: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(args))


def cast(value: exp.Expr, to: str) -> exp.Cast:
    return exp.Cast(this=value, to=exp.DataType.build(to, dialect=DIALECTS[TYPE]))


def named(value: exp.Expr, name: str) -> exp.Alias:
    return exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True))


def is_null(value: exp.Expr) -> exp.Is:
    return exp.Is(this=value, expression=exp.Null())


def either(*parts: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.or_(*parts, copy=False)) if len(parts) > 1 else parts[0]


def both(*parts: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.and_(*parts, copy=False)) if len(parts) > 1 else parts[0]
