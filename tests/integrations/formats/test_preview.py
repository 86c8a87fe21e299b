"""The file preview: the writer's own bytes, and what a reader of them may take wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from integrations.errors import RefusedError
from integrations.formats.options import FileOptions, PgpOptions
from integrations.formats.preview import FilePreview, preview
from integrations.formats.tokens import Token, tokens
from integrations.rows import RowStream
from tests.integrations.formats import hurtful
from tests.integrations.formats.streams import stored, stream, texts, written

NONE = FileOptions(quote_policy="NONE", null_string="\\N")


def seen(options: FileOptions, rows: RowStream, name: str = "file.csv") -> FilePreview:
    return preview(options, rows, folder="folder/", name=name)


def sentences(options: FileOptions, rows: RowStream, **more: Any) -> list[str]:
    return [finding.lead for finding in seen(options, rows, **more).warnings]


def shown(line: str, **options: Any) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(line, FileOptions(**{"newline": "LF", **options}))]


@pytest.mark.parametrize("case", hurtful.combinations()[::5], ids="-".join)
def test_the_bytes_are_the_beginning_of_the_real_file(
    case: tuple[str, str, str, str], tmp_path: Path
) -> None:
    format, newline, null, policy = case
    options = FileOptions.from_settings(
        {
            "format": format,
            "newline": newline,
            "null_string": hurtful.NULL_STRINGS[null],
            "quote_policy": policy,
        }
    )
    table = pa.concat_tables([hurtful.table()] * 20)
    for rows in (stream(table), stored(table, tmp_path / "result.parquet", row_group=50)):
        found = seen(options, rows)
        beginning = written(options, rows.first(100))
        assert (found.bytes, found.rows, found.total, found.header) == (len(beginning), 100, 400, True)
        dumped = bytes.fromhex(
            "".join(token.text for row in found.hex for token in row.cells).replace(" ", "")
        )
        assert dumped == beginning[:2_048]
        assert len(found.lines) == 101


def test_nothing_is_lost_between_the_bytes_and_the_tokens() -> None:
    names = {"CR": "\r", "LF": "\n", "TAB": "\t", "U+200D": "\u200d"}
    for case in hurtful.combinations():
        format, newline, null, policy = case
        options = FileOptions.from_settings(
            {
                "format": format,
                "newline": newline,
                "null_string": hurtful.NULL_STRINGS[null],
                "quote_policy": policy,
            }
        )
        put_together = "".join(
            names[token.text] if token.kind == "control" else token.text
            for line in seen(options, stream(hurtful.table())).lines
            for token in line
        )
        assert put_together.encode() == hurtful.golden(*case).read_bytes()


def test_fields_are_told_apart_by_their_quotes() -> None:
    assert shown('a,"b, ""c""",,d\n') == [
        ("text", "a"),
        ("delimiter", ","),
        ("quoted", '"b, ""c"""'),
        ("delimiter", ","),
        ("delimiter", ","),
        ("text", "d"),
        ("control", "LF"),
    ]
    assert shown('"a\nb"\n') == [("quoted", '"a'), ("control", "LF"), ("quoted", 'b"'), ("control", "LF")]
    assert shown('NULL,"NULL"\r\n', null_string="NULL", newline="CRLF") == [
        ("null", "NULL"),
        ("delimiter", ","),
        ("quoted", '"NULL"'),
        ("control", "CR"),
        ("control", "LF"),
    ]


def test_without_quotes_what_is_escaped_is_marked() -> None:
    options = {"quote_policy": "NONE", "null_string": "\\N"}
    assert shown('a\\,b,"c",\\N\n', **options) == [
        ("bad", "a\\,b"),
        ("delimiter", ","),
        ("text", '"c"'),
        ("delimiter", ","),
        ("null", "\\N"),
        ("control", "LF"),
    ]
    assert shown("a\\\tb\tc\r", delimiter="\t", newline="CR", **options) == [
        ("bad", "a\\"),
        ("control", "TAB"),
        ("bad", "b"),
        ("control", "TAB"),
        ("text", "c"),
        ("control", "CR"),
    ]


def test_characters_that_cant_be_seen_are_named() -> None:
    assert shown("a\x1b\u202eb\u00a0\n") == [
        ("text", "a"),
        ("control", "U+001B"),
        ("control", "U+202E"),
        ("text", "b"),
        ("control", "NBSP"),
        ("control", "LF"),
    ]


def test_a_long_line_is_cut_and_says_how_much_is_missing() -> None:
    line = tokens("x" * 5_000 + "é\r\n", FileOptions())
    assert line[1] == Token("more", "3,002 more bytes")
    assert len(line[0].text) == 2_000


def test_a_page_stays_light_whatever_the_values_hold() -> None:
    rows = texts(*["é" * 1_000_000] * 50)
    found = seen(FileOptions(), rows)
    assert found.bytes == 3 + 50 * 2_000_002
    assert sum(len(token.text) for line in found.lines for token in line) < 100_000
    assert len(found.hex) < 200
    assert found.notes == ("The first 33 of these 51 lines are shown.",)


