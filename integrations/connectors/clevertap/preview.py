"""The first request, made by the run's own encoder, and how many follow."""

from integrations.connector import Keys, RequestsPreview
from integrations.rows import RowStream


def preview(credentials: Keys, settings: Keys, rows: RowStream, default_time: int) -> RequestsPreview:
    raise NotImplementedError
