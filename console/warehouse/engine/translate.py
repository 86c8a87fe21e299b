"""The user's statement to the one SELECT the engine runs."""

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from console.warehouse.engine import gate, tables
from console.warehouse.engine.calls import Context
from console.warehouse.engine.columns import name_columns
from console.warehouse.engine.interface import SqlError, Statement
from console.warehouse.engine.parsing import parse
from console.warehouse.engine.rewrite import rewrite
from console.warehouse.engine.statements import Parts, split


def translate(sql: str, type: str, *, database: str, scheduled_time: int) -> Statement:
    """Check and translate one statement of `type` "presto" or "hive". A table without a database is of `database`;
    `scheduled_time` is the unix second TD_SCHEDULED_TIME() answers. Raises SqlError."""
    parts = split(sql, type, parse(sql, type), database)
    _drop_hints(parts.query)
    gate.check(sql, parts.query)
    name_columns(parts, type, sql)
    places = tables.resolve(sql, parts.query, database)
    tables.unqualify_columns(sql, parts.query, places)
    query = rewrite(parts.query, Context(sql, type, scheduled_time))
    return Statement(
        kind=parts.kind,
        type=type,
        sql=sql,
        translated=_write(query, parts),
        reads=tuple(places),
        writes=parts.writes,
        write_columns=parts.columns,
        if_not_exists=parts.if_not_exists,
        places=places | ({parts.writes: parts.target_place} if parts.writes else {}),
    )


def _drop_hints(query: exp.Expr) -> None:
    """`/*+ MAPJOIN(a) */` advises Hive; here it is a comment."""
    for select in query.find_all(exp.Select):
        select.set("hint", None)


def _write(query: exp.Expr, parts: Parts) -> str:
    try:
        return query.sql(
            dialect="duckdb",
            identify=True,  # `user` is a column, not the engine's function
            comments=False,
            normalize_functions=False,
            unsupported_level=ErrorLevel.RAISE,
        )
    except SqlglotError as error:
        raise SqlError(f"The statement can't be translated: {error}.") from None
    except RecursionError:
        raise SqlError("The statement is nested too deeply.", hint="Split it with WITH.") from None
