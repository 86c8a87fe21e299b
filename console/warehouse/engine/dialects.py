"""Reads one statement as the user's dialect has it, without sqlglot's own opinion on functions: every function call
stays a call by its written name, and `functions` decides what it means."""

from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.hive import Hive
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.hive import HiveParser
from sqlglot.parsers.trino import TrinoParser

from console.warehouse.engine.interface import SqlError
from console.warehouse.engine.places import place

_SPECIAL = {"CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM"}


class PrestoSql(Trino):
    INDEX_OFFSET = 0  # a subscript stays as written

    class Parser(TrinoParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            k: v for k, v in TrinoParser.FUNCTION_PARSERS.items() if k in _SPECIAL | {"LISTAGG"}
        }


class HiveSql(Hive):
    class Parser(HiveParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            k: v for k, v in HiveParser.FUNCTION_PARSERS.items() if k in _SPECIAL - {"TRY_CAST", "POSITION"}
        }
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            k: v for k, v in HiveParser.NO_PAREN_FUNCTION_PARSERS.items() if k != "TRANSFORM"
        }


DIALECTS: dict[str, type[Dialect]] = {"presto": PrestoSql, "hive": HiveSql}


def parse(sql: str, type: str) -> exp.Expr:
    """The one statement in `sql`. Comments and a trailing semicolon are fine."""
    try:
        found = [
            one
            for one in sqlglot.parse(sql, read=DIALECTS[type])
            if one and not isinstance(one, exp.Semicolon)
        ]
    except ParseError as error:
        raise _syntax_error(sql, error) from None
    except TokenError:
        raise _unfinished(sql) from None
    except RecursionError:
        raise SqlError("The statement is nested too deeply.", hint="Split it with WITH.") from None
    if not found:
        raise SqlError("There is no statement.", hint="Write a SELECT.")
    if len(found) > 1:
        line, column = place(sql, found[1])
        raise SqlError(
            "A query is exactly one statement.",
            line=line,
            column=column,
            hint="Run the others as queries of their own.",
        )
    return found[0]


def _syntax_error(sql: str, error: ParseError) -> SqlError:
    first = error.errors[0] if error.errors else {}
    near, line, end = str(first.get("highlight") or ""), first.get("line"), first.get("col")
    if not line or not end:
        return SqlError("The statement could not be read.")
    last = near.rsplit("\n", 1)[-1]
    reason = str(first.get("description") or "").rstrip(".")
    message = f"Syntax error at '{near}': {reason}." if near else f"Syntax error: {reason}."
    return SqlError(message, line=int(line), column=max(int(end) - len(last) + 1, 1))


def _unfinished(sql: str) -> SqlError:
    """The tokenizer stops at a quote or comment without an end; it doesn't say where, so find its start."""
    at = _open_quote(sql)
    line = sql.count("\n", 0, at) + 1
    column = at - (sql.rfind("\n", 0, at) + 1) + 1
    return SqlError(
        f"The text that starts with {sql[at : at + 2].strip()} has no end.",
        line=line,
        column=column,
        hint="Close it.",
    )


def _open_quote(sql: str) -> int:
    at = 0
    while at < len(sql):
        end_mark = {"'": "'", '"': '"', "`": "`"}.get(sql[at])
        if sql.startswith("--", at):
            at = sql.find("\n", at) if "\n" in sql[at:] else len(sql)
            continue
        if sql.startswith("/*", at):
            end = sql.find("*/", at + 2)
        elif end_mark:
            end = sql.find(end_mark, at + 1)
        else:
            at += 1
            continue
        if end < 0:
            return at
        at = end + (1 if end_mark else 2)
    return 0
