"""Where in the user's SQL a thing stands."""

import re

from sqlglot import exp


def place(sql: str, node: exp.Expr) -> tuple[int | None, int | None]:
    """Line and column, 1-based, of the first token of `node` that remembers its place."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
    return line_column(sql, min(starts)) if starts else (None, None)


def call_place(sql: str, node: exp.Expr) -> tuple[int | None, int | None]:
    """The place of a call's own name."""
    if "start" in node.meta:
        return line_column(sql, node.meta["start"])
    return place(sql, node)


def line_column(sql: str, offset: int) -> tuple[int, int]:
    return sql.count("\n", 0, offset) + 1, offset - (sql.rfind("\n", 0, offset) + 1) + 1


def find_word(sql: str, word: str) -> tuple[int | None, int | None]:
    """The first place where `word` stands as a whole word outside comments and strings."""
    bare = re.sub(
        r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", lambda m: re.sub(r"[^\n]", " ", m[0]), sql, flags=re.S
    )
    found = re.search(rf"(?<![\w]){re.escape(word)}(?![\w])", bare, re.I)
    return line_column(sql, found.start()) if found else (None, None)
