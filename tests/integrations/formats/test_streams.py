"""Streams that standard tools read, pieces that come out the same again, and nothing left behind."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from integrations.errors import RefusedError
from integrations.formats import compression, files, session
from integrations.formats.files import encode
from integrations.formats.options import FileOptions
from integrations.rows import RowStream
from tests.integrations.formats.streams import stored, stream, texts, written

TABLE = pa.table(
    {
        "id": pa.array(range(60_000), pa.int64()),
        "text": pa.array([f"{'x' * (number % 97)},{number * 7919}" for number in range(60_000)], pa.string()),
    }
)


@pytest.mark.parametrize(("kind", "tool"), [("gz", "gzip"), ("bzip2", "bzip2")])
def test_the_standard_tool_reads_it(kind: str, tool: str, tmp_path: Path) -> None:
    plain = written(FileOptions(), stream(TABLE))
    packed = tmp_path / "file"
    packed.write_bytes(written(FileOptions(compression=kind), stream(TABLE)))
    assert subprocess.run([tool, "-t"], stdin=packed.open("rb"), check=True).returncode == 0
    assert (
        subprocess.run([tool, "-d", "-c"], stdin=packed.open("rb"), capture_output=True, check=True).stdout
        == plain
    )


@pytest.mark.parametrize(("kind", "tool"), [("gz", "gzip"), ("bzip2", "bzip2")])
def test_an_empty_file_is_a_whole_stream(kind: str, tool: str) -> None:
    file = written(FileOptions(compression=kind, header_line=False), texts())
    assert subprocess.run([tool, "-d", "-c"], input=file, capture_output=True, check=True).stdout == b""


def test_gzip_carries_no_time_and_no_name() -> None:
    file = written(FileOptions(compression="gz"), texts("a"))
    assert file[:3] == b"\x1f\x8b\x08"
    assert file[3] == 0  # no name, no comment
    assert file[4:8] == b"\0\0\0\0"  # no time


@pytest.mark.parametrize("kind", ["", "gz", "bzip2"])
def test_the_same_rows_give_the_same_pieces_wherever_they_come_from(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PIECE_BYTES", 100_000)
    monkeypatch.setitem(compression.BLOCK_BYTES, kind, 50_000)
    options = FileOptions(compression=kind)
    expected = list(encode(options, stream(TABLE)))
    assert len(expected) > 1 + (kind == "")
    assert sum(piece.rows for piece in expected) == TABLE.num_rows
    for rows in (stream(TABLE), stream(TABLE, batch=777), stored(TABLE, tmp_path / "a", row_group=2_049)):
        assert list(encode(options, rows)) == expected
    monkeypatch.setattr(session, "THREADS", 5)
    monkeypatch.setattr(session, "MOST_ROWS", 100)
    assert list(encode(options, stored(TABLE, tmp_path / "b", row_group=9_000))) == expected
    monkeypatch.setattr(session, "DIRECT_BYTES", 0)
    assert list(encode(options, stored(TABLE, tmp_path / "c", row_group=30_000))) == expected


def test_a_piece_counts_the_rows_that_end_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PIECE_BYTES", 1)
    monkeypatch.setitem(compression.BLOCK_BYTES, "", 10)
    pieces = list(encode(FileOptions(newline="LF", header_line=False), texts("1234", "123456789012", "x")))
    assert [(piece.data, piece.rows) for piece in pieces] == [
        (b"1234\n12345", 1),
        (b"6789012\nx\n", 2),
    ]


def test_first_rows_are_the_beginning_of_the_file(tmp_path: Path) -> None:
    whole = written(FileOptions(), stream(TABLE))
    for rows in (stream(TABLE), stored(TABLE, tmp_path / "a")):
        beginning = written(FileOptions(), rows.first(100))
        assert whole.startswith(beginning)
        assert beginning.count(b"\r\n") == 101


def test_wide_rows_are_taken_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "DIRECT_BYTES", 1 << 20)
    table = pa.table({"a": pa.array([f"{number}" * 100_000 for number in range(10, 40)], pa.string())})
    for rows in (stream(table), stored(table, tmp_path / "a")):
        with session.source(rows) as opened:
            assert opened.batch_rows < 20
            assert opened.table == '"stream"'  # not the whole row group at once
        file = written(FileOptions(newline="LF"), rows)
        assert file == b"a\n" + b"".join(b"%d" % number * 100_000 + b"\n" for number in range(10, 40))
        assert file.startswith(written(FileOptions(newline="LF"), rows.first(7)))


def test_stopping_early_ends_every_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    for options in (FileOptions(), FileOptions(compression="gz"), FileOptions(compression="bzip2")):
        running = encode(options, stored(pa.concat_tables([TABLE] * 20), tmp_path / "a"))
        next(running)
        running.close()
        assert threading.active_count() == before


@pytest.mark.parametrize("good", [1, 2])
def test_an_error_of_the_source_arrives_and_ends_every_thread(good: int) -> None:
    before = threading.active_count()

    def failing() -> Iterator[pa.RecordBatch]:
        yield from TABLE.to_batches(max_chunksize=30_000)[:good]
        raise RuntimeError("the disk went away")

    rows = RowStream(stream(TABLE).columns, TABLE.num_rows, failing)
    with pytest.raises(RuntimeError, match="the disk went away"):
        list(encode(FileOptions(compression="gz"), rows))
    assert threading.active_count() == before


def test_a_result_that_lost_rows_is_not_taken_for_a_whole_one() -> None:
    rows = stream(TABLE)
    with pytest.raises(RefusedError, match="holds 60,000 rows instead of 60,001"):
        list(encode(FileOptions(), RowStream(rows.columns, 60_001, rows.open)))


def test_the_session_reads_one_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with session.source(stored(TABLE, tmp_path / "a")) as opened:
        assert opened.connection.sql(f"SELECT count(*) FROM {opened.table}").fetchall() == [(60_000,)]
        for attack in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
        ):
            with pytest.raises(Exception, match=r"(?i)disabled|locked|not allowed"):
                opened.connection.execute(attack)
    assert not (tmp_path / "out.csv").exists()
