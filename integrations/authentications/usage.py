"""Who uses an authentication. The rooms above register themselves; this one imports none of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of dependant: queries, activations."""

    singular: str  # "query"
    plural: str  # "queries"
    list_url: Callable[[int], str]  # authentication's id -> the filtered list
    counts: Callable[[Iterable[int]], Mapping[int, int]]  # ids -> how many each; one query
    named: Callable[[int], Iterable[tuple[str, str]]]  # id -> (name, url) of each dependant


@dataclass(frozen=True)
class Use:
    """So many dependants of one kind."""

    count: int
    words: str  # "4 queries"
    url: str


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Once per process, from `AppConfig.ready`. The same kind again replaces the former."""
    _kinds[kind.singular] = kind


def of_many(ids: Iterable[int]) -> dict[int, list[Use]]:
    """Every id's uses, with one query per kind whatever their number."""
    wanted = list(ids)
    found: dict[int, list[Use]] = {pk: [] for pk in wanted}
    for kind in _kinds.values():
        for pk, count in kind.counts(wanted).items():
            if count:
                found[pk].append(Use(count, _words(kind, count), kind.list_url(pk)))
    return found


def named(pk: int) -> list[tuple[str, str, str]]:
    """(kind, name, url) of everything that uses this authentication."""
    return [(kind.singular, name, url) for kind in _kinds.values() for name, url in kind.named(pk)]


def _words(kind: Kind, count: int) -> str:
    return f"{count:,} {kind.singular if count == 1 else kind.plural}"
