"""Rules for a result's columns. All problems are found, and told together."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from integrations.connectors.clevertap.rules import kinds
from integrations.errors import SettingsError
from integrations.rows import Column

FORBIDDEN = '&$",%><!'
LONGEST_NAME = 120


@dataclass(frozen=True)
class Found:
    """A column and its place in every batch."""

    index: int
    column: Column

    @property
    def name(self) -> str:
        return self.column.name


@dataclass
class Sheet:
    """The columns of a result: finds them, and collects what is wrong with them."""

    columns: tuple[Column, ...]
    problems: list[str] = field(default_factory=list)

    def find(self, name: str) -> Found | None:
        """The documents write objectId here and objectid there: reserved names match in any case."""
        met = [Found(i, c) for i, c in enumerate(self.columns) if c.name.lower() == name.lower()]
        if len(met) > 1:
            written = ", ".join(found.name for found in met)
            self.problems.append(f"{name} is there {len(met)} times ({written}). Keep one.")
        return met[0] if met else None

    def need(self, *names: str) -> list[Found]:
        """All of these columns; a missing one is a problem."""
        return [found for name in names if (found := self._needed(name))]

    def need_one(self, *names: str) -> list[Found]:
        """Those of these columns that are there; none at all is a problem."""
        found = [met for name in names if (met := self.find(name))]
        if not found:
            self.problems.append(f"The column {' or '.join(names)} is missing.")
        return found

    def rest(self, reserved: Iterable[str]) -> list[Found]:
        """Every other column: it is sent as a property, so its name has to be one and its type, too."""
        taken = {name.lower() for name in reserved}
        others = [Found(i, c) for i, c in enumerate(self.columns) if c.name.lower() not in taken]
        for name, times in Counter(found.name for found in others).items():
            if times > 1:
                self.problems.append(f"The column {name} is there {times} times. Keep one.")
        for found in others:
            self.problems += name_problems(found.name)
        return others

    def check_type(self, found: Found, allowed: bool, wanted: str) -> None:
        if not allowed:
            self.problems.append(f"The column {found.name} is {found.column.type}. {wanted}")

    def refuse_problems(self, what: str) -> None:
        if self.problems:
            raise ColumnsError(what, self.problems)

    def _needed(self, name: str) -> Found | None:
        found = self.find(name)
        if found is None:
            self.problems.append(f"The column {name} is missing.")
        return found


class ColumnsError(SettingsError):
    """The result has the wrong columns; `problems` lists every one."""

    def __init__(self, what: str, problems: list[str]) -> None:
        super().__init__(
            f"The columns of the result don't fit {what}. {' '.join(problems)}",
            action="Change the query, or choose another operation.",
        )
        self.problems = tuple(problems)


def name_problems(name: str) -> Iterator[str]:
    if not name:
        yield "A column has no name. Give it one with AS."
    if held := [mark for mark in FORBIDDEN if mark in name]:
        yield f"The column name {name} holds {' '.join(held)}, which CleverTap does not allow."
    if len(name) > LONGEST_NAME:
        yield f"The column name {name[:40]}… has {len(name)} characters; CleverTap takes at most {LONGEST_NAME}."


def check_values(sheet: Sheet, found: Found, *, arrays: bool) -> None:
    """What kinds of values a property may hold: CleverTap takes scalars, and profiles take arrays of them."""
    kind = kinds.family(found.column)
    sheet.check_type(
        found, kind not in kinds.REFUSED, "CleverTap takes text, numbers, true or false, and dates."
    )
    if kind == "array" and not arrays:
        sheet.check_type(found, False, "Properties of events hold single values only.")
    elif kind == "array":
        sheet.check_type(
            found, kinds.holds_arrays_of_values(found.column), "An array property holds single values only."
        )
