"""What people do with segments: create, save, undo, rename, move, duplicate, delete."""

from typing import Any

from activations.models import Folder, ParentSegment, Segment
from console.accounts.models import User


def create(
    audience: ParentSegment, name: str, rules: Any, user: User, *, folder: Folder | None = None
) -> Segment:
    """Raises RulesError for rules that can't be read, Refused for a name that is taken."""
    raise NotImplementedError


def save(segment: Segment, rules: Any, user: User, *, version: int) -> Segment:
    """Saves rules over `version` and keeps the ones before for `undo`. Raises Stale, RulesError."""
    raise NotImplementedError


def undo(segment: Segment, user: User, *, version: int) -> Segment:
    """The rules as they were before the last change; another undo brings that change back. Raises Stale, Refused."""
    raise NotImplementedError


def rename(segment: Segment, name: str, user: User) -> Segment:
    raise NotImplementedError


def move(segment: Segment, folder: Folder | None, user: User) -> Segment:
    raise NotImplementedError


def duplicate(segment: Segment, user: User) -> Segment:
    raise NotImplementedError


def delete(segment: Segment) -> None:
    """Raises Refused, naming what uses it: activations, or rules of other segments."""
    raise NotImplementedError
