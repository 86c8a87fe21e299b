"""Columns by what their type can hold, whatever Presto or Hive call it."""

import re

from integrations.rows import Column

TEXT = {"varchar", "string", "char", "uuid"}
INTEGER = {
    "tinyint", "smallint", "int", "integer", "bigint", "long", "hugeint", "utinyint", "usmallint", "uinteger",
    "ubigint",
}  # fmt: skip
BOOLEAN = {"boolean"}
TIME = {"timestamp", "date"}
NOTHING = {"null", "unknown"}  # a column of nothing but NULL
REFUSED = {"map", "row", "struct", "varbinary", "binary", "interval"}
_WORD = re.compile(r"[(<\s]")


def family(column: Column) -> str:
    """'array(bigint)' -> 'array', 'timestamp(3) with time zone' -> 'timestamp'."""
    return _WORD.split(column.type.strip().lower(), maxsplit=1)[0]


def is_identity(column: Column) -> bool:
    """Strings, integers and booleans; a decimal without decimal places is an integer."""
    whole = re.fullmatch(r"decimal\(\d+,\s*0\)", column.type.strip().lower()) is not None
    return whole or family(column) in TEXT | INTEGER | BOOLEAN | NOTHING


def is_text(column: Column) -> bool:
    return family(column) in TEXT | NOTHING


def is_json(column: Column) -> bool:
    return family(column) == "json"


def is_array(column: Column) -> bool:
    return family(column) == "array"


def holds_arrays_of_values(column: Column) -> bool:
    """array(varchar) does, array(row(…)) and array(array(…)) do not."""
    inner = re.sub(r"^array[(<]|[)>]$", "", column.type.strip().lower())
    return family(Column("", inner)) not in REFUSED | {"array"}
