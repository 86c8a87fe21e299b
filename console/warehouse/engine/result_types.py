"""The engine's type names as Presto and Hive write them."""

from sqlglot import exp

_PRESTO = {
    "TINYINT": "tinyint", "SMALLINT": "smallint", "INT": "integer", "BIGINT": "bigint", "FLOAT": "real",
    "DOUBLE": "double", "VARCHAR": "varchar", "TEXT": "varchar", "BOOLEAN": "boolean", "DATE": "date",
    "TIMESTAMP": "timestamp(3)", "TIMESTAMPNTZ": "timestamp(3)", "TIMESTAMPTZ": "timestamp(3) with time zone",
    "TIME": "time(3)", "VARBINARY": "varbinary",
}  # fmt: skip
_HIVE = _PRESTO | {
    "INT": "int", "FLOAT": "float", "VARCHAR": "string", "TEXT": "string", "TIMESTAMP": "timestamp",
    "TIMESTAMPNTZ": "timestamp", "TIMESTAMPTZ": "timestamp", "TIME": "string", "VARBINARY": "binary",
}  # fmt: skip


def user_type(engine_type: str, type: str) -> str:
    """`user_type("BIGINT[]", "presto")` is `array(bigint)`; for hive it is `array<bigint>`."""
    return _write(exp.DataType.build(engine_type, dialect="duckdb"), type)


def _write(kind: exp.DataType, type: str) -> str:
    name = kind.this.value if isinstance(kind.this, exp.DType) else str(kind.this)
    inner = [_inner(part, type) for part in kind.expressions]
    left, right = "()" if type == "presto" else "<>"
    comma = ", " if type == "presto" else ","
    if name in ("LIST", "ARRAY"):
        return f"array{left}{inner[0]}{right}"
    if name == "MAP":
        return f"map{left}{comma.join(inner)}{right}"
    if name == "STRUCT":
        return f"{'row' if type == 'presto' else 'struct'}{left}{comma.join(inner)}{right}"
    if name == "DECIMAL":
        return f"decimal({','.join(inner or ['18', '3'])})"
    return (_PRESTO if type == "presto" else _HIVE).get(name, name.lower())


def _inner(part: exp.Expr, type: str) -> str:
    if isinstance(part, exp.ColumnDef) and isinstance(part.args.get("kind"), exp.DataType):
        kind = _write(part.args["kind"], type)
        return f"{part.name} {kind}" if type == "presto" else f"{part.name}:{kind}"
    if isinstance(part, exp.DataType):
        return _write(part, type)
    return part.name
