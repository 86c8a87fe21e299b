"""What a file can't hold is named by row and column before anything is sent."""

from pathlib import Path

import pyarrow as pa
import pytest

from integrations.errors import RefusedError
from integrations.formats.checks import repeated_names
from integrations.formats.options import FileOptions
from integrations.rows import Column
from tests.integrations.formats.streams import stored, stream, texts, written

TABLE = pa.table(
    {
        "id": pa.array(range(50_000), pa.int64()),
        "name": pa.array([f"name {number}" for number in range(50_000)], pa.string()),
        "note": pa.array(["fine"] * 41_234 + ["not\0fine"] + ["a\0"] * 8_765, pa.string()),
    }
)


@pytest.mark.parametrize("compression", ["", "gz", "bzip2"])
def test_a_nul_in_a_value_is_refused_with_its_row_and_column(compression: str, tmp_path: Path) -> None:
    for rows in (stream(TABLE), stored(TABLE, tmp_path / "a")):
        with pytest.raises(RefusedError, match=r"^Row 41,235, column note: the value holds a NUL") as caught:
            written(FileOptions(compression=compression), rows)
        assert "replace(note, chr(0), '')" in caught.value.action


def test_the_first_of_several_columns_is_named() -> None:
    rows = stream(pa.table({"a": ["x"], "b": ["\0"], "c": ["\0"]}))
    with pytest.raises(RefusedError, match=r"^Row 1, column b:"):
        written(FileOptions(header_line=False), rows)


def test_a_nul_inside_json_and_bytes_is_written_out_and_fine() -> None:
    rows = stream(pa.table({"a": pa.array([["\0"]]), "b": pa.array([b"\0"])}))
    assert written(FileOptions(quote_policy="NONE", header_line=False), rows) == b'["\\u0000"],00\r\n'


def test_a_nul_in_a_name_is_refused() -> None:
    with pytest.raises(RefusedError, match="name of column 1 holds a NUL"):
        written(FileOptions(), texts("x", name="a\0"))


def test_repeated_names_are_listed_with_their_places() -> None:
    columns = [Column(name, "varchar") for name in ("id", "a", "id", "b", "a", "id", "ID")]
    assert repeated_names(columns) == (
        "Columns 1, 3 and 6 are all named id.",
        "Columns 2 and 5 are both named a.",
    )
    assert repeated_names(columns[:2]) == ()


def test_repeated_names_are_written_as_they_are(tmp_path: Path) -> None:
    table = pa.table([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "a", "A"])
    assert written(FileOptions(), stream(table)) == b"a,a,A\r\n1,2,3\r\n"
    assert written(FileOptions(), stored(table, tmp_path / "a")) == b"a,a,A\r\n1,2,3\r\n"
