"""What a user's statement may consist of. Whatever is not on the list is refused, so that a construct nobody thought
of can't reach the engine."""

from typing import NoReturn

from sqlglot import exp

from console.warehouse.engine.clauses import oddity
from console.warehouse.engine.interface import SqlError
from console.warehouse.engine.places import find, place, place_around

_QUERY = (
    exp.Select,
    exp.Union,
    exp.Except,
    exp.Intersect,
    exp.Subquery,
    exp.With,
    exp.CTE,
    exp.Values,
    exp.Tuple,
)
_CLAUSES = (
    exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Fetch,
    exp.Distinct, exp.Lateral, exp.Unnest, exp.TableAlias, exp.Table, exp.Window, exp.WindowSpec, exp.Filter,
    exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.GroupingSets, exp.Cube, exp.Rollup, exp.Cluster,
    exp.Sort, exp.Distribute, exp.LimitOptions, exp.Tuple, exp.TableSample,
)  # fmt: skip
_NAMES = (
    exp.Identifier,
    exp.Column,
    exp.Star,
    exp.Alias,
    exp.Dot,
    exp.Var,
    exp.Literal,
    exp.Null,
    exp.Boolean,
)
_OPERATORS = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Not, exp.And, exp.Or, exp.EQ, exp.NEQ,
    exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.In, exp.Between, exp.Like,
    exp.RegexpLike, exp.Escape, exp.Exists, exp.Any, exp.All, exp.DPipe, exp.Paren, exp.Case, exp.If, exp.Bracket,
    exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot, exp.AtTimeZone, exp.Interval, exp.IntervalSpan,
)  # fmt: skip
_CALLS = (
    exp.Anonymous, exp.Cast, exp.TryCast, exp.Extract, exp.StrPosition, exp.Substring, exp.Trim, exp.GroupConcat,
    exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp, exp.Lambda, exp.Array, exp.DataType, exp.DataTypeParam,
    exp.ColumnDef, exp.RawString, exp.HexString, exp.UnicodeString,
)  # fmt: skip
ALLOWED = frozenset(_QUERY + _CLAUSES + _NAMES + _OPERATORS + _CALLS)
_PARAMETERS = (exp.Placeholder, exp.Parameter, exp.SessionParameter)
_PARAMETER = r"[?:@$]"
_WRITTEN: dict[type[exp.Expr], str] = {
    **dict.fromkeys(_PARAMETERS, "A parameter"),
    exp.PropertyEQ: ":=",
    exp.Kwarg: "=>",
    exp.Struct: "{…}",
    exp.Pivot: "PIVOT",
}


def check(sql: str, query: exp.Expr) -> None:
    """Raise SqlError at the first part of `query` that is not on the list."""
    for node in query.walk():
        if type(node) not in ALLOWED:
            _refuse(sql, node, f"{_name(node)} isn't supported here.")
        if (odd := oddity(node)) is not None:
            _refuse(sql, node, f"{odd} isn't supported here.")
        if isinstance(node, exp.Identifier) and not node.name:
            _refuse(sql, node, "A name can't be empty.")
        if isinstance(node, exp.Table):
            _check_table(sql, node)
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Anonymous):
            _refuse(sql, node, f"{node.expression.name} isn't a known function.")


def _check_table(sql: str, table: exp.Table) -> None:
    if not isinstance(table.this, exp.Identifier):
        name = table.this.name if isinstance(table.this, exp.Anonymous) else "This"
        _refuse(sql, table, f"{name} isn't a table.", "Read tables of the databases, or UNNEST of an array.")


def _name(node: exp.Expr) -> str:
    written = node.sql_name() if isinstance(node, exp.Func) else node.key.upper()
    return _WRITTEN.get(type(node), written)


def _refuse(sql: str, node: exp.Expr, message: str, hint: str = "") -> NoReturn:
    line, column = place(sql, node)
    if line is None:
        line, column = find(sql, _PARAMETER if isinstance(node, _PARAMETERS) else rf"\b{_name(node)}\b")
    if line is None:
        line, column = place_around(sql, node)
    raise SqlError(message, line=line, column=column, hint=hint)
