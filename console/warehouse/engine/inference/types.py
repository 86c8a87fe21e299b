"""The type of each part of a query, from its literals, casts, functions and the columns of its tables."""

from collections.abc import Callable, Sequence

from sqlglot import exp

from console.warehouse.engine.calls import words
from console.warehouse.engine.inference.decimals import T, arithmetic, common, decimal
from console.warehouse.engine.inference.results import array_of, element, field, key, result
from console.warehouse.engine.inference.sources import Sources
from console.warehouse.types import Column, TableRef

Columns = Callable[[TableRef], Sequence[Column]]
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_SAME = (
    exp.Paren,
    exp.Neg,
    exp.Alias,
    exp.Window,
    exp.Filter,
    exp.IgnoreNulls,
    exp.RespectNulls,
    exp.WithinGroup,
)
_TRUTHS = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.Like,
    exp.RegexpLike, exp.Exists, exp.Boolean, exp.NullSafeEQ, exp.NullSafeNEQ,
)  # fmt: skip
_TEXTS = (exp.DPipe, exp.Substring, exp.Trim, exp.GroupConcat)
_OVER_ELEMENTS = words(
    "transform filter any_match all_match none_match map_filter transform_values transform_keys"
)
_TIMES: dict[type[exp.Expr], exp.DType] = {
    exp.CurrentDate: T.DATE, exp.CurrentTimestamp: T.TIMESTAMPTZ, exp.Localtimestamp: T.TIMESTAMP,
    exp.AtTimeZone: T.TIMESTAMPTZ,
}  # fmt: skip


class Types:
    """Asked before the query is rewritten, and about the query as the user wrote it."""

    def __init__(self, type: str, columns: Columns) -> None:
        self._type = type
        self._known: dict[int, exp.DataType | None] = {}
        self._sources = Sources(self.of, columns)

    def of(self, node: exp.Expr | None) -> exp.DataType | None:
        if node is None:
            return None
        if id(node) not in self._known:
            self._known[id(node)] = None  # a name that leads to itself is not known
            self._known[id(node)] = self._find(node)
        return self._known[id(node)]

    def _find(self, node: exp.Expr) -> exp.DataType | None:
        if isinstance(node, _SAME):
            return self.of(node.this)
        if isinstance(node, (exp.Cast, exp.TryCast)):
            return _engine_kind(node.args["to"])
        if isinstance(node, exp.Literal):
            return self._literal(node)
        if isinstance(node, exp.Column):
            return self._sources.column(node)
        if isinstance(node, _ARITHMETIC):
            return self._arithmetic(node)
        if isinstance(node, exp.Anonymous):
            return result(node.name.lower(), [self.of(arg) for arg in node.expressions], self._type)
        if isinstance(node, exp.Subquery):
            outputs = self._sources.outputs(node)
            return outputs[0][1] if outputs else None
        return self._other(node)

    def _other(self, node: exp.Expr) -> exp.DataType | None:
        if isinstance(node, (exp.Case, exp.If)):
            return self._case(node)
        if isinstance(node, exp.Array):
            kinds = [self.of(one) for one in node.expressions]
            return array_of(_folded(kinds))
        if isinstance(node, exp.Bracket):
            return element(self.of(node.this))
        if isinstance(node, exp.Dot):
            return field(self.of(node.this), node.expression.name)
        if isinstance(node, exp.Identifier):
            return self._parameter(node)
        if isinstance(node, exp.Interval):
            return exp.DataType(this=T.INTERVAL)
        if isinstance(node, exp.Distinct):
            return self.of(node.expressions[0]) if node.expressions else None
        if isinstance(node, exp.Order):
            return self.of(node.this)
        if isinstance(node, _TRUTHS):
            return exp.DataType(this=T.BOOLEAN)
        kind = T.TEXT if isinstance(node, _TEXTS) else _TIMES.get(type(node))
        return exp.DataType(this=kind) if kind else None

    def _literal(self, node: exp.Literal) -> exp.DataType:
        if node.is_string:
            return exp.DataType(this=T.TEXT)
        text = str(node.this).lower()
        if "e" in text or ("." in text and self._type == "hive"):
            return exp.DataType(this=T.DOUBLE)
        if "." in text:
            whole, _, places = text.partition(".")
            return decimal(len(whole.lstrip("0")) + len(places), len(places))
        return exp.DataType(this=T.INT if int(text) < 2**31 else T.BIGINT)

    def _arithmetic(self, node: exp.Expr) -> exp.DataType | None:
        left, right = self.of(node.args["this"]), self.of(node.args["expression"])
        if left is None or right is None:
            return None
        if T.INTERVAL in (left.this, right.this):
            return right if left.this == T.INTERVAL else left
        if self._type == "hive" and isinstance(node, exp.Div):
            return exp.DataType(this=T.DOUBLE)
        return arithmetic(type(node), left, right)

    def _parameter(self, node: exp.Identifier) -> exp.DataType | None:
        """Of a lambda over an array's elements or a map's entries."""
        made = node.find_ancestor(exp.Lambda)
        if not isinstance(made, exp.Lambda) or not isinstance(made.parent, exp.Anonymous):
            return None
        names = [parameter.name.lower() for parameter in made.expressions]
        if made.parent.name.lower() not in _OVER_ELEMENTS or node.name.lower() not in names:
            return None
        kind = self.of(made.parent.expressions[0])
        return (
            [key(kind), element(kind)][names.index(node.name.lower())] if len(names) == 2 else element(kind)
        )

    def _case(self, node: exp.Expr) -> exp.DataType | None:
        if isinstance(node, exp.If):
            branches = [node.args.get("true"), node.args.get("false")]
        else:
            branches = [one.args.get("true") for one in node.args["ifs"]] + [node.args.get("default")]
        return _folded(
            [self.of(one) for one in branches if one is not None and not isinstance(one, exp.Null)]
        )


def _folded(kinds: Sequence[exp.DataType | None]) -> exp.DataType | None:
    found = kinds[0] if kinds else None
    for kind in kinds[1:]:
        found = common(found, kind)
    return found


def _engine_kind(kind: exp.DataType) -> exp.DataType:
    """The kind a cast names, as the engine's columns have it."""
    same = {
        T.VARCHAR: T.TEXT,
        T.CHAR: T.TEXT,
        T.TIMESTAMPNTZ: T.TIMESTAMP,
        T.DATETIME: T.TIMESTAMP,
        T.TIMESTAMPLTZ: T.TIMESTAMPTZ,
    }
    if kind.this in same or kind.this in (T.TIMESTAMP, T.TIMESTAMPTZ):
        return exp.DataType(this=same.get(kind.this, kind.this))
    return kind
