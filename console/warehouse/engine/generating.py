"""The tree to the engine's SQL, and which place of it came from where in the user's."""

import re
from bisect import bisect_right

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.generators.duckdb import DuckDBGenerator

from console.warehouse.engine.interface import SqlError

Marks = tuple[tuple[int, int], ...]  # (offset in the engine's SQL, offset in the user's), rising
_OPEN, _CLOSE = "\ue000", "\ue001"  # of Unicode's private area
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def _marked(node: exp.Expr, text: str) -> str:
    return f"{_OPEN}{node.meta['start']}{_CLOSE}{text}" if "start" in node.meta else text


class _Marking(DuckDB):
    """Writes a mark before each name and literal that remembers where the user wrote it."""

    class Generator(DuckDBGenerator):
        def identifier_sql(self, expression: exp.Identifier) -> str:
            return _marked(expression, super().identifier_sql(expression))

        def literal_sql(self, expression: exp.Literal) -> str:
            return _marked(expression, super().literal_sql(expression))

        def anonymous_sql(self, expression: exp.Anonymous) -> str:
            return _marked(expression, super().anonymous_sql(expression))


def generate(query: exp.Expr) -> tuple[str, Marks]:
    try:
        plain = _write(query, DuckDB)
        marked = _write(query, _Marking)
    except SqlglotError as error:
        raise SqlError(f"The statement can't be translated: {error}.") from None
    except RecursionError:
        raise SqlError("The statement is nested too deeply.", hint="Split it with WITH.") from None
    marks, taken = [], 0
    for found in _MARK.finditer(marked):
        marks.append((found.start() - taken, int(found[1])))
        taken += len(found[0])
    # Where marks changed what was written, or the user's own text looks like one, places are not known.
    return plain, tuple(marks) if _MARK.sub("", marked) == plain and _OPEN not in plain else ()


def _write(query: exp.Expr, dialect: type[DuckDB]) -> str:
    return query.sql(
        dialect=dialect,
        identify=True,  # `user` is a column, not the engine's function
        comments=False,
        normalize_functions=False,
        unsupported_level=ErrorLevel.RAISE,
    )


def origin(marks: Marks, start: int, length: int) -> int | None:
    """The user's offset of what is at `start` in the engine's SQL: the first mark inside it, else the last before."""
    after = bisect_right(marks, (start - 1, 1 << 60))
    if after < len(marks) and marks[after][0] < start + max(length, 1):
        return marks[after][1]
    return marks[after - 1][1] if after else None
