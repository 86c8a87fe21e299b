"""The folder tree as rows of a list, in the order in which a page draws them: one loop, whatever its size."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from activations.folders import Branch
from activations.models import Folder, Segment


@dataclass(frozen=True)
class Row:
    """`end` closes the folder that was opened last."""

    kind: Literal["folder", "segment", "end"]
    level: int = 1
    folder: Folder | None = None
    segment: Segment | None = None


def rows(branch: Branch, text: str = "", level: int = 1) -> Iterator[Row]:
    """With `text` only what has it in its name, and the folders that lead there. A folder that has it is whole."""
    for below in branch.branches:
        assert below.folder is not None
        inside = list(rows(below, "" if _has(below.folder.name, text) else text, level + 1))
        if inside or _has(below.folder.name, text):
            yield Row("folder", level, folder=below.folder)
            yield from inside
            yield Row("end", level)
    for segment in branch.segments:
        if _has(segment.name, text):
            yield Row("segment", level, segment=segment)


def places(branch: Branch, without: Folder | None = None, way: str = "") -> Iterator[tuple[int, str]]:
    """Every folder with the way to it, "Loyalty / Gold"; not `without` and what is below it."""
    for below in branch.branches:
        assert below.folder is not None
        if below.folder == without:
            continue
        words = f"{way} / {below.folder}" if way else str(below.folder)
        yield below.folder.pk, words
        yield from places(below, without, words)


def _has(name: str, text: str) -> bool:
    return text.lower() in name.lower()
