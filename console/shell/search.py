"""The search page's registry. Rooms register what can be found; the frame imports no room."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

LIMIT = 20


@dataclass(frozen=True)
class Hit:
    title: str
    url: str
    detail: str = ""  # small grey text: "presto · sample_datasets"
    icon: str = "file"


Find = Callable[[str, Any], Iterable[Hit]]  # text, user -> hits, best first
_providers: dict[str, Find] = {}


@dataclass(frozen=True)
class Group:
    label: str
    hits: tuple[Hit, ...]


def register(label: str, find: Find) -> None:
    """`find(text, user)` yields hits for the heading `label`; at most 20 are shown."""
    _providers[label] = find


def groups(text: str, user: Any) -> list[Group]:
    """What every provider finds, in the order in which they registered; headings without a hit are left out."""
    if not text:
        return []
    found = [Group(label, tuple(_first(find(text, user)))) for label, find in _providers.items()]
    return [group for group in found if group.hits]


def _first(hits: Iterable[Hit]) -> Iterable[Hit]:
    return (hit for hit, _ in zip(hits, range(LIMIT), strict=False))
