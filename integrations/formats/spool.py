"""The finished file on disk, written once: what can be sent again after a death, byte for byte."""

import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from integrations.errors import RefusedError
from integrations.formats.checksums import Checksums

FILE, FACTS = "file", "file.json"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Part(Protocol):
    """A `Piece` of a file, or a connector's `Chunk`."""

    @property
    def data(self) -> bytes: ...
    @property
    def rows(self) -> int: ...


@dataclass(frozen=True)
class Spooled:
    path: Path
    size: int
    rows: int
    sha256: str  # hexadecimal
    crc32c: str  # base64 of the big-endian value, as Google Cloud Storage writes it
    quickxor: str  # base64, as Microsoft Graph writes it

    def fragments(self, size: int, start: int = 0) -> Iterator[tuple[int, bytes]]:
        """(offset, bytes) from `start`, each of `size` bytes but the last. Nothing for an empty file."""
        with self.path.open("rb") as file:
            file.seek(start)
            offset = start
            while data := file.read(size):
                yield offset, data
                offset += len(data)


def spool(parts: Iterable[Part], folder: Path, *, heed: Callable[[], None]) -> Spooled:
    """Writes the file into `folder`, or finds it there finished; then `parts` is not touched.

    `heed()` is called before every part and may raise. Raises `RefusedError` where the disk is full.
    """
    if found := _finished(folder):
        return found
    unfinished = folder / f"{FILE}.part"
    try:
        spooled = _write(parts, unfinished, folder / FILE, heed)
        os.replace(unfinished, spooled.path)
        _keep_facts(spooled, folder)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise RefusedError(
            "The disk is full: the file could not be written. Nothing was sent.",
            action="Free some space on the server, then run the export again.",
        ) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return spooled


def _write(parts: Iterable[Part], path: Path, final: Path, heed: Callable[[], None]) -> Spooled:
    sums, size, rows = Checksums(), 0, 0
    iterator = iter(parts)
    try:
        with path.open("wb") as file:
            while True:
                heed()
                if (part := next(iterator, None)) is None:
                    break
                file.write(part.data)
                sums.update(part.data)
                size += len(part.data)
                rows += part.rows
            file.flush()
            os.fsync(file.fileno())
    finally:
        if close := getattr(iterator, "close", None):
            close()  # ends threads and processes that are still making the next part
    return Spooled(final, size, rows, sums.sha256, sums.crc32c, sums.quickxor)


def _keep_facts(spooled: Spooled, folder: Path) -> None:
    """They come last: a file without them is one whose writer died."""
    facts = {key: value for key, value in asdict(spooled).items() if key != "path"}
    unfinished = folder / f"{FACTS}.part"
    with unfinished.open("w") as file:
        json.dump(facts, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, folder / FACTS)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _finished(folder: Path) -> Spooled | None:
    """The file of an earlier call, where it is whole."""
    try:
        spooled = Spooled(folder / FILE, **json.loads((folder / FACTS).read_text()))
        whole = spooled.path.stat().st_size == spooled.size
    except (OSError, ValueError, TypeError):
        return None
    return spooled if whole else None
