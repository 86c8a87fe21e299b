"""Hive's operators: text counts as a number, and what can't be is NULL."""

from sqlglot import exp

from console.warehouse.engine.calls import Context, Rewrite, call
from console.warehouse.engine.casts import hive_cast
from console.warehouse.engine.inference import is_date_like


def like(node: exp.Expr, context: Context) -> exp.Expr:
    """A backslash escapes in Hive's LIKE."""
    if isinstance(node.parent, exp.Escape) or "\\" not in node.expression.name:
        return node
    return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))


def divide(node: exp.Expr, context: Context) -> exp.Expr:
    return call("hive__divide", node.this, node.expression)


def arithmetic(node: exp.Expr, context: Context) -> exp.Expr:
    """Text counts as a number, NULL where it is none."""
    if is_date_like(node.this) or is_date_like(node.expression):
        return node
    for key in ("this", "expression"):
        node.set(key, _number(node.args[key]))
    return node


def compare(node: exp.Expr, context: Context) -> exp.Expr:
    """Against a number, text is read as one."""
    for key, other in (("this", "expression"), ("expression", "this")):
        against = node.args[other]
        if isinstance(against, (exp.Literal, exp.Neg)) and not against.is_string:
            node.set(key, _number(node.args[key]))
    return node


def _number(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Literal) and not node.is_string:
        return node
    return call("hive__number", node)


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
    exp.Div: divide, exp.Add: arithmetic, exp.Sub: arithmetic, exp.Mul: arithmetic,
    exp.Mod: arithmetic, exp.Bracket: bracket, exp.Cast: hive_cast, exp.TryCast: hive_cast,
    exp.Like: like, exp.Literal: literal, exp.DPipe: concat,
}  # fmt: skip
