"""The file as it will be, over its first rows: bytes from the real writer, decorated from the bytes alone."""

from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise

from integrations.formats import checks
from integrations.formats.findings import Finding, findings
from integrations.formats.hexdump import HexRow, hexdump
from integrations.formats.lines import lines
from integrations.formats.options import NEWLINES, FileOptions
from integrations.formats.tokens import Token, tokens
from integrations.rows import RowStream

ROWS = 100
_SHOWN = 64 << 10  # bytes of text: a page must stay light whatever a value holds


@dataclass(frozen=True)
class FilePreview:
    folder: str
    name: str
    lines: tuple[tuple[Token, ...], ...]  # one per record
    hex: tuple[HexRow, ...]
    bytes: int
    rows: int
    total: int  # rows of the whole result
    header: bool
    legend: tuple[tuple[tuple[Token, ...], str], ...]  # tokens and what they mean
    shown_before: str  # "", "gz", "bzip2", "encryption", "compression and encryption"
    notes: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()
    confirm: str = ""
    kind: str = "file"


def preview(options: FileOptions, rows: RowStream, *, folder: str, name: str) -> FilePreview:
    """Reads the first rows only. `folder` and `name` are where the file will be, `name` with its extension.

    Raises what `encode` raises.
    """
    first = rows.first(ROWS)
    header, records = _written(options, first)
    data = "".join([header, *records]).encode()
    shown = _within([header, *records] if header else records, _SHOWN)
    whole = len(records) + bool(header)
    return FilePreview(
        folder=folder,
        name=name,
        lines=tuple(tokens(line, options) for line in shown),
        hex=hexdump(data),
        bytes=len(data),
        rows=len(records),
        total=rows.total,
        header=bool(header),
        legend=_legend(options),
        shown_before=_shown_before(options),
        notes=(f"The first {len(shown):,} of these {whole:,} lines are shown.",)
        if len(shown) < whole
        else (),
        warnings=tuple(findings(options, first, header, records, name)),
    )


def _written(options: FileOptions, rows: RowStream) -> tuple[str, list[str]]:
    """The header line, and every row's line."""
    header, records = "", []
    with closing(lines(options, rows)) as written:
        if options.header_line and rows.columns:
            header = str(next(written).data, "utf-8")
        for each in written:
            if 0 in bytes(each.data):
                raise checks.nul_in_value(rows, 0, rows.total - 1)
            bounds = pairwise([0, *each.ends.tolist()])
            records += [str(each.data[start:end], "utf-8") for start, end in bounds]
    return header, records


def _within(records: list[str], limit: int) -> list[str]:
    """As many whole lines as the limit takes, at least one."""
    size = 0
    for index, record in enumerate(records):
        size += min(len(record), 2_000)
        if index and size > limit:
            return records[:index]
    return records


def _legend(options: FileOptions) -> tuple[tuple[tuple[Token, ...], str], ...]:
    null, end = options.null_string, NEWLINES[options.newline]
    entries: list[tuple[tuple[Token, ...], str]] = [((Token("null", null),), "NULL")] if null else []
    if options.quote_policy != "NONE":
        entries.append(((Token("quoted", '"a"'),), "quoted value"))
    if options.delimiter == "\t":
        entries.append(((Token("control", "TAB"),), "delimiter"))
    names = {"\r": "CR", "\n": "LF"}
    entries.append((tuple(Token("control", names[character]) for character in end), "end of line"))
    return tuple(entries) if null else (*entries, ((), "NULL writes nothing"))


def _shown_before(options: FileOptions) -> str:
    if options.pgp:
        return "compression and encryption" if options.compression else "encryption"
    return options.compression
