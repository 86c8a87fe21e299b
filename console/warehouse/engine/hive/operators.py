"""Hive's operators: text counts as a number, and what can't be is NULL."""

from sqlglot import exp

from console.warehouse.engine.calls import Context, Rewrite, call
from console.warehouse.engine.casts import hive_cast
from console.warehouse.engine.hive import clauses
from console.warehouse.engine.inference.decimals import FLOATS, INTEGERS, T

_TIMES = (T.DATE, T.TIMESTAMP, T.TIMESTAMPTZ, T.INTERVAL)


def like(node: exp.Expr, context: Context) -> exp.Expr:
    """A backslash escapes in Hive's LIKE."""
    if isinstance(node.parent, exp.Escape) or "\\" not in node.expression.name:
        return node
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def divide(node: exp.Expr, context: Context) -> exp.Expr:
    return call("hive__divide", node.this, node.expression)


def arithmetic(node: exp.Expr, context: Context) -> exp.Expr:
    """Text counts as a number, NULL where it is none. A date and months are a date, a date and days a timestamp."""
    kinds = context.operands(node)
    names = [kind.this if kind is not None else None for kind in kinds]
    if any(name in _TIMES for name in names):
        months = any(part.text("unit").lower() in ("month", "year") for part in node.find_all(exp.Interval))
        return exp.cast(exp.paren(node.copy()), "date") if T.DATE in names and months else node
    for key, kind in zip(("this", "expression"), kinds, strict=True):
        node.set(key, _number(node.args[key], kind))
    return node


def compare(node: exp.Expr, context: Context) -> exp.Expr:
    """Against a number, text is read as one."""
    kinds = context.operands(node)
    for key, kind, other in zip(("this", "expression"), kinds, reversed(kinds), strict=True):
        if is_number(other) and not is_number(kind):
            node.set(key, _number(node.args[key], kind))
    return node


def between(node: exp.Expr, context: Context) -> exp.Expr:
    kinds = context.operands(node)
    if any(map(is_number, kinds)):
        for key, kind in zip(("this", "low", "high"), kinds, strict=True):
            node.set(key, _number(node.args[key], kind))
    return node


def in_list(node: exp.Expr, context: Context) -> exp.Expr:
    kinds = context.operands(node)
    if any(map(is_number, kinds)) and not all(map(is_number, kinds)):
        node.set("this", _number(node.this, kinds[0]))
        node.set("expressions", [_number(*pair) for pair in zip(node.expressions, kinds[1:], strict=True)])
    return node


def is_number(kind: exp.DataType | None) -> bool:
    return kind is not None and (kind.this in INTEGERS or kind.this in FLOATS or kind.this == T.DECIMAL)


def _number(node: exp.Expr, kind: exp.DataType | None) -> exp.Expr:
    if kind is None:
        return call("hive__number", node)  # the engine chooses when it binds
    return exp.TryCast(this=node, to=exp.DataType.build("double")) if kind.this == T.TEXT else node


def bracket(node: exp.Expr, context: Context) -> exp.Expr:
    index = node.expressions[0]
    if isinstance(index, exp.Literal) and index.is_string:
        return node
    return call("hive__at", node.this, index)


def literal(node: exp.Expr, context: Context) -> exp.Expr:
    """1.5 is a double in Hive."""
    text = str(node.this)
    if node.is_string or "." not in text or "e" in text.lower() or isinstance(node.parent, exp.DataTypeParam):
        return node
    return exp.Literal.number(text + "E0")


def concat(node: exp.Expr, context: Context) -> exp.Expr:
    return exp.DPipe(
        this=call("hive__string", node.this), expression=call("hive__string", node.expression), safe=True
    )


_COMPARE: dict[type[exp.Expr], Rewrite] = dict.fromkeys(
    (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ), compare
)
OPERATORS: dict[type[exp.Expr], Rewrite] = _COMPARE | {
    exp.Div: divide, exp.Add: arithmetic, exp.Sub: arithmetic, exp.Mul: arithmetic, exp.Mod: arithmetic,
    exp.Between: between, exp.In: in_list, exp.Bracket: bracket, exp.Cast: hive_cast, exp.TryCast: hive_cast,
    exp.Select: clauses.select, exp.Group: clauses.group, exp.Like: like, exp.Literal: literal, exp.DPipe: concat,
}  # fmt: skip
