"""What went wrong in the engine, in the user's words and at the user's line; never a path or the engine's own SQL."""

import re
from typing import Any

from console.warehouse.engine.interface import Limits, SqlError, Statement
from console.warehouse.engine.places import find_word
from console.warehouse.engine.result_types import user_type

_PATH = re.compile(r"(?:file:)?/(?:[\w.@+-]+/)+[\w.@+-]*")
_OWN = re.compile(r"\b(?:presto|hive|td|sql)__(\w+)")
_DISK = re.compile(
    r"No space left|disk is full|File too large|Disk quota|Could not write|max_temp_directory_size", re.I
)


def to_sql_error(answer: dict[str, Any] | None, code: int, statement: Statement, limits: Limits) -> SqlError:
    if not answer:
        return _died(code, limits)
    kind, message = answer["error"], answer["message"]
    if kind == "TimeLimit":
        return SqlError(
            f"The query ran longer than {limits.seconds:,} s and was stopped.",
            hint="Read a shorter time range, or fewer columns and rows.",
        )
    if kind == "Refused":
        return _refused(message, answer["details"], statement)
    if _DISK.search(message):
        return SqlError(
            "The disk is full: the result could not be written.", hint="Free some space, then run again."
        )
    if kind in ("OutOfMemoryException", "MemoryError") or "bad_alloc" in message:
        return _memory(limits)
    return _located(message, statement)


def _refused(reason: str, details: dict[str, Any], statement: Statement) -> SqlError:
    line, column = statement.places.get(statement.writes, (None, None)) if statement.writes else (None, None)
    if reason == "interval":
        return SqlError("A result can't hold an interval.", hint="Cast it to varchar, or count its units.")
    if reason == "count":
        message = f"The SELECT has {details['selected']} columns, {statement.writes} takes {len(details['columns'])}."
        return SqlError(
            message, line=line, column=column, hint=f"In this order: {', '.join(details['columns'])}."
        )
    wanted, given = (user_type(details[key], statement.type) for key in ("wanted", "given"))
    message = f"Column {details['column']} of {statement.writes} is {wanted}, the SELECT gives {given}."
    return SqlError(message, line=line, column=column, hint=f"Write CAST(… AS {wanted}).")


def _died(code: int, limits: Limits) -> SqlError:
    if code in (-25, -153):
        return SqlError(
            "The disk is full: the result could not be written.", hint="Free some space, then run again."
        )
    if code in (-9, -6, -11, -7, 137):
        return _memory(limits)
    return SqlError("The engine stopped before the query was done.", hint="Run it again.")


def _memory(limits: Limits) -> SqlError:
    amount = re.sub(r"(?i)(\d)\s*([kmgt]i?b)$", r"\1 \2", limits.memory)
    return SqlError(
        f"The query needs more than {amount} of memory.",
        hint="Aggregate or filter earlier, or read a shorter time range.",
    )


_REWRITES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r'Referenced column "([^"]+)" not found'), "There is no column {0}.", ""),
    (re.compile(r'column "?([\w]+)"? (?:must appear in the GROUP BY clause|does not exist)'), "", ""),
    (re.compile(r'Referenced table "([^"]+)" not found'), "There is no table {0} in FROM.", ""),
    (
        re.compile(r'Ambiguous reference to column name "([^"]+)"'),
        "{0} is in more than one table.",
        "Write table.{0}.",
    ),
    (re.compile(r"No function matches the given name and argument types '(.+?)'\. You"), "", ""),
    (re.compile(r"Could not convert string '§(.+?)' to"), "{0}", ""),
    (re.compile(r'Values list "(\w+)" does not have a column named "([^"]+)"'), "{0} has no column {1}.", ""),
    (re.compile(r'Table "([^"]+)" does not have a column named "([^"]+)"'), "{0} has no column {1}.", ""),
)


def _located(message: str, statement: Statement) -> SqlError:
    text = re.sub(r"^[\w -]*(?:Error|Exception): ?", "", message)
    text = re.split(r"\n\s*(?:LINE \d+:|Candidate |Did you mean|You might)|\n\n|; ?use TRY", text)[0]
    text = re.split(r" Use TRY\(| in expression \(", text)[0]
    line: int | None = None
    column: int | None = None
    for pattern, words, hint in _REWRITES:
        if found := pattern.search(text):
            name = _OWN.sub(r"\1", found[found.lastindex or 1])
            line, column = find_word(statement.sql, re.split(r"\W", name)[0] if "(" in name else name)
            if words:
                return SqlError(
                    words.format(*found.groups()), line=line, column=column, hint=hint.format(*found.groups())
                )
            break
    text = _OWN.sub(r"\1", _PATH.sub("a file of the table", text)).replace('"', "").strip()
    if found := re.match(r"No function matches the given name and argument types '(.+?)\((.*)\)'", text):
        return SqlError(
            f"{found[1]} can't take ({found[2].lower()}).", line=line, column=column, hint="Cast the values."
        )
    return SqlError(text.split("\n")[0].rstrip(".") + ".", line=line, column=column)
