"""A field and a record as SQL: the rules of Embulk's CSV formatter, which Treasure Data's exports are built on.

https://github.com/embulk/embulk-formatter-csv: a NULL is the bare null string under every policy; MINIMAL quotes what
holds a quote, the delimiter or a line end, and what equals the null string; NONE writes a backslash before the
delimiter and before a line end; a line end inside a value becomes LF.
"""

from collections.abc import Sequence
from typing import Any

from integrations.formats import values
from integrations.formats.options import NEWLINES, FileOptions
from integrations.formats.sql import literal, name

_LF = "chr(10)"


def record(options: FileOptions, columns: Sequence[tuple[str, Any]], table: str) -> str:
    """A SELECT that gives each row's finished line as one VARCHAR."""
    inner = ", ".join(
        f"{values.text(name(column), kind)} AS v{index}" for index, (column, kind) in enumerate(columns)
    )
    fields = [
        field(options, f"v{index}", plain=values.is_plain(kind)) for index, (_, kind) in enumerate(columns)
    ]
    return f"SELECT {_line(options, fields)} AS line FROM (SELECT {inner} FROM {table})"


def header(options: FileOptions, names: Sequence[str]) -> str:
    """A SELECT of the header line; names go through the same rules as values."""
    given = ", ".join(map(literal, names))
    fields = f"list_transform([{given}], lambda v: {field(options, 'v', plain=False)})"
    return f"SELECT array_to_string({fields}, {literal(options.delimiter)}) || {literal(NEWLINES[options.newline])}"


def field(options: FileOptions, value: str, *, plain: bool) -> str:
    """`value` is SQL for the text, NULL for NULL. `plain`: it is a number or the like."""
    if options.quote_policy == "NONE":
        written = value if plain else _escaped(value, options)
    elif options.quote_policy == "ALL":
        written = f"'\"' || {value if plain else _inside_quotes(value)} || '\"'"
    else:
        written = value if plain else _quoted_where_needed(value, options)
    # concat() takes a NULL for nothing, so an empty null string needs no word of its own.
    return f"coalesce({written}, {literal(options.null_string)})" if options.null_string else written


def _line(options: FileOptions, fields: Sequence[str]) -> str:
    # concat() copies every byte once; a chain of || copies the beginning of the line for every field.
    parts = f", {literal(options.delimiter)}, ".join(fields)
    return f"concat({parts}, {literal(NEWLINES[options.newline])})"


def _quoted_where_needed(value: str, options: FileOptions) -> str:
    special = _holds(value, '"', options.delimiter, "\n", "\r")
    quoted = f"'\"' || {_inside_quotes(value)} || '\"'"
    return f"CASE WHEN {value} = {literal(options.null_string)} OR {special} THEN {quoted} ELSE {value} END"


def _escaped(value: str, options: FileOptions) -> str:
    delimiter, escaped = literal(options.delimiter), literal("\\" + options.delimiter)
    line_end = literal("\\\n")
    changed = f"replace(replace({_with_lf(value)}, {delimiter}, {escaped}), {_LF}, {line_end})"
    return f"CASE WHEN {_holds(value, options.delimiter, chr(10), chr(13))} THEN {changed} ELSE {value} END"


def _inside_quotes(value: str) -> str:
    return f"replace({_with_lf(value)}, '\"', '\"\"')"


def _with_lf(value: str) -> str:
    return f"replace(replace({value}, {literal(NEWLINES['CRLF'])}, {_LF}), chr(13), {_LF})"


def _holds(value: str, *characters: str) -> str:
    return " OR ".join(f"contains({value}, {literal(character)})" for character in characters)
