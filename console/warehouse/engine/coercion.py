"""What an INSERT may put into a column of another type. Trino converts only where nothing can be lost; Hive always, and
what can't be converted is NULL."""

import re

_WIDER = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "HUGEINT": 19}
_FLOATS = ("FLOAT", "DOUBLE")
_TIMES = ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
_TEXTS = ("VARCHAR", "JSON", "UUID")
_HIVE_CASTS = {
    "BIGINT": "hive__to_bigint",
    "INTEGER": "hive__to_int",
    "VARCHAR": "hive__string",
    "DATE": "hive__day",
}
HIVE_MACROS = tuple(_HIVE_CASTS.values())


def coerced(value: str, given: str, wanted: str, type: str) -> str | None:
    """SQL of `value`, which is `given`, as the column's type `wanted`, or as a wider one that the column grows to.
    None where it can't be."""
    given, wanted = _plain(given), _plain(wanted)
    if fits(given, wanted):
        return f"CAST({value} AS {wanted})"
    if _grows(wanted, given):
        return f"CAST({value} AS {'BIGINT' if given == 'HUGEINT' else given})"
    if type != "hive" or _is_nested(given) or _is_nested(wanted):
        return None
    macro = _HIVE_CASTS.get(wanted)
    return f"{macro}({value})" if macro else f"TRY_CAST({value} AS {wanted})"


def fits(given: str, wanted: str) -> bool:
    """Trino's implicit coercions. HUGEINT is what sums and counts of bigint are in the engine."""
    if given == wanted or given == '"NULL"':
        return True
    if given == "HUGEINT":
        given = "BIGINT"
    if given.endswith("[]") and wanted.endswith("[]"):
        return fits(given[:-2], wanted[:-2])
    for chain in (_WIDER, _FLOATS, _TIMES):
        if given in chain and wanted in chain:
            return chain.index(given) <= chain.index(wanted)
    if given in _TEXTS and wanted == "VARCHAR":
        return True
    if given in _DIGITS or _decimal(given):
        return wanted in _FLOATS or _holds(wanted, given)
    return False


def _grows(column: str, given: str) -> bool:
    """The three promotions that a table's column makes by itself when wider values come."""
    if given == "HUGEINT":
        given = "BIGINT"
    if (column in _WIDER and given in _WIDER) or (column in _FLOATS and given in _FLOATS):
        return True
    mine, other = _decimal(column), _decimal(given)
    return bool(mine and other and mine[1] == other[1] and other[0] > mine[0])


def _holds(wanted: str, given: str) -> bool:
    column = _decimal(wanted)
    precision, scale = _decimal(given) or (_DIGITS.get(given, 99), 0)
    return bool(column and column[1] >= scale and column[0] - column[1] >= precision - scale)


def _decimal(kind: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", kind)
    return (int(found[1]), int(found[2])) if found else None


def _is_nested(kind: str) -> bool:
    return kind.endswith("[]") or kind.startswith(("MAP(", "STRUCT("))


def _plain(kind: str) -> str:
    kind = re.sub(r"\bTIMESTAMP_(?:S|MS|NS)\b", "TIMESTAMP", kind)
    return {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE", "UHUGEINT": "HUGEINT", "UBIGINT": "HUGEINT"}.get(
        kind, kind
    )
