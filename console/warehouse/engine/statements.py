"""What kind of statement it is: a query, or a query whose rows go into a table."""

from dataclasses import dataclass
from typing import NoReturn

from sqlglot import exp

from console.warehouse.engine.interface import SqlError, StatementKind
from console.warehouse.engine.parsing import RULE
from console.warehouse.engine.places import Place, place
from console.warehouse.engine.tables import check_catalog, reference
from console.warehouse.types import NAME, NAME_RULE, TableRef

_CREATE_PARTS = {"this", "kind", "expression", "exists"}
_INSERT_PARTS = {"this", "expression", "with_", "overwrite"}
_OVERWRITE = "Set the query's type to Hive, or make a new table with CREATE TABLE … AS SELECT."


@dataclass(frozen=True)
class Parts:
    kind: StatementKind
    query: exp.Expr
    writes: TableRef | None = None
    columns: tuple[str, ...] = ()
    if_not_exists: bool = False
    target_place: Place = (None, None)


def split(sql: str, type: str, tree: exp.Expr, database: str) -> Parts:
    """The query inside the statement, and where its rows go. Raises SqlError for any other statement."""
    if isinstance(tree, (exp.Query, exp.Values)):
        return Parts(StatementKind.SELECT, _query(sql, type, tree))
    if isinstance(tree, exp.Create) and tree.kind == "TABLE":
        return _create(sql, type, tree, database)
    if isinstance(tree, exp.Insert):
        return _insert(sql, type, tree, database)
    if isinstance(tree, exp.MultitableInserts):
        _refuse(sql, tree, "FROM before INSERT isn't supported.", "Write INSERT … SELECT … FROM.")
    verb = str(tree.this) if isinstance(tree, exp.Command) else f"{tree.key} {tree.args.get('kind') or ''}"
    return _refuse(sql, tree, f"{verb.strip().upper()} isn't allowed in a query.", RULE[type])


def _create(sql: str, type: str, tree: exp.Create, database: str) -> Parts:
    if _odd(tree, _CREATE_PARTS) or (tree.expression and not isinstance(tree.this, exp.Table)):
        _refuse(sql, tree, "CREATE TABLE takes a name and AS SELECT, nothing else.", RULE[type])
    if not tree.expression:
        _refuse(sql, tree, "CREATE TABLE without AS SELECT isn't allowed in a query.", RULE[type])
    return Parts(
        StatementKind.CREATE_TABLE_AS,
        _query(sql, type, tree.expression),
        _target(sql, tree.this, database),
        if_not_exists=bool(tree.args.get("exists")),
        target_place=place(sql, tree.this),
    )


def _insert(sql: str, type: str, tree: exp.Insert, database: str) -> Parts:
    target, columns = tree.this, ()
    if isinstance(target, exp.Schema):
        columns = tuple(column.name.lower() for column in target.expressions)
        target = target.this
    overwrite = bool(tree.args.get("overwrite"))
    if overwrite and type == "presto":
        _refuse(sql, tree, "INSERT OVERWRITE is Hive's, not Presto's.", _OVERWRITE)
    if tree.args.get("partition") or target.args.get("partition"):
        _refuse(
            sql, tree, "Tables have no partitions.", "Leave PARTITION out, and filter by time when reading."
        )
    if _odd(tree, _INSERT_PARTS) or not isinstance(target, exp.Table) or not tree.expression:
        _refuse(sql, tree, "This form of INSERT isn't supported.", RULE[type])
    if len(set(columns)) < len(columns):
        _refuse(sql, tree.this, "A column is named twice.", "Name each column once.")
    query = tree.expression
    if (outer := tree.args.get("with_")) is not None:
        query.set("with_", outer.pop())
    kind = StatementKind.INSERT_OVERWRITE if overwrite else StatementKind.INSERT_INTO
    ref = _target(sql, target, database)
    return Parts(kind, _query(sql, type, query), ref, columns, target_place=place(sql, target))


def _odd(tree: exp.Expr, known: set[str]) -> bool:
    """Whether the statement has a part that would be dropped in silence."""
    return any(value and key not in known for key, value in tree.args.items())


def _target(sql: str, table: exp.Table, database: str) -> TableRef:
    check_catalog(sql, table)
    ref = reference(table, database)
    for name in (ref.database, ref.table):
        if not NAME.fullmatch(name):
            _refuse(sql, table, f"{name} can't be a name.", NAME_RULE)
    if _odd(table, {"this", "db", "catalog"}):
        _refuse(sql, table, f"{ref.table}: only a name can stand here.", "Write database.table.")
    return ref


def _query(sql: str, type: str, tree: exp.Expr) -> exp.Expr:
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(exp.Values(expressions=tree.expressions, alias=exp.TableAlias(this="v")))
    if not isinstance(tree, exp.Query) or isinstance(tree, exp.Table):
        _refuse(sql, tree, "AS SELECT takes a SELECT.", RULE[type])
    return tree


def _refuse(sql: str, node: exp.Expr, message: str, hint: str) -> NoReturn:
    line, column = place(sql, node)
    raise SqlError(message, line=line or 1, column=column or 1, hint=hint)
