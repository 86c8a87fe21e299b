"""Rows to the finished file, in pieces. Preview, run and golden files use this one function."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

from integrations.formats import compression
from integrations.formats.background import ahead
from integrations.formats.blocks import Block, blocks
from integrations.formats.options import FileOptions
from integrations.formats.pgp import encrypted
from integrations.rows import RowStream

PIECE_BYTES = 2 << 20


@dataclass(frozen=True)
class Piece:
    """A part of the finished file, of about `PIECE_BYTES`. The rows of all pieces sum to the stream's total."""

    data: bytes
    rows: int


def encode(options: FileOptions, rows: RowStream) -> Generator[Piece]:
    """The whole file. Pure and streaming; the same rows and options give the same pieces, except under PGP.

    Raises `SettingsError` or `RefusedError`. Close the iterator to stop early: nothing is left behind.
    """
    with ExitStack() as stages:
        size = compression.BLOCK_BYTES[options.compression]
        stream = stages.enter_context(closing(ahead(blocks(options, rows, size), depth=3)))
        stream = stages.enter_context(closing(compression.compressed(options.compression, stream)))
        if options.pgp:
            stream = stages.enter_context(closing(encrypted(options.pgp, stream)))
        yield from _pieces(stream)


def _pieces(stream: Iterator[Block]) -> Generator[Piece]:
    parts: list[bytes] = []
    size = rows = 0
    for block in stream:
        parts.append(block.data)
        size += len(block.data)
        rows += block.rows
        if size >= PIECE_BYTES:
            yield Piece(b"".join(parts), rows)
            parts, size, rows = [], 0, 0
    if size or rows:
        yield Piece(b"".join(parts), rows)
