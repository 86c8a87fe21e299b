"""The SQL functions of Trino and Hive, written in the embedded engine's SQL. `<type>.sql` holds one macro each."""

import re
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_HEAD = re.compile(r"^CREATE MACRO (\w+)\(", re.M)
_CALL = re.compile(r"\b((?:sql|td|presto|hive)__\w+)\(")


@cache
def definitions() -> dict[str, str]:
    """Macro name to its CREATE statement."""
    found: dict[str, str] = {}
    for path in sorted(_HERE.glob("*.sql")):
        text = re.sub(r"^--.*\n", "", path.read_text(), flags=re.M)
        for statement in text.split(";\n"):
            if head := _HEAD.search(statement):
                found[head[1]] = statement.strip().rstrip(";")
    return found


@cache
def arities(name: str) -> frozenset[int]:
    """With how many arguments the macro can be called."""
    heads = re.findall(r"(?:MACRO \w+|, )\(([^()]*)\) AS ", definitions()[name])
    return frozenset(len(head.split(",")) if head.strip() else 0 for head in heads)


def needed(sql: str) -> list[str]:
    """The CREATE statements of every macro `sql` calls, each after those it calls itself."""
    order: dict[str, str] = {}
    for name in dict.fromkeys(_CALL.findall(sql)):
        _add(name, order)
    return list(order.values())


def _add(name: str, order: dict[str, str]) -> None:
    if name in order:
        return
    text = definitions()[name]
    for other in dict.fromkeys(_CALL.findall(text)):
        if other != name:
            _add(other, order)
    order[name] = text
