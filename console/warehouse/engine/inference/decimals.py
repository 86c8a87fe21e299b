"""Trino's arithmetic on decimals, and which type two types have in common."""

from sqlglot import exp

T = exp.DType
INTEGERS = {T.TINYINT: 3, T.SMALLINT: 5, T.INT: 10, T.BIGINT: 19}  # and their digits
FLOATS = (T.FLOAT, T.DOUBLE)
TIMES = (T.DATE, T.TIMESTAMP, T.TIMESTAMPTZ)


def decimal(precision: int, scale: int) -> exp.DataType:
    parts = [exp.DataTypeParam(this=exp.Literal.number(part)) for part in (min(precision, 38), scale)]
    return exp.DataType(this=T.DECIMAL, expressions=parts)


def digits(kind: exp.DataType) -> tuple[int, int] | None:
    """Precision and scale of a decimal or an integer; None of anything else."""
    if kind.this in INTEGERS:
        return INTEGERS[kind.this], 0
    if kind.this != T.DECIMAL:
        return None
    parts = [int(part.name) for part in kind.expressions]
    return (parts[0], parts[1] if len(parts) > 1 else 0) if parts else (38, 0)


def arithmetic(operator: type[exp.Expr], left: exp.DataType, right: exp.DataType) -> exp.DataType | None:
    if left.this in FLOATS or right.this in FLOATS:
        both = {left.this, right.this}
        return exp.DataType(this=T.DOUBLE if T.DOUBLE in both or len(both) > 1 else T.FLOAT)
    if left.this in INTEGERS and right.this in INTEGERS:
        return max(left, right, key=lambda kind: INTEGERS[kind.this])
    one, other = digits(left), digits(right)
    return _decimal(operator, *one, *other) if one and other else None


def _decimal(operator: type[exp.Expr], p1: int, s1: int, p2: int, s2: int) -> exp.DataType | None:
    scale, whole = max(s1, s2), max(p1 - s1, p2 - s2)
    if operator in (exp.Add, exp.Sub):
        return decimal(whole + scale + 1, scale)
    if operator is exp.Mul:
        return decimal(p1 + p2, s1 + s2)
    if operator is exp.Div:
        return decimal(p1 + s2 + max(0, s2 - s1), scale)
    return decimal(min(p1 - s1, p2 - s2) + scale, scale) if operator is exp.Mod else None


def common(left: exp.DataType | None, right: exp.DataType | None) -> exp.DataType | None:
    """The type that both become in a UNION, CASE or COALESCE."""
    if left is None or right is None or left == right:
        return left if right is not None else None
    for chain in (tuple(INTEGERS), FLOATS, TIMES):
        if left.this in chain and right.this in chain:
            return max(left, right, key=lambda kind: chain.index(kind.this))
    if (left.this in FLOATS) != (right.this in FLOATS) and (digits(left) or digits(right)):
        return left if left.this in FLOATS else right
    if left.this == right.this and left.this in (T.ARRAY, T.MAP):
        return _common_parts(left, right)
    one, other = digits(left), digits(right)
    if one and other:
        scale = max(one[1], other[1])
        return decimal(max(one[0] - one[1], other[0] - other[1]) + scale, scale)
    return None


def _common_parts(left: exp.DataType, right: exp.DataType) -> exp.DataType | None:
    parts = [common(*pair) for pair in zip(left.expressions, right.expressions, strict=True)]
    if any(part is None for part in parts):
        return None
    return exp.DataType(this=left.this, expressions=[part.copy() for part in parts if part], nested=True)
