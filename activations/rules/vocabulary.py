"""What rules may name: the attributes and behaviors of a parent segment, and its segments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class KnownSegment:
    name: str
    rules: Any  # JSON as it is kept


def _none(number: int) -> KnownSegment | None:
    return None


@dataclass(frozen=True)
class Vocabulary:
    """Kinds by name. `segment` finds a segment of the parent segment by its number, None where there is none."""

    attributes: Mapping[str, str]
    behaviors: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # kinds of columns by name
    segment: Callable[[int], KnownSegment | None] = _none
    own: int | None = None  # the segment whose rules these are: it can't be in itself
