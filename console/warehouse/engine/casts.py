"""Types a cast may name, and the casts of both dialects, whose values differ from the engine's."""

from sqlglot import exp

from console.warehouse.engine.calls import Context, call

_T = exp.DType
_TIMESTAMPS = {_T.TIMESTAMP, _T.TIMESTAMPNTZ, _T.DATETIME}
_WITH_ZONE = {_T.TIMESTAMPTZ, _T.TIMESTAMPLTZ}
_TEXTS = {_T.VARCHAR, _T.CHAR, _T.TEXT}
_OTHERS = {
    _T.BOOLEAN, _T.TINYINT, _T.SMALLINT, _T.INT, _T.BIGINT, _T.FLOAT, _T.DOUBLE, _T.DECIMAL, _T.DATE, _T.TIME,
    _T.VARBINARY, _T.BINARY, _T.JSON, _T.UUID, _T.ARRAY, _T.LIST, _T.MAP, _T.STRUCT,
}  # fmt: skip


def engine_type(kind: exp.DataType, context: Context) -> exp.DataType:
    """The engine's type: timestamps have one precision, varchar(n) is varchar, row fields by name."""
    for part in list(kind.find_all(exp.DataType)):
        if part.this in _TIMESTAMPS:
            part.set("this", _T.TIMESTAMP)
            part.set("expressions", [])
        elif part.this in _WITH_ZONE:
            part.set("this", _T.TIMESTAMPTZ)
            part.set("expressions", [])
        elif part.this in _TEXTS:
            part.set("this", _T.TEXT)
            part.set("expressions", [])
        elif part.this not in _OTHERS:
            context.refuse(kind, f"The type {part.sql().lower()} isn't supported.")
        elif part.this == _T.DECIMAL and not part.expressions:
            places = ("38", "0") if context.type == "presto" else ("10", "0")
            part.set("expressions", [exp.DataTypeParam(this=exp.Literal.number(one)) for one in places])
    return kind


def presto_cast(node: exp.Expr, context: Context) -> exp.Expr:
    kind: exp.DataType = node.args["to"]
    attempt = isinstance(node, exp.TryCast)
    length = kind.expressions[0].name if kind.this in (_T.VARCHAR, _T.CHAR) and kind.expressions else ""
    plain = engine_type(kind, context)
    name = {_T.TEXT: "varchar", _T.BIGINT: "to_bigint", _T.INT: "to_integer", _T.JSON: "to_json"}.get(
        plain.this
    )
    if name is None:
        node.args["to"] = plain
        return node
    new: exp.Expr = call(f"presto__{name}", node.this)
    if length:
        new = call("left", new, exp.Literal.number(length))
    return call("TRY", new) if attempt and name != "to_json" else new


def hive_cast(node: exp.Expr, context: Context) -> exp.Expr:
    kind: exp.DataType = node.args["to"]
    length = kind.expressions[0].name if kind.this in (_T.VARCHAR, _T.CHAR) and kind.expressions else ""
    plain = engine_type(kind, context)
    name = {_T.TEXT: "string", _T.BIGINT: "to_bigint", _T.INT: "to_int", _T.DATE: "day"}.get(plain.this)
    if name is None:
        return exp.TryCast(this=node.this, to=plain)
    new = call(f"hive__{name}", node.this)
    return call("left", new, exp.Literal.number(length)) if length else new
