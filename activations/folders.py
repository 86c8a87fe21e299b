"""The folder tree of a parent segment."""

from dataclasses import dataclass

from activations.models import Folder, ParentSegment, Segment


@dataclass(frozen=True)
class Branch:
    """A folder with what is in it; the root has no folder."""

    folder: Folder | None
    branches: "tuple[Branch, ...]"
    segments: tuple[Segment, ...]


def tree(audience: ParentSegment) -> Branch:
    """The whole tree, in two queries, without rules and samples."""
    raise NotImplementedError


def create(audience: ParentSegment, name: str, *, inside: Folder | None = None) -> Folder:
    raise NotImplementedError


def rename(folder: Folder, name: str) -> Folder:
    raise NotImplementedError


def move(folder: Folder, inside: Folder | None) -> Folder:
    """Raises Refused for a move into itself or below."""
    raise NotImplementedError


def delete(folder: Folder) -> None:
    """Raises Refused unless it is empty."""
    raise NotImplementedError
