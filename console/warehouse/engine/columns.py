"""Names of columns that have none: `_col0` in Presto, `_c0` in Hive, counted from the left of the result."""

from itertools import count

from sqlglot import exp

from console.warehouse.engine.interface import SqlError, StatementKind
from console.warehouse.engine.places import place
from console.warehouse.engine.statements import Parts

UNNAMED = "?column?"  # its number in the result is known only once the stars before it are expanded


def order_stars(query: exp.Expr) -> None:
    """After JOIN … USING (k), `*` gives k first; the engine leaves it in its place. In place."""
    for select in query.find_all(exp.Select):
        joins = select.args.get("joins") or []
        shared = [name for join in reversed(joins) for name in join.args.get("using") or []]
        names = list({name.name.lower(): name for name in shared}.values())
        stars = [one for one in select.expressions if type(one) is exp.Star]
        for star in stars if names else []:
            keys = [exp.column(name.copy()) for name in names]
            rest = exp.Star(except_=[name.copy() for name in names])
            at = select.expressions.index(star)
            select.set("expressions", [*select.expressions[:at], *keys, rest, *select.expressions[at + 1 :]])


def name_columns(parts: Parts, type: str, sql: str) -> None:
    """Give every nameless column a name, in place. In Presto one inside can't be named by the query around it, and
    takes its number from the result; in Hive it has its number already."""
    outer, numbers = _first_select(parts.query), count()
    for node in list(parts.query.find_all(exp.Select, exp.Values)):
        if isinstance(node, exp.Values):
            _name_values(node, type, numbers)
        elif isinstance(node, exp.Select):
            _name(node, parts, type, sql, numbers, outer=node is outer)


def _name(
    select: exp.Select, parts: Parts, type: str, sql: str, numbers: "count[int]", *, outer: bool
) -> None:
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
        numbered = f"{'_col' if type == 'presto' else '_c'}{index}"
        known = not starred and (outer or type == "hive")
        name = numbered if known else f"{UNNAMED}{next(numbers)}"
        column.replace(exp.alias_(column.copy(), name, quoted=True))


def _name_values(values: exp.Values, type: str, numbers: "count[int]") -> None:
    """`(VALUES (1, 2)) AS t` without column names."""
    within = values.parent.parent if isinstance(values.parent, exp.Subquery) else values.parent
    if not isinstance(within, (exp.From, exp.Join)):
        return  # a value, or the rows of an IN
    alias = values.args.get("alias") or exp.TableAlias(this=exp.to_identifier(f"values{next(numbers)}"))
    if alias.columns:
        return
    first = values.expressions[0]
    width = len(first.expressions) if isinstance(first, exp.Tuple) else 1
    names = [f"{UNNAMED}{next(numbers)}" if type == "presto" else f"col{index + 1}" for index in range(width)]
    alias.set("columns", [exp.to_identifier(name, quoted=True) for name in names])
    values.set("alias", alias)


def _first_select(query: exp.Expr) -> exp.Expr | None:
    while not isinstance(query, exp.Select):
        inner = query.this
        if not isinstance(inner, exp.Expr):
            return None
        query = inner
    return query
