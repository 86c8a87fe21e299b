"""What kind of statement it is: a query, or a query whose rows go into a table."""

from dataclasses import dataclass
from typing import NoReturn

from sqlglot import exp

from console.warehouse.engine.interface import SqlError, StatementKind
from console.warehouse.engine.places import place
from console.warehouse.engine.tables import reference
from console.warehouse.types import NAME, NAME_RULE, TableRef

_RULE = {
    "presto": "Write a SELECT, CREATE TABLE … AS SELECT or INSERT INTO … SELECT.",
    "hive": "Write a SELECT, CREATE TABLE … AS SELECT, INSERT INTO TABLE … SELECT or INSERT OVERWRITE TABLE … SELECT.",
}


@dataclass(frozen=True)
class Parts:
    kind: StatementKind
    query: exp.Expr
    writes: TableRef | None = None
    columns: tuple[str, ...] = ()
    if_not_exists: bool = False


def split(sql: str, type: str, tree: exp.Expr, database: str) -> Parts:
    """The query inside the statement, and where its rows go. Raises SqlError for any other statement."""
    if isinstance(tree, (exp.Query, exp.Values)):
        return Parts(StatementKind.SELECT, _query(sql, type, tree))
    if isinstance(tree, exp.Create) and tree.kind == "TABLE":
        return _create(sql, type, tree, database)
    if isinstance(tree, exp.Insert):
        return _insert(sql, type, tree, database)
    _refuse(sql, tree, f"{_verb(tree)} isn't allowed in a query.", _RULE[type])


def _create(sql: str, type: str, tree: exp.Create, database: str) -> Parts:
    if tree.args.get("replace") or tree.args.get("properties") or not isinstance(tree.this, exp.Table):
        _refuse(sql, tree, "CREATE TABLE takes a name and AS SELECT, nothing else.", _RULE[type])
    if not tree.expression:
        _refuse(sql, tree, "CREATE TABLE without AS SELECT isn't allowed in a query.", _RULE[type])
    return Parts(
        StatementKind.CREATE_TABLE_AS,
        _query(sql, type, tree.expression),
        _target(sql, tree.this, database),
        if_not_exists=bool(tree.args.get("exists")),
    )


def _insert(sql: str, type: str, tree: exp.Insert, database: str) -> Parts:
    target, columns = tree.this, ()
    if isinstance(target, exp.Schema):
        columns = tuple(column.name.lower() for column in target.expressions)
        target = target.this
    overwrite = bool(tree.args.get("overwrite"))
    odd = [key for key in ("partition", "where", "conflict", "returning", "by_name") if tree.args.get(key)]
    if odd or not isinstance(target, exp.Table) or (overwrite and type == "presto") or not tree.expression:
        _refuse(sql, tree, "This form of INSERT isn't supported.", _RULE[type])
    query = tree.expression
    if (outer := tree.args.get("with_")) is not None:
        query.set("with_", outer.pop())
    kind = StatementKind.INSERT_OVERWRITE if overwrite else StatementKind.INSERT_INTO
    return Parts(kind, _query(sql, type, query), _target(sql, target, database), columns)


def _target(sql: str, table: exp.Table, database: str) -> TableRef:
    ref = reference(table, database)
    for name in (ref.database, ref.table):
        if not NAME.fullmatch(name):
            _refuse(sql, table, f"{name} can't be a name.", NAME_RULE)
    return ref


def _query(sql: str, type: str, tree: exp.Expr) -> exp.Expr:
    if isinstance(tree, exp.Values):
        tree = exp.select("*").from_(exp.Values(expressions=tree.expressions, alias=exp.TableAlias(this="v")))
    if not isinstance(tree, exp.Query) or isinstance(tree, exp.Table):
        _refuse(sql, tree, f"{_verb(tree)} isn't allowed here.", _RULE[type])
    return tree


def _verb(tree: exp.Expr) -> str:
    if isinstance(tree, exp.Command):
        return str(tree.this).upper()
    kind = f" {tree.kind}" if isinstance(tree, (exp.Create, exp.Drop)) and tree.kind else ""
    return tree.key.upper() + kind


def _refuse(sql: str, node: exp.Expr, message: str, hint: str) -> NoReturn:
    line, column = place(sql, node)
    raise SqlError(message, line=line or 1, column=column or 1, hint=hint)
