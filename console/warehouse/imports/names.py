"""A record's keys become column names."""

import re
from functools import lru_cache
from typing import Any

LONGEST = 255


@lru_cache(maxsize=10_000)
def column_name(key: Any) -> str:
    """`Order ID` → `order_id`. "" for a key that names no column (pytd sends a frame's index so)."""
    text = key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)
    return re.sub(r"\W+", "_", text.strip().lower())


def renamed(row: dict[Any, Any]) -> dict[str, Any] | str:
    """The row under its columns' names; or why that can't be."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        name = column_name(key)
        if name in found:
            return f"Two keys of the record mean the column {name}."
        if len(name) > LONGEST:
            return f"The key {name[:40]}… is longer than {LONGEST} characters."
        if name:
            found[name] = value
    return found
