"""A function call in the user's SQL, and what a rule needs to rewrite it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from sqlglot import exp

from console.warehouse.engine.interface import SqlError
from console.warehouse.engine.places import place_around


@dataclass(frozen=True)
class Context:
    """What the whole statement shares. `scheduled_time` is in unix seconds."""

    sql: str
    type: str
    scheduled_time: int
    kinds: dict[int, tuple[exp.DataType | None, ...]] = field(
        default_factory=dict
    )  # by id of calls and operators

    def operands(self, node: exp.Expr) -> tuple[exp.DataType | None, ...]:
        """The types of a call's arguments or an operator's sides, None for one that isn't known for certain."""
        return self.kinds.get(id(node), (None, None))

    def refuse(self, node: exp.Expr, message: str, hint: str = "") -> NoReturn:
        line, column = place_around(self.sql, node)
        raise SqlError(message, line=line, column=column, hint=hint)


@dataclass(frozen=True)
class Call:
    """`name` is lower case, `written` as the user wrote it; the arguments are translated already."""

    node: exp.Anonymous
    context: Context

    @property
    def written(self) -> str:
        return self.node.name

    @property
    def name(self) -> str:
        return self.node.name.lower()

    @property
    def kinds(self) -> tuple[exp.DataType | None, ...]:
        """Of each argument, None for one that isn't known for certain."""
        return self.context.kinds.get(id(self.node)) or (None,) * len(self.args)

    @property
    def args(self) -> list[exp.Expr]:
        return list(self.node.expressions)

    def refuse(self, message: str, hint: str = "") -> NoReturn:
        self.context.refuse(self.node, message, hint)

    def count(self, least: int, most: int | None = None) -> list[exp.Expr]:
        """The arguments, of which there are `least` to `most`."""
        most = least if most is None else most
        if not least <= len(self.args) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            self.refuse(f"{self.written} takes {wanted} arguments, not {len(self.args)}.")
        return self.args

    def text(self, index: int, what: str) -> str:
        """The argument that has to be a string in quotes."""
        arg = self.args[index]
        if not (isinstance(arg, exp.Literal) and arg.is_string):
            self.context.refuse(arg, f"{self.written} needs its {what} as a text in quotes.")
        return str(arg.this)


@dataclass(frozen=True)
class Wrapped:
    """A rewritten aggregate and what goes around it, outside its FILTER and OVER."""

    node: exp.Expr
    wrap: Callable[[exp.Expr], exp.Expr]


Rule = Callable[[Call], exp.Expr | Wrapped]  # of a function
Rewrite = Callable[[exp.Expr, Context], exp.Expr]  # of an operator or a clause


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def call(name: str, *args: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(args))


def string(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def bigint(value: int) -> exp.Expr:
    """A number whose column is a bigint, however small it is."""
    return exp.cast(number(value), "bigint")


def number(value: int) -> exp.Expr:
    return exp.Neg(this=exp.Literal.number(-value)) if value < 0 else exp.Literal.number(value)


def constant(node: exp.Expr) -> object:
    """The value of a literal: int, float, str or None. `...` where it's no literal."""
    if isinstance(node, exp.Paren):
        return constant(node.this)
    if isinstance(node, exp.Neg):
        value = constant(node.this)
        return -value if isinstance(value, (int, float)) else ...
    if isinstance(node, exp.Cast) and node.to.this == exp.DType.BIGINT and not node.this.is_string:
        return constant(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Literal):
        if node.is_string:
            return str(node.this)
        return int(node.this) if str(node.this).isdigit() else float(node.this)
    return ...
