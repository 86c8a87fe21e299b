"""format × newline × null string × quote policy × compression over values that hurt, byte for byte."""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from integrations.formats.options import FileOptions
from tests.integrations.formats import hurtful
from tests.integrations.formats.streams import stored, stream, written

UNPACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gz": gzip.decompress, "bzip2": bz2.decompress}
CASES = pytest.mark.parametrize("case", hurtful.combinations(), ids="-".join)


def settings(case: tuple[str, str, str, str], compression: str = "") -> dict[str, object]:
    format, newline, null, policy = case
    return {
        "format": format,
        "newline": newline,
        "null_string": hurtful.NULL_STRINGS[null],
        "quote_policy": policy,
        "compression": compression,
        "header_line": True,
    }


@CASES
@pytest.mark.parametrize("compression", UNPACK)
def test_the_file_is_the_golden_one(case: tuple[str, str, str, str], compression: str) -> None:
    options = FileOptions.from_settings(settings(case, compression))
    file = written(options, stream(hurtful.table(), batch=7))
    assert UNPACK[compression](file) == hurtful.golden(*case).read_bytes()


@CASES
def test_a_stored_result_gives_the_same_file(case: tuple[str, str, str, str], tmp_path: Path) -> None:
    options = FileOptions.from_settings(settings(case))
    rows = stored(hurtful.table(), tmp_path / "result.parquet", row_group=6)
    assert written(options, rows) == hurtful.golden(*case).read_bytes()


@CASES
def test_without_a_header_the_rest_is_the_same(case: tuple[str, str, str, str]) -> None:
    options = FileOptions.from_settings(settings(case) | {"header_line": False})
    end = hurtful.NEWLINES[case[1]].encode()
    whole = hurtful.golden(*case).read_bytes()
    assert written(options, stream(hurtful.table())) == whole[whole.index(end) + len(end) :]


@pytest.mark.parametrize(
    ("format", "null", "policy"), [("csv", "empty", "MINIMAL"), ("tsv", "backslash-N", "NONE")]
)
def test_the_format_decides_what_is_not_set(format: str, null: str, policy: str) -> None:
    golden = hurtful.golden(format, "CRLF", null, policy).read_bytes()
    for given in (
        {},
        {"null_string": "default", "quote_policy": None, "delimiter": None},
        {"quote_policy": ""},
    ):
        options = FileOptions.from_settings({"format": format, **given})
        assert written(options, stream(hurtful.table())) == golden
