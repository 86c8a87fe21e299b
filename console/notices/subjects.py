"""What notices can be about. The rooms above register their kinds; a subject is "kind:number"."""

from collections.abc import Callable
from dataclasses import dataclass

from console.accounts.models import User


@dataclass(frozen=True)
class Kind:
    """One kind of subject. `may_change` is False for one that is gone."""

    may_change: Callable[[User, int], bool]
    settings_url: Callable[[int], str]  # where its notifications are edited


_kinds: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    _kinds[name] = kind


def key(kind: str, number: int) -> str:
    return f"{kind}:{number}"


def may_change(user: User, subject: str) -> bool:
    """Whether this user may send its notices again."""
    found = _find(subject)
    return found is not None and found[0].may_change(user, found[1])


def settings_url(subject: str) -> str:
    """ "" for a kind that is not in this build."""
    found = _find(subject)
    return found[0].settings_url(found[1]) if found else ""


def _find(subject: str) -> tuple[Kind, int] | None:
    name, _, number = subject.partition(":")
    kind = _kinds.get(name)
    return (kind, int(number)) if kind and number.isdecimal() else None
