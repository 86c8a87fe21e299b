"""The golden vectors of one field: value × policy × null string."""

import pytest

from integrations.formats.options import FileOptions
from tests.integrations.formats.streams import texts, written

POLICIES = ("MINIMAL", "ALL", "NONE")
# value: (MINIMAL, ALL, NONE where the null string is empty; MINIMAL, ALL, NONE where it is \N)
VECTORS: list[tuple[str | None, tuple[str, ...]]] = [
    (None, ("", "", "", "\\N", "\\N", "\\N")),
    ("", ('""', '""', "", "", '""', "")),
    ("a", ("a", '"a"', "a", "a", '"a"', "a")),
    (" a ", (" a ", '" a "', " a ", " a ", '" a "', " a ")),
    ("a,b", ('"a,b"', '"a,b"', "a\\,b", '"a,b"', '"a,b"', "a\\,b")),
    ('a"b', ('"a""b"', '"a""b"', 'a"b', '"a""b"', '"a""b"', 'a"b')),
    ("a\\b", ("a\\b", '"a\\b"', "a\\b", "a\\b", '"a\\b"', "a\\b")),
    ("a\nb", ('"a\nb"', '"a\nb"', "a\\\nb", '"a\nb"', '"a\nb"', "a\\\nb")),
    ("a\r\nb", ('"a\nb"', '"a\nb"', "a\\\nb", '"a\nb"', '"a\nb"', "a\\\nb")),
    ("a\rb", ('"a\nb"', '"a\nb"', "a\\\nb", '"a\nb"', '"a\nb"', "a\\\nb")),
    ("\\N", ("\\N", '"\\N"', "\\N", '"\\N"', '"\\N"', "\\N")),
]


@pytest.mark.parametrize("null_string", ["", "\\N"], ids=["empty", "backslash-n"])
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("delimiter", "format"), [(",", "csv"), ("\t", "tsv"), ("|", "csv")])
def test_a_field_is_written_as_the_table_says(
    policy: str, null_string: str, delimiter: str, format: str
) -> None:
    options = FileOptions(
        format=format, delimiter=delimiter, null_string=null_string, quote_policy=policy, header_line=False
    )
    which = POLICIES.index(policy) + (3 if null_string else 0)
    for value, expected in VECTORS:
        given = value.replace(",", delimiter) if value else value
        wanted = expected[which].replace(",", delimiter) + "\r\n"
        assert written(options, texts(given)).decode() == wanted, repr(given)


def test_a_delimiter_of_another_format_is_an_ordinary_character() -> None:
    assert written(FileOptions(header_line=False), texts("a\tb|c")) == b"a\tb|c\r\n"
    tsv = FileOptions(format="tsv", delimiter="\t", quote_policy="NONE", null_string="\\N", header_line=False)
    assert written(tsv, texts("a,b|c")) == b"a,b|c\r\n"


@pytest.mark.parametrize(("newline", "end"), [("CRLF", b"\r\n"), ("LF", b"\n"), ("CR", b"\r")])
def test_the_line_end_is_for_records_only(newline: str, end: bytes) -> None:
    options = FileOptions(newline=newline)
    assert written(options, texts("x\r\ny", "z")) == b"a" + end + b'"x\ny"' + end + b"z" + end


def test_the_header_goes_through_the_same_rules() -> None:
    rows = texts("1", name='the "first", one')
    assert written(FileOptions(newline="LF"), rows) == b'"the ""first"", one"\n1\n'
    assert written(FileOptions(newline="LF", quote_policy="ALL"), rows) == b'"the ""first"", one"\n"1"\n'
    assert written(FileOptions(newline="LF", quote_policy="NONE"), rows) == b'the "first"\\, one\n1\n'
    assert written(FileOptions(newline="LF"), texts("1", name="")) == b'""\n1\n'
    assert written(FileOptions(newline="LF", null_string="NULL"), texts("1", name="NULL")) == b'"NULL"\n1\n'


def test_an_empty_result_is_its_header_or_nothing() -> None:
    assert written(FileOptions(), texts()) == b"a\r\n"
    assert written(FileOptions(header_line=False), texts()) == b""
