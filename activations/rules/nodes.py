"""The rule tree. Equal rules are equal trees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Scalar = (
    str | int | Decimal | date | datetime
)  # a datetime is without a zone: the clock of the parent segment's zone
Value = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True)
class Condition:
    """A column compared: of the customer, or inside a behavior's filter of the event."""

    name: str
    kind: str
    operator: str
    value: Value = None


@dataclass(frozen=True)
class Window:
    """Which events count: the last days before the run, or those from one date to another, both included."""

    last_days: int | None = None
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class Behavior:
    """A number or value drawn from a customer's events, compared."""

    behavior: str
    measure: str  # count, sum, avg, min, max, last
    column: str  # "" for count
    result: Condition  # its name is the measure's; its kind that of what the measure gives
    where: "Group | None" = None
    window: Window | None = None


@dataclass(frozen=True)
class Membership:
    """In another segment of the same parent segment, or not in it."""

    segment: int
    include: bool


@dataclass(frozen=True)
class Group:
    """All of the rules, or any of them. Without rules (only at the root): everybody."""

    match: Literal["all", "any"]
    rules: "tuple[Rule, ...]" = ()


Rule = Condition | Behavior | Membership | Group


def walk(rule: Rule) -> Iterator[Rule]:
    """The rule and everything below it; not what is inside a behavior."""
    yield rule
    if isinstance(rule, Group):
        for below in rule.rules:
            yield from walk(below)


def memberships(rule: Rule) -> set[int]:
    """The segments it names itself."""
    return {one.segment for one in walk(rule) if isinstance(one, Membership)}


def depth(rule: Rule) -> int:
    return 1 + max(map(depth, rule.rules), default=0) if isinstance(rule, Group) else 0
