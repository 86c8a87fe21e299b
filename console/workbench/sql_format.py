"""SQL laid out anew, and never changed: what can't be laid out without a change is refused."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError

from console.warehouse.engine.interface import SqlError

DIALECTS = {"presto": "trino", "hive": "hive"}


def pretty(sql: str, type: str) -> str:
    """`sql` in the layout of its dialect. Raises SqlError where it can't be read, or would not mean the same."""
    dialect = DIALECTS[type]
    before = _parse(sql, dialect)
    laid_out = ";\n\n".join(
        tree.sql(dialect=dialect, pretty=True, normalize_functions=False) for tree in before
    )
    if _parse(laid_out, dialect) != before:
        raise SqlError("This SQL can't be laid out without changing it. It stays as it is.")
    return laid_out


def _parse(sql: str, dialect: str) -> list[exp.Expr]:
    try:
        return [tree for tree in sqlglot.parse(sql, read=dialect) if tree is not None]
    except ParseError as error:
        first = error.errors[0] if error.errors else {}
        raise SqlError(
            f"{first.get('description', 'This SQL can not be read')}.",
            line=first.get("line"),
            column=first.get("col"),
        ) from error
    except (TokenError, SqlglotError) as error:
        raise SqlError("This SQL can't be read: a quote or comment is not closed.") from error
