"""Rows to the finished file, as the one writer of all files makes it."""

from collections.abc import Iterator
from contextlib import closing

from integrations.connector import Chunk, Keys
from integrations.formats import files
from integrations.formats.options import FileOptions
from integrations.rows import RowStream

TYPES = {"csv": "text/csv", "tsv": "text/tab-separated-values"}


def encode(settings: Keys, rows: RowStream, default_time: int) -> Iterator[Chunk]:
    """Pure, except under PGP, which gives other bytes every time: the run keeps the first ones in its spool."""
    with closing(files.encode(FileOptions.from_settings(settings), rows)) as pieces:
        for index, piece in enumerate(pieces):
            yield Chunk(index, piece.data, piece.rows)


def content_type(settings: Keys) -> str:
    """What the bytes of the object are. Never a content encoding: Google would unpack it on the way out."""
    options = FileOptions.from_settings(settings)
    if options.pgp:
        return "application/pgp-encrypted"
    return "application/gzip" if options.compression == "gz" else TYPES[options.format]
