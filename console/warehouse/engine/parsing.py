"""The user's text to the tree of its one statement, or to the place where it can't be read."""

import logging
import re
from itertools import pairwise

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from console.warehouse.engine.dialects import DIALECTS
from console.warehouse.engine.interface import SqlError
from console.warehouse.engine.places import line_column

RULE = {
    "presto": "Write a SELECT, CREATE TABLE … AS SELECT or INSERT INTO … SELECT.",
    "hive": "Write a SELECT, CREATE TABLE … AS SELECT, INSERT INTO TABLE … SELECT or INSERT OVERWRITE TABLE … SELECT.",
}
_FIRST = {"(", "CREATE", "FROM", "INSERT", "SELECT", "TABLE", "VALUES", "WITH"}
# sqlglot warns of statements it reads only roughly, with their text. They are refused here, and the text is the user's.
logging.getLogger("sqlglot").setLevel(logging.ERROR)


def parse(sql: str, type: str) -> exp.Expr:
    """The one statement in `sql`. Comments and a trailing semicolon are fine."""
    dialect = DIALECTS[type]()
    try:
        tokens = dialect.tokenize(sql)
        _check_statements(sql, type, tokens)
        (tree,) = [tree for tree in dialect.parser().parse(tokens, sql) if _is_statement(tree)]
    except ParseError as error:
        raise _syntax_error(error) from None
    except TokenError:
        raise _unfinished(sql) from None
    except RecursionError:
        raise SqlError("The statement is nested too deeply.", hint="Split it with WITH.") from None
    assert tree is not None
    return tree


def _is_statement(tree: exp.Expr | None) -> bool:
    return tree is not None and not isinstance(tree, exp.Semicolon)


def _check_statements(sql: str, type: str, tokens: list[Token]) -> None:
    """One statement, and one that begins as a query does: for others sqlglot's own word would mislead."""
    starts = [
        token
        for before, token in zip([None, *tokens], tokens, strict=False)
        if token.token_type != TokenType.SEMICOLON
        and (before is None or before.token_type == TokenType.SEMICOLON)
    ]
    if not starts:
        raise SqlError("There is no statement.", hint="Write a SELECT.")
    first = starts[0].text.upper()
    if first not in _FIRST:
        _refuse(sql, starts[0], f"{first} isn't allowed in a query.", RULE[type])
    for number, word in pairwise(tokens):
        if type == "presto" and number.token_type == TokenType.NUMBER and word.start == number.end + 1:
            _check_number(sql, number, word)
    if len(starts) > 1:
        _refuse(
            sql, starts[1], "A query is exactly one statement.", "Run the others as queries of their own."
        )


def _check_number(sql: str, number: Token, word: Token) -> None:
    """sqlglot reads `1_000` as the column 1 with the alias _000."""
    if word.token_type == TokenType.VAR:
        _refuse(
            sql, number, f"{number.text}{word.text} is no number.", "Write digits, and a space before a name."
        )


def _refuse(sql: str, token: Token, message: str, hint: str) -> None:
    line, column = line_column(sql, token.start)
    raise SqlError(message, line=line, column=column, hint=hint)


def _syntax_error(error: ParseError) -> SqlError:
    first = error.errors[0] if error.errors else {}
    near, line, end = str(first.get("highlight") or ""), first.get("line"), first.get("col")
    if not line or not end:
        return SqlError("The statement could not be read.")
    last = near.rsplit("\n", 1)[-1]
    message = f"Syntax error at '{near}'" if near else "Syntax error"
    reason = _reason(str(first.get("description") or ""))
    return SqlError(f"{message}: {reason}.", line=int(line), column=max(int(end) - len(last) + 1, 1))


def _reason(description: str) -> str:
    """sqlglot's reason without its own class names."""
    if description.startswith("Required keyword"):
        return "something is missing here"
    if found := re.match(r"(Expected .*?) but got <Token", description):
        return found[1]
    if description.startswith("Invalid expression"):
        return "this isn't expected here"
    return description.rstrip(".")


def _unfinished(sql: str) -> SqlError:
    """The tokenizer stops at a quote or comment without an end; it doesn't say where, so find its start."""
    at = _open_quote(sql)
    line, column = line_column(sql, at)
    start = sql[at : at + 2].strip()
    return SqlError(
        f"The text that starts with {start} has no end.", line=line, column=column, hint="Close it."
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
