"""What a file can't hold or should not: named by row and column before anything is sent."""

from collections.abc import Sequence

from integrations.errors import RefusedError
from integrations.formats.session import source
from integrations.formats.sql import name
from integrations.rows import Column, RowStream


def repeated_names(columns: Sequence[Column]) -> tuple[str, ...]:
    """A sentence for every name that several columns have. Such a file is written; few programs can load it."""
    places: dict[str, list[int]] = {}
    for number, column in enumerate(columns, start=1):
        places.setdefault(column.name, []).append(number)
    return tuple(
        f"Columns {_listed(numbers)} are all named {label}."
        if len(numbers) > 2
        else f"Columns {_listed(numbers)} are both named {label}."
        for label, numbers in places.items()
        if len(numbers) > 1
    )


def refuse_nul_in_names(columns: Sequence[Column]) -> None:
    for number, column in enumerate(columns, start=1):
        if "\0" in column.name:
            raise RefusedError(
                f"The name of column {number} holds a NUL character, which few programs can read in a file.",
                action="Give the column another name in the query.",
            )


def nul_in_value(rows: RowStream, first: int, last: int) -> RefusedError:
    """The error that names the first value with a NUL character, somewhere in rows `first` to `last`, from 0."""
    row, column = _find_nul(rows, first, last)
    label = rows.columns[column].name
    return RefusedError(
        f"Row {row + 1:,}, column {label}: the value holds a NUL character, which few programs can read in a file.",
        action=f"Remove it in the query, for example with replace({label}, chr(0), '').",
    )


def _find_nul(rows: RowStream, first: int, last: int) -> tuple[int, int]:
    with source(rows) as opened:
        texts = [
            (index, column)
            for index, (column, kind) in enumerate(opened.columns)
            if kind.id in ("varchar", "enum")
        ]
        tests = ", ".join(
            f"coalesce(contains(CAST({name(column)} AS VARCHAR), chr(0)), false)" for _, column in texts
        )
        query = f"SELECT {tests} FROM {opened.table} OFFSET {first} LIMIT {last - first + 1}"
        for row, found in enumerate(opened.connection.sql(query).fetchall(), start=first):
            if True in found:
                return row, texts[found.index(True)][0]
    raise AssertionError("a NUL character in the file comes from a value")


def _listed(numbers: Sequence[int]) -> str:
    shown = [str(number) for number in numbers]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
