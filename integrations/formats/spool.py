"""The finished file on disk, written once: what can be sent again after a death, byte for byte."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


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

    def fragments(self, size: int) -> Iterator[tuple[int, bytes]]:
        """(offset, bytes) from the start, each of `size` bytes but the last. Nothing for an empty file."""
        raise NotImplementedError


def spool(parts: Iterable[Part], folder: Path, *, heed: Callable[[], None]) -> Spooled:
    """Writes the file into `folder`, or finds it there finished; then `parts` is not touched.

    `heed()` is called before every part and may raise. Raises `RefusedError` where the disk is full.
    """
    raise NotImplementedError
