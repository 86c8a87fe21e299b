"""Any text, under any options, read back by a parser that knows the rules and nothing of the writer."""

import bz2
import gzip
from collections.abc import Callable

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.formats.options import NEWLINES, FileOptions
from tests.integrations.formats.streams import stream, written

UNPACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gz": gzip.decompress, "bzip2": bz2.decompress}
HURTFUL = st.sampled_from(
    ["", '"', '""', ",", "\t", "|", "\n", "\r", "\r\n", "\\N", "NULL", "null", "a", " ", "😀", "ש"]
)
# Every character of Unicode but NUL, which no file may hold, and lone surrogates, which no text may.
CHARACTERS = st.characters(min_codepoint=1, exclude_categories=["Cs"])
TEXT = st.one_of(st.none(), st.lists(HURTFUL, max_size=4).map("".join), st.text(CHARACTERS, max_size=12))


def tables(text: st.SearchStrategy[str | None]) -> st.SearchStrategy[list[list[str | None]]]:
    return st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(text, min_size=width, max_size=width), max_size=8)
    )


@given(
    rows=tables(TEXT),
    delimiter=st.sampled_from([",", "\t", "|"]),
    newline=st.sampled_from(list(NEWLINES)),
    null_string=st.sampled_from(["", "\\N", "NULL", "null"]),
    policy=st.sampled_from(["ALL", "MINIMAL"]),
    compression=st.sampled_from(list(UNPACK)),
    header=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_quoted_files_read_back_exactly(
    rows: list[list[str | None]],
    delimiter: str,
    newline: str,
    null_string: str,
    policy: str,
    compression: str,
    header: bool,
) -> None:
    options = FileOptions(
        delimiter=delimiter,
        newline=newline,
        null_string=null_string,
        quote_policy=policy,
        compression=compression,
        header_line=header,
    )
    width = len(rows[0]) if rows else 1
    file = UNPACK[compression](written(options, _stream(rows, width))).decode()
    expected = [[f"c{index}" for index in range(width)]] * header + [
        [_with_lf(value) for value in row] for row in rows
    ]
    assert _read_quoted(file, delimiter, NEWLINES[newline], null_string) == expected


@given(
    rows=tables(TEXT.map(lambda value: value and value.replace("\\", "/"))),
    delimiter=st.sampled_from([",", "\t", "|"]),
    newline=st.sampled_from(list(NEWLINES)),
    null_string=st.sampled_from(["\\N", "NULL"]),
)
@settings(max_examples=100, deadline=None)
def test_escaped_files_read_back_where_no_value_has_a_backslash(
    rows: list[list[str | None]], delimiter: str, newline: str, null_string: str
) -> None:
    options = FileOptions(
        delimiter=delimiter, newline=newline, null_string=null_string, quote_policy="NONE", header_line=False
    )
    file = written(options, _stream(rows, len(rows[0]) if rows else 1)).decode()
    expected = [[None if value == null_string else _with_lf(value) for value in row] for row in rows]
    assert _read_escaped(file, delimiter, NEWLINES[newline], null_string) == expected


def _stream(rows: list[list[str | None]], width: int):
    columns = list(zip(*rows, strict=True)) or [()] * width
    return stream(
        pa.table({f"c{index}": pa.array(column, pa.string()) for index, column in enumerate(columns)})
    )


def _with_lf(value: str | None) -> str | None:
    return value and value.replace("\r\n", "\n").replace("\r", "\n")


def _read_quoted(file: str, delimiter: str, newline: str, null_string: str) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    row: list[str | None] = []
    at = 0
    while at < len(file):
        if file[at] == '"':
            text = ""
            at += 1
            while file[at] != '"' or file.startswith('""', at):
                step = 2 if file[at] == '"' else 1
                text += file[at]
                at += step
            at += 1
            row.append(text)
        else:
            ends = [end for mark in (delimiter, newline) if (end := file.find(mark, at)) >= 0]
            text, at = file[at : min(ends)], min(ends)
            row.append(None if text == null_string else text)
        if file.startswith(newline, at):
            rows.append(row)
            row = []
            at += len(newline)
        else:
            assert file[at] == delimiter
            at += 1
    assert not row, "the last line has no end"
    return rows


def _read_escaped(file: str, delimiter: str, newline: str, null_string: str) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    row: list[str | None] = []
    text, at = "", 0
    while at < len(file):
        if file[at] == "\\" and file[at + 1] in (delimiter, "\n"):
            text += file[at + 1]
            at += 2
            continue
        end = next((mark for mark in (delimiter, newline) if file.startswith(mark, at)), "")
        if not end:
            text += file[at]
            at += 1
            continue
        row.append(None if text == null_string else text)
        text = ""
        at += len(end)
        if end == newline:
            rows.append(row)
            row = []
    assert not row, "the last line has no end"
    return rows
