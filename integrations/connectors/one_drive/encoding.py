"""Rows to the file, and the file as it will be."""

from collections.abc import Iterator

from integrations.connector import Chunk, Keys
from integrations.connectors.one_drive.export import file_name, place
from integrations.formats import files
from integrations.formats import preview as previews
from integrations.formats.options import FileOptions
from integrations.rows import RowStream


def encode(settings: Keys, rows: RowStream, default_time: int) -> Iterator[Chunk]:
    pieces = files.encode(FileOptions.from_settings(settings), rows)
    try:
        for index, piece in enumerate(pieces):
            yield Chunk(index, piece.data, piece.rows)
    finally:
        if close := getattr(pieces, "close", None):
            close()


def preview(credentials: Keys, settings: Keys, rows: RowStream, default_time: int) -> previews.FilePreview:
    options = FileOptions.from_settings(settings)
    return previews.preview(options, rows, folder=f"{place(settings)}/", name=file_name(settings))
