"""What a reader of the file may take wrong, found in its first rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from integrations.formats import checks, values
from integrations.formats.options import NEWLINES, FileOptions
from integrations.formats.session import source
from integrations.formats.sql import literal, name
from integrations.formats.tokens import columns_read
from integrations.rows import RowStream

_WORDS = {",": "comma", "\t": "tab", "|": "pipe"}
_LISTED = 5


@dataclass(frozen=True)
class Finding:
    lead: str  # "Row 2 will read as 8 columns."
    text: str  # why


def findings(
    options: FileOptions, rows: RowStream, header: str, lines: Sequence[str], file_name: str
) -> list[Finding]:
    """`rows` are the ones in `lines`; `header` is "" without a header line."""
    found = [
        Finding(sentence, "Few programs can load such a file.")
        for sentence in checks.repeated_names(rows.columns)
    ]
    if options.quote_policy == "NONE":
        found += _misread(options, len(rows.columns), header, lines)
        found += _taken_for_null(options, rows)
    if foreign := "".join(dict.fromkeys(character for character in file_name if not character.isascii())):
        found.append(
            Finding(f"The file name holds {foreign}.", "Some programs can't read characters outside ASCII.")
        )
    return found


def _misread(options: FileOptions, columns: int, header: str, lines: Sequence[str]) -> Iterator[Finding]:
    end = NEWLINES[options.newline]
    bodies = [(0, header.removesuffix(end))] if header else []
    bodies += [(number, line.removesuffix(end)) for number, line in enumerate(lines, start=1)]
    unknown = "and Quote Policy is NONE. Not every program knows the backslash."
    why = f"A value contains the {_WORDS[options.delimiter]} {unknown}"
    yield from _grouped(bodies, columns, lambda body: body.count(options.delimiter) + 1, "columns", why)
    why = f"A value contains a line end {unknown}"
    yield from _grouped(bodies, 1, lambda body: body.count("\n") + 1, "lines", why)
    why = "A value ends with a backslash and Quote Policy is NONE: the delimiter after it reads as part of the value."
    yield from _grouped(bodies, columns, lambda body: columns_read(body, options), "columns", why)


def _grouped(
    bodies: Sequence[tuple[int, str]], right: int, count: Callable[[str], int], unit: str, why: str
) -> Iterator[Finding]:
    """One finding for all rows that read as the same wrong number."""
    places: dict[int, list[int]] = {}
    for number, body in bodies:
        if (read := count(body)) != right:
            places.setdefault(read, []).append(number)
    for read, numbers in places.items():
        yield Finding(f"{_named(numbers)} will read as {read} {unit if read > 1 else unit[:-1]}.", why)


def _taken_for_null(options: FileOptions, rows: RowStream) -> Iterator[Finding]:
    """Without quotes a value equal to the null string is a NULL to every reader. The bytes can't tell; the rows can."""
    with source(rows) as opened:
        texts = [
            (index, column, kind)
            for index, (column, kind) in enumerate(opened.columns)
            if not values.is_plain(kind)
        ]
        if not texts:
            return
        tests = [
            f"coalesce({values.text(name(column), kind)} = {literal(options.null_string)}, false)"
            for _, column, kind in texts
        ]
        hits = opened.connection.sql(f"SELECT {', '.join(tests)} FROM {opened.table}").fetchall()
    what = f"the text {options.null_string}" if options.null_string else "an empty string"
    for place, (index, _, _) in enumerate(texts):
        if numbers := [row for row, hit in enumerate(hits, start=1) if hit[place]]:
            lead = f"{_named(numbers)}, column {rows.columns[index].name}: {what} reads as NULL."
            yield Finding(lead, "Quote Policy is NONE, so the two are written alike.")


def _named(numbers: Sequence[int]) -> str:
    """ "Row 2", "Rows 2, 5 and 9", "The header line"; 0 is the header line."""
    names = ["The header line"] if numbers[0] == 0 else []
    rows = [f"{number:,}" for number in numbers if number]
    if len(rows) > _LISTED:
        rows = [*rows[: _LISTED - 1], f"{len(rows) - _LISTED + 1:,} more"]
    if rows:
        label = ("row " if names else "Row ") if len(rows) == 1 else ("rows " if names else "Rows ")
        names.append(label + (f"{', '.join(rows[:-1])} and {rows[-1]}" if len(rows) > 1 else rows[0]))
    return " and ".join(names)
