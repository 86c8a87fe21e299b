"""Arrays in a profile's columns: of type array or JSON, or text that is a JSON array."""

from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

OPERATORS = {"replace": "$set", "append": "$add", "remove": "$remove"}


def in_text(text: pa.Array) -> dict[int, list[Any]]:
    """Rows whose text is a JSON array of single values, and what it holds."""
    looks = pc.and_(pc.starts_with(text, "["), pc.ends_with(text, "]"))
    if not pc.any(looks, min_count=0).as_py():
        return {}
    rows = pc.indices_nonzero(looks.fill_null(False))
    pairs = zip(rows.to_pylist(), text.take(rows).to_pylist(), strict=True)
    return {row: found for row, value in pairs if (found := _array(value)) is not None}


def items(values: list[Any]) -> list[str]:
    """CleverTap's array properties hold strings. NULL is left out, as everywhere."""
    return [_text(value) for value in values if value is not None]


def property_text(values: list[Any], operation: str) -> str | None:
    """`{"$add":["a"]}`; None where there is nothing to add or to remove."""
    kept = items(values)
    if not kept and operation != "replace":
        return None
    return orjson.dumps({OPERATORS[operation]: kept}).decode()


def _array(value: str) -> list[Any] | None:
    try:
        found = orjson.loads(value)
    except ValueError:
        return None
    single = isinstance(found, list) and not any(isinstance(item, list | dict) for item in found)
    return found if single else None


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
