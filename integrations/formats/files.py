"""Rows to the finished file, in pieces. Preview, run and golden files use this one function."""

from collections.abc import Iterator
from dataclasses import dataclass

from integrations.formats.options import FileOptions
from integrations.rows import RowStream

PIECE_BYTES = 8 << 20


@dataclass(frozen=True)
class Piece:
    """A part of the finished file, of about `PIECE_BYTES`. The rows of all pieces sum to the stream's total."""

    data: bytes
    rows: int


def encode(options: FileOptions, rows: RowStream) -> Iterator[Piece]:
    """The whole file. Pure and streaming; the same rows and options give the same pieces, except under PGP.

    Raises `SettingsError` or `RefusedError`. Close the iterator to stop early: nothing is left behind.
    """
    raise NotImplementedError
