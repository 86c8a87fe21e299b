"""Form fields named by paths ("rules.1.value") to nested dictionaries and lists, and places in these."""

from collections.abc import Iterable
from typing import Any

DEEPEST, LONGEST = 60, 5_000  # parts of a name, and entries of a list: what no page of ours sends


def nested(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Numbers in a name are places in a list; gaps in it close. The last of several values with one name counts."""
    root: dict[str, Any] = {}
    for name, value in fields:
        parts = name.split(".")
        if len(parts) <= DEEPEST and all(parts):
            _put(root, parts, value)
    found = _lists(root)
    return found if isinstance(found, dict) else {}


def at(root: Any, path: str) -> Any:
    """What is there; None where nothing is."""
    for part in path.split(".") if path else ():
        if isinstance(root, list):
            if not (part.isdecimal() and len(part) < 6 and int(part) < len(root)):
                return None
            root = root[int(part)]
        elif isinstance(root, dict):
            root = root.get(part)
        else:
            return None
    return root


def split(path: str) -> tuple[str, int]:
    """The list that a place is in, and its number there: "rules.1.rules.0" is 0 of "rules.1.rules"."""
    inside, _, last = path.rpartition(".")
    return inside, int(last) if last.isdecimal() and len(last) < 6 else -1


def element(path: str) -> str:
    """An id that CSS can name."""
    return path.replace(".", "-")


def _put(root: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        below = root.get(part)
        if not isinstance(below, dict):
            below = root[part] = {}
        root = below
    if not isinstance(root.get(parts[-1]), dict):
        root[parts[-1]] = value


def _lists(raw: Any) -> Any:
    if not isinstance(raw, dict):
        return raw
    if raw and all(key.isdecimal() and len(key) < 6 for key in raw):
        return [_lists(raw[key]) for key in sorted(raw, key=int)[:LONGEST]]
    return {key: _lists(value) for key, value in raw.items()}
