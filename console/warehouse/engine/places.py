"""Where in the user's SQL a thing stands. Lines and columns are 1-based."""

import re

from sqlglot import exp

Place = tuple[int | None, int | None]
_BLANKED = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.S)


def place(sql: str, node: exp.Expr) -> Place:
    """The first token of `node` that remembers its place."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return line_column(sql, min(starts)) if starts else (None, None)


def place_around(sql: str, node: exp.Expr) -> Place:
    """The node's own place, a call's being that of its name; else that of the nearest part around it that has one."""
    spot: exp.Expr | None = node
    while spot is not None:
        if "start" in spot.meta:
            return line_column(sql, spot.meta["start"])
        found = place(sql, spot)
        if found[0] is not None:
            return found
        spot = spot.parent
    return None, None


def line_column(sql: str, offset: int) -> tuple[int, int]:
    return sql.count("\n", 0, offset) + 1, offset - (sql.rfind("\n", 0, offset) + 1) + 1


def find_word(sql: str, word: str) -> Place:
    """The first place where `word` stands as a whole word outside comments and strings."""
    return find(sql, rf"(?<!\w){re.escape(word)}(?!\w)")


def find(sql: str, pattern: str) -> Place:
    """The first match of `pattern` outside comments and strings."""
    bare = _BLANKED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), sql)
    found = re.search(pattern, bare, re.I)
    return line_column(sql, found.start()) if found else (None, None)
