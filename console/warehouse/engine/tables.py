"""Every table a query names becomes `database.table`, or is one of its own WITH names."""

from collections.abc import Collection

from sqlglot import exp

from console.warehouse.engine.interface import SqlError
from console.warehouse.engine.places import Place, place
from console.warehouse.types import NAME, NAME_RULE, TableRef

# Schemas and catalogs the engine has itself: a database of the same name gets another one there.
_TAKEN = frozenset(["information_schema", "main", "memory", "pg_catalog", "system", "temp"])
_PREFIX = "database "
_CATALOGS = ("td-presto", "td", "warehouse")  # Treasure Data's name of it, and the catalog's own


def resolve(sql: str, query: exp.Expr, database: str) -> dict[TableRef, Place]:
    """Qualify every table in place; the tables read and where each is first named, in that order."""
    found: dict[TableRef, Place] = {}
    for table in list(query.find_all(exp.Table)):
        if not table.db and table.name.lower() in _with_names(table):
            continue
        ref = reference(table, database)
        found.setdefault(ref, _checked(sql, table, ref))
        if not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
        named = exp.to_identifier(ref.table, quoted=True)
        named.meta.update(table.this.meta)
        table.set("this", named)
        table.set("db", exp.to_identifier(schema_name(ref.database), quoted=True))
        table.set("catalog", None)
    return found


def _checked(sql: str, table: exp.Table, ref: TableRef) -> Place:
    """A name no table can have is a file's, a URL's or a mistake."""
    check_catalog(sql, table)
    line, column = place(sql, table)
    if not NAME.fullmatch(ref.database) or not NAME.fullmatch(ref.table):
        raise SqlError(f"There is no table {ref}.", line=line, column=column, hint=f"Names: {NAME_RULE}")
    return line, column


def schema_name(database: str) -> str:
    """What the database is called inside the engine."""
    return _PREFIX + database if database in _TAKEN else database


def read_by(table: exp.Table) -> TableRef | None:
    """The warehouse's table that `table` reads, once it is resolved; None for a name of WITH."""
    return TableRef(table.db.removeprefix(_PREFIX), table.name) if table.db else None


def check_catalog(sql: str, table: exp.Table) -> None:
    if table.catalog and table.catalog.lower() not in _CATALOGS:
        line, column = place(sql, table)
        message = f"There is no catalog {table.catalog}."
        raise SqlError(message, line=line, column=column, hint="Write database.table.")


def reference(table: exp.Table, database: str) -> TableRef:
    return TableRef((table.db or database).lower(), table.name.lower())


def unqualify_columns(sql: str, query: exp.Expr, reads: Collection[TableRef]) -> None:
    """`db.table.column` to `table.column`: every table has its name as an alias by now."""
    for column in query.find_all(exp.Column):
        if not column.args.get("db"):
            continue
        ref = TableRef(column.db.lower(), column.table.lower())
        if ref not in reads:
            line, where = place(sql, column)
            raise SqlError(f"There is no table {ref} in FROM.", line=line, column=where)
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
        name = cte.alias.lower()
        if cte is inside:
            return names | ({name} if clause.args.get("recursive") else set())
        names.add(name)
    return names
