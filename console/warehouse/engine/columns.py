"""Names of result columns that have none: `_col0` in Presto, `_c0` in Hive, counted from the left."""

from sqlglot import exp

from console.warehouse.engine.interface import SqlError, StatementKind
from console.warehouse.engine.places import place
from console.warehouse.engine.statements import Parts

UNNAMED = "?column?"  # its number is known only once a star before it is expanded


def name_columns(parts: Parts, type: str, sql: str) -> None:
    """Give every nameless column of the outermost SELECT a name, in place; in Hive also of those inside."""
    outer = _first_select(parts.query)
    for select in list(parts.query.find_all(exp.Select)):
        if select is outer or type == "hive":
            _name(select, parts, type, sql, outer=select is outer)


def _name(select: exp.Select, parts: Parts, type: str, sql: str, *, outer: bool) -> None:
    starred = False
    for index, column in enumerate(select.expressions):
        starred = starred or column.is_star
        if isinstance(column, (exp.Alias, exp.Column, exp.Star, exp.Dot)) or column.is_star:
            continue
        if outer and type == "presto" and parts.kind is StatementKind.CREATE_TABLE_AS:
            line, where = place(sql, column)
            raise SqlError(
                f"Column {index + 1} has no name.", line=line, column=where, hint="Write … AS name."
            )
        name = UNNAMED if starred else f"{'_col' if type == 'presto' else '_c'}{index}"
        alias = exp.alias_(column.copy(), name, quoted=True)
        column.replace(alias)


def _first_select(query: exp.Expr) -> exp.Expr | None:
    while not isinstance(query, exp.Select):
        inner = query.this
        if not isinstance(inner, exp.Expr):
            return None
        query = inner
    return query
