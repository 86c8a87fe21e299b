"""What went wrong in the engine, in the user's words and at the user's line; never a path or the engine's own SQL."""

import re
from typing import Any

from console.warehouse.engine import macros, wording
from console.warehouse.engine.generating import origin
from console.warehouse.engine.interface import Limits, SqlError, Statement
from console.warehouse.engine.places import Place, find_word, line_column
from console.warehouse.engine.result_types import user_type

_DISK = re.compile(
    r"No space left|disk is full|File too large|Disk quota|Could not write|max_temp_directory_size", re.I
)
_CALL = re.compile(r"\b((?:sql|td|presto|hive)__\w+)\(")


def to_sql_error(answer: dict[str, Any] | None, code: int, statement: Statement, limits: Limits) -> SqlError:
    if not answer:
        return _died(code, limits)
    message, details = answer["message"], answer["details"]
    kind = details.get("kind", answer["error"])
    if kind == "TimeLimit":
        return SqlError(
            f"The query ran longer than {limits.seconds:,} s and was stopped.",
            hint="Read a shorter time range, or fewer columns and rows.",
            may_pass=True,
        )
    if kind == "Refused":
        return _refused(message, details, statement)
    if _DISK.search(message):
        return _disk()
    if kind in ("OutOfMemoryException", "MemoryError") or "bad_alloc" in message:
        return _memory(limits)
    (line, column), caller = _place(details, statement)
    said, hint = wording.say(message, caller, statement.type)
    if line is None and (missing := re.match(r"There is no \w+ ([^\s:]+?)(?: in FROM)?\.", said)):
        line, column = find_word(statement.sql, missing[1])
    return SqlError(said, line=line, column=column, hint=hint)


def _refused(reason: str, details: dict[str, Any], statement: Statement) -> SqlError:
    line, column = statement.places.get(statement.writes, (None, None)) if statement.writes else (None, None)
    if reason == "interval":
        return SqlError("A result can't hold an interval.", hint="Cast it to varchar, or count its units.")
    if reason == "duplicate":
        line, column = find_word(statement.sql, details["column"])
        message = f"Two columns are named {details['column']}."
        return SqlError(message, line=line, column=column, hint="Give each a name of its own with AS.")
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
        return _disk()
    if code in (-9, -6, -11, -7, 137):
        return _memory(limits)
    return SqlError("The engine stopped before the query was done.", hint="Run it again.", may_pass=True)


def _disk() -> SqlError:
    return SqlError(
        "The disk is full: the result could not be written.",
        hint="Free some space, then run again.",
        may_pass=True,
    )


def _memory(limits: Limits) -> SqlError:
    amount = re.sub(r"(?i)(\d)\s*([kmgt]i?b)$", r"\1 \2", limits.memory)
    return SqlError(
        f"The query needs more than {amount} of memory.",
        hint="Aggregate or filter earlier, or read a shorter time range.",
        may_pass=True,
    )


def _place(details: dict[str, Any], statement: Statement) -> tuple[Place, str]:
    """Line and column in the user's SQL; and, where it happened inside a macro, the function the user called."""
    if "start" in details:
        offset = origin(statement.marks, details["start"], details["length"])
        return _line_column(statement, offset), ""
    sites = [s for s in _CALL.finditer(statement.translated) if _calls(s[1], details.get("macro", ""))]
    if len(sites) != 1:
        return (None, None), ""
    offset = origin(statement.marks, sites[0].start(), 1)
    written = re.compile(r"(\w+)\s*\(").match(statement.sql, offset or 0)
    return _line_column(statement, offset), written[1] if written and offset is not None else ""


def _line_column(statement: Statement, offset: int | None) -> Place:
    return (None, None) if offset is None else line_column(statement.sql, offset)


def _calls(macro: str, inner: str) -> bool:
    return any(made.startswith(f"CREATE MACRO {inner}(") for made in macros.needed(f"{macro}("))
