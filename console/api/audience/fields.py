"""What a body may hold. A field nobody knows is refused: a misspelt one would else be left out in silence."""

from collections.abc import Collection
from typing import Any

from activations.errors import Invalid, Problem
from activations.models import Folder, ParentSegment
from console.api.audience import finding


def unknown(body: dict[str, Any], known: Collection[str], path: str = "") -> list[Problem]:
    said = f"There is no such field. Leave it out, or use one of {', '.join(known)}."
    return [Problem(f"{path}.{name}".lstrip("."), said) for name in body if name not in known]


def insist(body: dict[str, Any], known: Collection[str], printed: Collection[str]) -> None:
    """`printed` are those that an answer has and a body may repeat, so that what was read can be sent back."""
    if problems := unknown({name: 1 for name in body if name not in printed}, known):
        raise Invalid(problems)


def text(body: dict[str, Any], name: str, default: str = "") -> str:
    """Raises Invalid for what is no text. What it may be is for the room to say."""
    value = body.get(name, default)
    if value is None or isinstance(value, str):
        return value or ""
    raise Invalid([Problem(name, "Give a text.")])


def version(body: dict[str, Any], current: int) -> int:
    """The version that is saved over: the body's, else the one there is."""
    value = body.get("version")
    if value is None:
        return current
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid([Problem("version", "Give the version you have read, a whole number.")])
    return value


def folder(body: dict[str, Any], audience: ParentSegment, current: Folder | None = None) -> Folder | None:
    """The folder a body names by its number; null is the top, not given is where it is."""
    if "folder" not in body:
        return current
    number = body["folder"]
    if number is None:
        return None
    found = None
    if isinstance(number, int) and not isinstance(number, bool):
        found = audience.folders.filter(pk=number).first() if finding.possible(number) else None
    if found is None:
        raise Invalid(
            [Problem("folder", "There is no such folder. Give the id of one, or null for the top.")]
        )
    return found
