"""The folder tree as rows of a list, in the order in which a page draws them: one loop, whatever its size."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from activations.folders import Branch
from activations.models import Folder


@dataclass(frozen=True, slots=True)
class Row:
    """`end` closes the folder that was opened last. Texts, at hand: a template that looks far or turns numbers into
    the reader's spelling takes long when it does so 20,000 times."""

    kind: Literal["folder", "segment", "end"]
    level: str = "1"
    pk: str = ""
    name: str = ""
    size: str = ""  # with separators; "" where it was never counted
    is_old: bool = False  # the size is of other rules
    is_chosen: bool = False


def rows(branch: Branch, text: str = "", chosen: int | None = None, level: int = 1) -> Iterator[Row]:
    """With `text` only what has it in its name, and the folders that lead there. A folder that has it is whole."""
    for below in branch.branches:
        folder = below.folder
        assert folder is not None
        whole = _has(folder.name, text)
        inside = list(rows(below, "" if whole else text, chosen, level + 1))
        if inside or whole:
            yield Row("folder", str(level), str(folder.pk), folder.name)
            yield from inside
            yield Row("end")
    for one in branch.segments:
        if _has(one.name, text):
            size = "" if one.size is None else f"{one.size:,}"
            yield Row(
                "segment", str(level), str(one.pk), one.name, size, not one.size_is_current, one.pk == chosen
            )


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
