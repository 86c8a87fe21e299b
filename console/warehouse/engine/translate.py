"""The user's statement to the one SELECT the engine runs."""

from sqlglot import exp

from console.warehouse.engine import gate, tables
from console.warehouse.engine.calls import Context
from console.warehouse.engine.columns import name_columns, order_stars
from console.warehouse.engine.generating import generate
from console.warehouse.engine.inference.types import Columns
from console.warehouse.engine.interface import Statement
from console.warehouse.engine.parsing import parse
from console.warehouse.engine.rewrite import rewrite
from console.warehouse.engine.statements import split


def translate(
    sql: str, type: str, *, database: str, scheduled_time: int, columns: Columns = lambda ref: ()
) -> Statement:
    """Check and translate one statement of `type` "presto" or "hive". A table without a database is of `database`;
    `scheduled_time` is the unix second TD_SCHEDULED_TIME() answers; `columns` gives the columns of a table, whose types
    decide how for example a quotient is rounded. Raises SqlError."""
    parts = split(sql, type, parse(sql, type), database)
    _drop_hints(parts.query)
    _unfold_values(parts.query)
    gate.check(sql, parts.query)
    name_columns(parts, type, sql)
    order_stars(parts.query)
    places = tables.resolve(sql, parts.query, database)
    tables.unqualify_columns(sql, parts.query, places)
    translated, marks = generate(rewrite(parts.query, Context(sql, type, scheduled_time), columns))
    return Statement(
        kind=parts.kind,
        type=type,
        sql=sql,
        translated=translated,
        reads=tuple(places),
        writes=parts.writes,
        write_columns=parts.columns,
        if_not_exists=parts.if_not_exists,
        marks=marks,
        places=places | ({parts.writes: parts.target_place} if parts.writes else {}),
    )


def _unfold_values(query: exp.Expr) -> None:
    """`x IN (VALUES 1, 2)` has rows on its right side; sqlglot reads one value."""
    for one in list(query.find_all(exp.In)):
        if [type(value) for value in one.expressions] == [exp.Values]:
            rows = one.expressions[0].copy()
            rows.set("alias", exp.TableAlias(this=exp.to_identifier("rows")))
            one.set("expressions", [])
            one.set("query", exp.select("*").from_(rows).subquery())


def _drop_hints(query: exp.Expr) -> None:
    """`/*+ MAPJOIN(a) */` advises Hive; here it is a comment."""
    for select in query.find_all(exp.Select):
        select.set("hint", None)
