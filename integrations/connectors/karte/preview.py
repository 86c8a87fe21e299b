"""The file as it would be written, and where."""

from integrations.connector import Keys
from integrations.connectors.karte.places import Place
from integrations.formats import preview as files
from integrations.formats.options import FileOptions
from integrations.formats.preview import FilePreview
from integrations.rows import RowStream


def preview(credentials: Keys, settings: Keys, rows: RowStream, default_time: int) -> FilePreview:
    """Asks nobody: it follows every key that is typed."""
    place = Place.of(settings)
    return files.preview(FileOptions.from_settings(settings), rows, folder=place.folder, name=place.file)