def test_it_reads_the_first_rows_only(tmp_path: Path) -> None:
    """A result whose later pages are torn still shows its beginning."""
    path = tmp_path / "result.parquet"
    rows = stored(pa.table({"a": [f"{number:0100}" for number in range(50_000)]}), path, row_group=5_000)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 4] + bytes(len(whole) // 2) + whole[len(whole) // 4 * 3 :])
    found = seen(FileOptions(), rows)
    assert (found.rows, found.total) == (100, 50_000)
    with pytest.raises(Exception, match=r"(?i)parquet|snappy|corrupt|decompress|thrift|invalid|page"):
        written(FileOptions(), rows)


def test_a_delimiter_inside_a_value_is_named_with_its_row_and_columns() -> None:
    rows = stream(pa.table({"a": ["x", "x, y", "z", "p, q"], "b": ["1", "2", "3,4,5", "6"]}))
    found = seen(NONE, rows).warnings
    assert [finding.lead for finding in found] == [
        "Rows 2 and 4 will read as 3 columns.",
        "Row 3 will read as 4 columns.",
    ]
    assert found[0].text.startswith("A value contains the comma and Quote Policy is NONE.")
    for policy in ("MINIMAL", "ALL"):
        assert sentences(replace(NONE, quote_policy=policy), rows) == []
    tabs = replace(NONE, format="tsv", delimiter="\t")
    assert seen(tabs, texts("a\tb")).warnings[0].text.startswith("A value contains the tab")
    assert sentences(tabs, rows) == []


def test_a_line_end_inside_a_value_is_named_where_nothing_is_quoted() -> None:
    assert sentences(NONE, texts("fine", "two\nlines", "a\r\nb\rc")) == [
        "Row 2 will read as 2 lines.",
        "Row 3 will read as 3 lines.",
    ]
    assert sentences(FileOptions(), texts("two\nlines")) == []


def test_a_backslash_that_swallows_the_delimiter_is_named() -> None:
    rows = stream(pa.table({"path": ["C:\\", "D:\\x"], "size": ["1", "2"]}))
    assert sentences(NONE, rows) == ["Row 1 will read as 1 column."]


def test_the_header_line_is_looked_at_too() -> None:
    rows = stream(pa.table({"a, b": ["x, y"], "c": ["1"]}))
    assert sentences(NONE, rows) == ["The header line and row 1 will read as 3 columns."]
    assert sentences(replace(NONE, header_line=False), rows) == ["Row 1 will read as 3 columns."]


def test_many_rows_are_counted_not_listed() -> None:
    assert sentences(NONE, texts(*["a,b"] * 40)) == ["Rows 1, 2, 3, 4 and 36 more will read as 2 columns."]


def test_a_value_that_reads_as_null_is_named_by_row_and_column() -> None:
    rows = stream(pa.table({"n": [1, 2, 3], "t": ["\\N", None, "\\N"], "u": [None, "", "x"]}))
    assert sentences(NONE, rows) == ["Rows 1 and 3, column t: the text \\N reads as NULL."]
    empty = replace(NONE, null_string="")
    assert sentences(empty, rows) == ["Row 2, column u: an empty string reads as NULL."]
    assert sentences(replace(NONE, quote_policy="MINIMAL"), rows) == []


def test_repeated_names_and_a_foreign_file_name_are_named() -> None:
    rows = stream(pa.table([pa.array(["x"]), pa.array(["y"])], names=["id", "id"]))
    assert sentences(FileOptions(), rows, name="Zoé données.csv") == [
        "Columns 1 and 2 are both named id.",
        "The file name holds é.",
    ]


def test_a_nul_in_the_first_rows_is_told_at_once() -> None:
    with pytest.raises(RefusedError, match="Row 2, column a"):
        seen(FileOptions(), texts("x", "a\0"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (FileOptions(), ""),
        (FileOptions(compression="gz"), "gz"),
        (FileOptions(compression="bzip2"), "bzip2"),
        (FileOptions(compression="gz", pgp=PgpOptions("", "")), "compression and encryption"),
        (FileOptions(pgp=PgpOptions("", "")), "encryption"),
    ],
)
def test_it_says_what_comes_after(options: FileOptions, words: str) -> None:
    assert seen(options, texts("x")).shown_before == words


def test_the_legend_names_what_can_occur() -> None:
    assert [words for _, words in seen(FileOptions(), texts()).legend] == [
        "quoted value",
        "end of line",
        "NULL writes nothing",
    ]
    tsv = FileOptions.from_settings({"format": "tsv"})
    assert [words for _, words in seen(tsv, texts()).legend] == ["NULL", "delimiter", "end of line"]


def test_an_empty_result_shows_its_header() -> None:
    found = seen(FileOptions(), texts())
    assert (found.bytes, found.rows, found.header) == (3, 0, True)
    assert seen(FileOptions(header_line=False), texts()).lines == ()
    assert seen(FileOptions(), RowStream((), 0, lambda: iter(()))).bytes == 0
