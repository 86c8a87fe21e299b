"""A value's text, as SQL over DuckDB: integers and decimals exact, doubles as Java and Trino print them."""

from typing import Any

from integrations.formats.sql import literal

INTEGERS = {
    "tinyint", "smallint", "integer", "bigint", "hugeint",
    "utinyint", "usmallint", "uinteger", "ubigint", "uhugeint",
}  # fmt: skip
MOMENTS = {"timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"}
NESTED = {"list", "array", "struct", "map"}
# Their text holds no quote, no delimiter, no line end and is never a null string: it needs no look.
PLAIN = INTEGERS | MOMENTS | {
    "boolean", "date", "decimal", "double", "float", "time", "uuid", "blob", "timestamp with time zone"
}  # fmt: skip
_SAME_IN_JSON = INTEGERS | {"boolean", "date", "uuid", "varchar"}


def text(value: str, kind: Any) -> str:
    """SQL for the text of the SQL expression `value` of DuckDB's type `kind`. NULL stays NULL."""
    match kind.id:
        case "varchar":
            return value
        case "double" | "float":
            return _double(value)
        case "decimal":
            return _decimal(value, kind)
        case "timestamp with time zone":
            return f"{_moment(f'make_timestamp(epoch_us({value}))')} || ' UTC'"
        case "time":
            return f"strftime(DATE '2000-01-01' + {value}, '%H:%M:%S.%g')"
        case "blob":
            return f"lower(hex({value}))"
        case id if id in MOMENTS:
            return _moment(value)
        case id if id in NESTED:
            return _document(value, kind)
    return f"CAST({value} AS VARCHAR)"


def is_plain(kind: Any) -> bool:
    return kind.id in PLAIN


def _moment(value: str) -> str:
    return f"strftime({value}, '%Y-%m-%d %H:%M:%S.%g')"


def _decimal(value: str, kind: Any) -> str:
    """DuckDB leaves out the 0 before the point where the type has no digit there."""
    written = f"CAST({value} AS VARCHAR)"
    sizes = dict(kind.children)
    if sizes["precision"] > sizes["scale"]:
        return written
    return f"CASE WHEN {value} < 0 THEN '-0' || substr({written}, 2) ELSE '0' || {written} END"


def _double(value: str) -> str:
    """Java's Double.toString and Float.toString from DuckDB's shortest digits: 1.0, 1.0E7, 1.0E-4, NaN."""
    digits = f"CAST(abs({value}) AS VARCHAR)"
    bare = f"ltrim(replace(regexp_replace({digits}, 'e.*$', ''), '.', ''), '0')"
    tail = f"coalesce(nullif(rtrim(substr({bare}, 2), '0'), ''), '0')"
    exponent = (
        f"CASE WHEN contains({digits}, 'e') THEN CAST(regexp_extract({digits}, 'e([+-]\\d+)$', 1) AS INTEGER) "
        f"WHEN abs({value}) >= 1 THEN strpos({digits}, '.') - 2 "
        f"ELSE -1 - length(regexp_extract({digits}, '^0\\.(0*)', 1)) END"
    )
    sign = f"CASE WHEN {value} < 0 THEN '-' ELSE '' END"
    return (
        f"CASE WHEN {value} = 0 OR (abs({value}) >= 1e-3 AND abs({value}) < 1e7) THEN CAST({value} AS VARCHAR) "
        f"WHEN isnan({value}) THEN 'NaN' WHEN isinf({value}) THEN {sign} || 'Infinity' "
        f"ELSE {sign} || substr({bare}, 1, 1) || '.' || {tail} || 'E' || ({exponent}) END"
    )


def _document(value: str, kind: Any) -> str:
    """Compact JSON. DuckDB's own would round decimals, break on NaN and write other timestamps."""
    if _is_same_in_json(kind):
        return f"CAST(to_json({value}) AS VARCHAR)"
    return _json(value, kind, 0)


def _is_same_in_json(kind: Any) -> bool:
    if kind.id in NESTED:
        return all(_is_same_in_json(child) for label, child in kind.children if label != "size")
    return kind.id in _SAME_IN_JSON and str(kind) != "JSON"


def _json(value: str, kind: Any, depth: int) -> str:
    match kind.id:
        case "list" | "array":
            return _json_list(value, kind, depth)
        case "map":
            return _json_map(value, kind, depth)
        case "struct":
            return _json_struct(value, kind, depth)
        case "double" | "float":
            return f"CASE WHEN isfinite({value}) THEN {text(value, kind)} ELSE '\"' || {text(value, kind)} || '\"' END"
        case id if id in INTEGERS or id in ("boolean", "decimal") or str(kind) == "JSON":
            return text(value, kind) if id == "decimal" else f"CAST({value} AS VARCHAR)"
    return f"CAST(to_json({text(value, kind)}) AS VARCHAR)"


def _json_list(value: str, kind: Any, depth: int) -> str:
    child = dict(kind.children)["child"]
    items = f"CAST({value} AS {child}[])" if kind.id == "array" else value
    item = f"x{depth}"
    inner = _or_null(_json(item, child, depth + 1))
    return f"'[' || array_to_string(list_transform({items}, lambda {item}: {inner}), ',') || ']'"


def _json_map(value: str, kind: Any, depth: int) -> str:
    kinds, entry = dict(kind.children), f"x{depth}"
    key = f"CAST(to_json({text(f'{entry}.key', kinds['key'])}) AS VARCHAR)"
    item = _or_null(_json(f"{entry}.value", kinds["value"], depth + 1))
    entries = f"list_transform(map_entries({value}), lambda {entry}: {key} || ':' || {item})"
    return f"'{{' || array_to_string({entries}, ',') || '}}'"


def _json_struct(value: str, kind: Any, depth: int) -> str:
    """An object; an array where the fields have no names, as those of Presto's row(1, 2)."""
    named = all(label for label, _ in kind.children)
    parts = []
    for position, (label, child) in enumerate(kind.children, start=1):
        item = _or_null(_json(f"struct_extract_at({value}, {position})", child, depth))
        parts.append(f"CAST(to_json({literal(label)}) AS VARCHAR) || ':' || {item}" if named else item)
    left, right = "{}" if named else "[]"
    joined = " || ',' || ".join(parts)
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE '{left}' || {joined} || '{right}' END"


def _or_null(value: str) -> str:
    return f"coalesce({value}, 'null')"
