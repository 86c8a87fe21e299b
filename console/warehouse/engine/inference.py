"""As much as can be said about a value's type without a schema; what isn't certain is None."""

from sqlglot import exp

_INTEGER = {exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT, exp.DType.TINYINT}


def scale(node: exp.Expr) -> int | None:
    """Digits after the point where the value is a decimal or an integer (0) for certain."""
    if isinstance(node, (exp.Paren, exp.Neg, exp.Alias)):
        return scale(node.this)
    if isinstance(node, exp.Literal) and not node.is_string:
        text = str(node.this).lower()
        return None if "e" in text else len(text.partition(".")[2])
    if isinstance(node, (exp.Cast, exp.TryCast)):
        return _cast_scale(node.args["to"])
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul)):
        left, right = scale(node.this), scale(node.expression)
        if left is None or right is None:
            return None
        return left + right if isinstance(node, exp.Mul) else max(left, right)
    if isinstance(node, (exp.Window, exp.Filter)):
        return scale(node.this)
    if isinstance(node, exp.Anonymous):
        return _call_scale(node)
    return None


def _cast_scale(kind: exp.DataType) -> int | None:
    if kind.this in _INTEGER:
        return 0
    if kind.this == exp.DType.DECIMAL:
        parts = kind.expressions
        return int(parts[1].name) if len(parts) > 1 else 0
    return None


def _call_scale(node: exp.Anonymous) -> int | None:
    name = node.name.lower()
    if name in (
        "count",
        "row_number",
        "rank",
        "length",
        "approx_count_distinct",
        "count_if",
        "presto__to_bigint",
    ):
        return 0
    if name in ("sum", "min", "max", "abs") and len(node.expressions) == 1:
        return scale(node.expressions[0])
    return None


def is_date_like(node: exp.Expr) -> bool:
    """An interval, or what is surely a date or a time."""
    if isinstance(node, exp.Paren):
        return is_date_like(node.this)
    if isinstance(node, (exp.Interval, exp.CurrentDate, exp.CurrentTimestamp, exp.Localtimestamp)):
        return True
    return isinstance(node, (exp.Cast, exp.TryCast)) and node.args["to"].this in (
        exp.DType.DATE, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.TIMESTAMPNTZ,
    )  # fmt: skip
