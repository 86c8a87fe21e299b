"""The first bytes of a file as numbers."""

from dataclasses import dataclass
from itertools import groupby

from integrations.formats.tokens import Token

WIDTH = 12
MOST = 2_048


@dataclass(frozen=True)
class HexRow:
    offset: str
    cells: tuple[Token, ...]  # runs of bytes, "control" where they are no characters
    padding: str
    text: str


def hexdump(data: bytes) -> tuple[HexRow, ...]:
    shown = data[:MOST]
    return tuple(_row(at, shown[at : at + WIDTH]) for at in range(0, len(shown), WIDTH))


def _row(at: int, part: bytes) -> HexRow:
    runs = [
        Token("control" if control else "text", bytes(run).hex(" "))
        for control, run in groupby(part, key=lambda byte: byte < 32)
    ]
    text = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in part)
    return HexRow(f"{at:06x}", tuple(runs), "   " * (WIDTH - len(part)), text)
