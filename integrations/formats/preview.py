"""The file as it will be, over its first rows: bytes from the real writer, decorated from the bytes alone."""

from dataclasses import dataclass

from integrations.formats.options import FileOptions
from integrations.rows import RowStream

ROWS = 100


@dataclass(frozen=True)
class Token:
    """`kind`: "text", "quoted", "null", "delimiter", "control" (text is CR, LF or TAB), "bad", "more"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Warning:
    lead: str  # "Row 2 will read as 8 columns."
    text: str  # why


@dataclass(frozen=True)
class HexRow:
    offset: str
    cells: tuple[Token, ...]
    text: str


@dataclass(frozen=True)
class FilePreview:
    folder: str
    name: str
    lines: tuple[tuple[Token, ...], ...]  # one per record
    hex: tuple[HexRow, ...]
    bytes: int
    rows: int
    header: bool
    legend: tuple[tuple[tuple[Token, ...], str], ...]  # tokens and what they mean
    shown_before: str  # "", "gz", "bzip2", "encryption", "compression and encryption"
    notes: tuple[str, ...] = ()
    warnings: tuple[Warning, ...] = ()
    confirm: str = ""
    kind: str = "file"


def preview(options: FileOptions, rows: RowStream, *, folder: str, name: str) -> FilePreview:
    """Reads the first rows only. `folder` and `name` are where the file will be, `name` with its extension.

    Raises what `encode` raises.
    """
    raise NotImplementedError
