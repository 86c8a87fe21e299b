"""Every table a query names becomes `database.table`, or is one of its own WITH names."""

from sqlglot import exp

from console.warehouse.types import TableRef


def resolve(query: exp.Expr, database: str) -> tuple[TableRef, ...]:
    """Qualify every table in place; the tables read, in the order first named."""
    found: dict[TableRef, None] = {}
    for table in list(query.find_all(exp.Table)):
        if not table.db and table.name.lower() in _with_names(table):
            continue
        ref = reference(table, database)
        found[ref] = None
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
        table.set("this", exp.to_identifier(ref.table, quoted=True))
        table.set("db", exp.to_identifier(ref.database, quoted=True))
        table.set("catalog", None)
    return tuple(found)


def reference(table: exp.Table, database: str) -> TableRef:
    return TableRef((table.db or database).lower(), table.name.lower())


def unqualify_columns(query: exp.Expr) -> None:
    """`db.table.column` to `table.column`: every table has its name as an alias by now."""
    for column in query.find_all(exp.Column):
        if column.args.get("db"):
            column.set("db", None)
            column.set("catalog", None)


def _with_names(table: exp.Table) -> set[str]:
    names: set[str] = set()
    child: exp.Expr = table
    node = table.parent
    inside: exp.CTE | None = None
    while node is not None:
        if isinstance(node, exp.CTE):
            inside = node
        if isinstance(node, exp.With):
            names |= _visible(node, inside)
        elif (clause := node.args.get("with_")) is not None and clause is not child:
            names |= {cte.alias.lower() for cte in clause.expressions}
        child, node = node, node.parent
    return names


def _visible(clause: exp.With, inside: exp.CTE | None) -> set[str]:
    names: set[str] = set()
    for cte in clause.expressions:
        if cte is inside:
            return names | ({cte.alias.lower()} if clause.args.get("recursive") else set())
        names.add(cte.alias.lower())
    return names
