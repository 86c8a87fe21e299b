"""The folder tree of a parent segment."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction

from activations import naming
from activations.errors import Refused
from activations.models import Folder, ParentSegment, Segment

DEEPEST = 10


@dataclass(frozen=True)
class Branch:
    """A folder with what is in it; the root has no folder."""

    folder: Folder | None
    branches: "tuple[Branch, ...]"
    segments: tuple[Segment, ...]


def tree(audience: ParentSegment) -> Branch:
    """The whole tree in order of names, in two queries, without rules and samples."""
    folders, segments = (
        defaultdict[int | None, list[Folder]](list),
        defaultdict[int | None, list[Segment]](list),
    )
    for folder in audience.folders.all():
        folders[folder.folder_id].append(folder)
    for segment in audience.segments.defer("rules", "previous_rules", "sample"):
        segments[segment.folder_id].append(segment)

    def branch(folder: Folder | None) -> Branch:
        pk = folder.pk if folder else None
        return Branch(folder, tuple(map(branch, folders[pk])), tuple(segments[pk]))

    return branch(None)


def create(audience: ParentSegment, name: str, *, inside: Folder | None = None) -> Folder:
    """Raises Refused for a name that is taken there."""
    name = naming.checked(name)
    _same(audience, inside)
    if inside is not None and len(_way(inside)) >= DEEPEST:
        raise Refused(f"Folders are at most {DEEPEST} deep. Choose one further up.", "folder")
    with naming.unique("folder", name, inside or audience):
        return Folder.objects.create(audience=audience, folder=inside, name=name)


def rename(folder: Folder, name: str) -> Folder:
    folder.name = naming.checked(name)
    with naming.unique("folder", folder.name, folder.folder or folder.audience):
        folder.save(update_fields=["name"])
    return folder


@transaction.atomic
def move(folder: Folder, inside: Folder | None) -> Folder:
    """Raises Refused for a move into itself or below."""
    ParentSegment.objects.select_for_update().get(
        pk=folder.audience_id
    )  # two moves at once could make a ring
    _same(folder.audience, inside)
    if inside is not None and folder.pk in _way(inside):
        raise Refused(f"{folder} can't be moved into itself. Choose another folder.", "folder")
    folder.folder = inside
    with naming.unique("folder", folder.name, inside or folder.audience):
        folder.save(update_fields=["folder"])
    return folder


def delete(folder: Folder) -> None:
    """Raises Refused unless it is empty."""
    if folder.folders.exists() or folder.segments.exists():
        raise Refused(f"{folder} is not empty. Move or delete what is in it first.")
    folder.delete()


def _same(audience: ParentSegment, inside: Folder | None) -> None:
    if inside is not None and inside.audience_id != audience.pk:
        raise Refused("That folder belongs to another parent segment. Choose one of this.", "folder")


def _way(folder: Folder) -> list[int]:
    """The folder and those it is in, outwards."""
    parents = dict(Folder.objects.filter(audience=folder.audience_id).values_list("pk", "folder_id"))
    way, at = [], folder.pk
    while at is not None:
        way.append(at)
        at = parents[at]
    return way
