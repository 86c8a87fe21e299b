"""Types a cast may name, and the casts of both dialects, whose values differ from the engine's."""

import re

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

_PRESTO_MACROS = {
    _T.TEXT: "varchar", _T.BIGINT: "to_bigint", _T.INT: "to_integer", _T.BOOLEAN: "to_boolean", _T.JSON: "to_json",
    _T.VARBINARY: "to_varbinary",
}  # fmt: skip
_HIVE_MACROS = {
    _T.TEXT: "string", _T.BIGINT: "to_bigint", _T.INT: "to_int", _T.DATE: "day", _T.DOUBLE: "to_double",
    _T.BOOLEAN: "to_boolean", _T.TIMESTAMP: "to_timestamp",
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
    name = _PRESTO_MACROS.get(plain.this)
    if name is None:
        node.args["to"] = plain
        if plain.this == _T.TIMESTAMPTZ and isinstance(node.this, exp.Literal):  # '… 00:00:00 +09:00'
            node.set("this", exp.Literal.string(re.sub(r"\s+([+-]\d\d:\d\d)$", r"\1", node.this.name)))
        return node
    new: exp.Expr = call(f"presto__{name}", node.this)
    if name == "varchar" and (zone := _zone(node.this)) is not None:
        new = exp.paren(exp.DPipe(this=new, expression=exp.Literal.string(f" {zone}"), safe=True))
    if length:
        new = call("left", new, exp.Literal.number(length))
    return call("TRY", new) if attempt and name != "to_json" else new


def _zone(node: exp.Expr) -> str | None:
    """The zone that Trino writes behind a time at a zone; the engine's own such time has forgotten it."""
    at_zone = isinstance(node, exp.Anonymous) and node.name in (
        "presto__at_timezone",
        "presto__from_unixtime",
    )
    zone = node.expressions[1] if at_zone and len(node.expressions) == 2 else None
    return zone.name.removeprefix("GMT") if isinstance(zone, exp.Literal) and zone.is_string else None


def hive_cast(node: exp.Expr, context: Context) -> exp.Expr:
    kind: exp.DataType = node.args["to"]
    length = kind.expressions[0].name if kind.this in (_T.VARCHAR, _T.CHAR) and kind.expressions else ""
    plain = engine_type(kind, context)
    name = _HIVE_MACROS.get(plain.this)
    if name is None:
        return exp.TryCast(this=node.this, to=plain)
    new = call(f"hive__{name}", node.this)
    return call("left", new, exp.Literal.number(length)) if length else new
