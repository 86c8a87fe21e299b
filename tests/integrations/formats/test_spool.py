"""The spool: written once, found again after a death, begun anew where it was not finished."""

import base64
import errno
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integrations.errors import RefusedError, Stopped
from integrations.formats.checksums import QuickXor
from integrations.formats.files import Piece
from integrations.formats.spool import spool

PIECES = [Piece(b"abc", 1), Piece(b"", 0), Piece(b"defg", 2)]


def heed() -> None:
    pass


def never() -> Iterator[Piece]:
    raise AssertionError("the file was made again")
    yield


def test_the_file_and_its_facts(tmp_path: Path) -> None:
    spooled = spool(iter(PIECES), tmp_path, heed=heed)
    assert spooled.path.read_bytes() == b"abcdefg"
    assert (spooled.size, spooled.rows) == (7, 3)
    assert spooled.sha256 == hashlib.sha256(b"abcdefg").hexdigest()
    assert spooled.crc32c == base64.b64encode((0xE627F441).to_bytes(4, "big")).decode()
    assert list(spooled.fragments(3)) == [(0, b"abc"), (3, b"def"), (6, b"g")]
    assert list(spooled.fragments(7)) == [(0, b"abcdefg")]
    assert list(spooled.fragments(4, start=3)) == [(3, b"defg")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "file.json"]


def test_a_finished_spool_is_found_and_not_made_again(tmp_path: Path) -> None:
    first = spool(iter(PIECES), tmp_path, heed=heed)
    assert spool(never(), tmp_path, heed=heed) == first


@pytest.mark.parametrize("damage", ["no facts", "torn facts", "short file", "no file"])
def test_an_unfinished_spool_is_begun_anew(damage: str, tmp_path: Path) -> None:
    spool(iter([Piece(b"older", 9)]), tmp_path, heed=heed)
    if damage == "no facts":
        (tmp_path / "file.json").unlink()
    elif damage == "torn facts":
        (tmp_path / "file.json").write_text('{"size": 5')
    elif damage == "short file":
        (tmp_path / "file").write_bytes(b"olde")
    else:
        (tmp_path / "file").unlink()
    assert spool(iter(PIECES), tmp_path, heed=heed).path.read_bytes() == b"abcdefg"


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    spooled = spool(iter([]), tmp_path, heed=heed)
    assert (spooled.size, spooled.rows, spooled.path.read_bytes()) == (0, 0, b"")
    assert list(spooled.fragments(10)) == []
    assert spool(never(), tmp_path, heed=heed) == spooled


def test_a_kill_between_two_parts_closes_the_source_and_leaves_no_half_file(tmp_path: Path) -> None:
    closed: list[bool] = []
    calls: list[int] = []

    def pieces() -> Iterator[Piece]:
        try:
            yield from PIECES
        finally:
            closed.append(True)

    def stop_at_second() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        spool(pieces(), tmp_path, heed=stop_at_second)
    assert closed == [True]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named(code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RefusedError, match=r"^The disk is full") as caught:
        spool(iter(PIECES), tmp_path, heed=heed)
    assert "run the export again" in caught.value.action
    assert list(tmp_path.iterdir()) == []


WRITER = """
import resource, sys
from pathlib import Path
from integrations.errors import RefusedError
from integrations.formats.files import Piece
from integrations.formats.spool import spool
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    spool((Piece(b"x" * 60_000, 1) for _ in range(5)), Path(sys.argv[1]), heed=lambda: None)
except RefusedError as error:
    print(error)
"""


def test_a_real_limit_of_the_file_system_is_named(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WRITER, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("The disk is full")
    assert list(tmp_path.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 100_000


DYING = """
import os, signal, sys
from pathlib import Path
from integrations.formats.files import Piece
from integrations.formats.spool import spool
def pieces():
    yield Piece(b"half", 1)
    print("written", flush=True)
    signal.pause()
spool(pieces(), Path(sys.argv[1]), heed=lambda: None)
"""


def test_a_killed_writer_leaves_nothing_that_counts_as_finished(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", DYING, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    spooled = spool(iter(PIECES), tmp_path, heed=heed)
    assert spooled.path.read_bytes() == b"abcdefg"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "file.json"]
    assert json.loads((tmp_path / "file.json").read_text())["rows"] == 3


# Of rclone's own test, whose hashes OneDrive accepts: (data, hash), both in base64.
PUBLISHED = [
    ("", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ("Sg==", "SgAAAAAAAAAAAAAAAQAAAAAAAAA="),
    ("jRRDVA==", "jaDAEKgAAAAAAAAABAAAAAAAAAA="),
    ("vPgoDjOfO6fm71RxLw==", "vMAHChwwg0/s4BTmdQcV4vACAAA="),
    ("XoJ1AsoR4fDYJrDqYs4=", "XhBEHQSgjAiEAx7YPgEs1CEGZwA="),
]


@pytest.mark.parametrize(("data", "expected"), PUBLISHED)
def test_quickxor_is_microsofts(data: str, expected: str) -> None:
    hash = QuickXor()
    hash.update(base64.b64decode(data))
    assert base64.b64encode(hash.digest()).decode() == expected


@pytest.mark.parametrize("size", [1, 159, 160, 161, 1_000, 5_003])
def test_quickxor_does_not_depend_on_how_the_data_is_cut(size: int) -> None:
    data = bytes(number * number % 251 for number in range(20_001))
    whole, cut = QuickXor(), QuickXor()
    whole.update(data)
    for start in range(0, len(data), size):
        cut.update(data[start : start + size])
    assert cut.digest() == whole.digest() == _bit_by_bit(data)


def _bit_by_bit(data: bytes) -> bytes:
    """The published algorithm, one bit at a time."""
    bits = [0] * 160
    for index, byte in enumerate(data):
        for bit in range(8):
            bits[(index * 11 + bit) % 160] ^= byte >> bit & 1
    for bit in range(64):
        bits[96 + bit] ^= len(data) >> bit & 1
    total: int = sum(bit << at for at, bit in enumerate(bits))
    return total.to_bytes(20, "little")
