"""The five fields: which values stand in a text, and how to write it where they can't be read."""

from collections.abc import Iterable
from dataclasses import dataclass

from console.workbench.schedules.errors import CronError

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Kind:
    """What one of the five may hold."""

    name: str
    label: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[int, ...]:
        return tuple(range(self.low, self.high + 1))

    @property
    def allowed(self) -> str:
        names = f", or {', '.join(self.names)}" if self.names else ""
        return f"{self.low} to {self.high}{names}"

    def error(self, message: str) -> CronError:
        return CronError(self.name, f"{self.label}: {message}")


KINDS = (
    Kind("minute", "Minute", 0, 59),
    Kind("hour", "Hour", 0, 23),
    Kind("day", "Day of month", 1, 31),
    Kind("month", "Month", 1, 12, MONTHS),
    Kind("weekday", "Day of week", 0, 6, WEEKDAYS),
)


@dataclass(frozen=True)
class Field:
    """One field that was read."""

    kind: Kind
    text: str
    values: tuple[int, ...]  # in order, each once

    @property
    def restricts(self) -> bool:
        """Whether it leaves anything out. `*/1` and `0-6` leave out as little as `*`."""
        return self.values != self.kind.all

    @property
    def step(self) -> int:
        """n of `*/n`, 1 of `*`, 0 of anything else."""
        if self.text == "*":
            return 1
        return int(self.text[2:]) if self.text.startswith("*/") and "," not in self.text else 0


def read(kind: Kind, text: str) -> Field:
    """Raises CronError."""
    parts = text.split(",")
    if "" in parts:
        raise kind.error("a value is missing beside a comma. Write the values as in 2,3,4.")
    if len(parts) > 1 and "*" in parts:
        raise kind.error("* stands alone. Leave it out of the list, or write only *.")
    values = {value for part in parts for value in _values(kind, part)}
    return Field(kind, text, tuple(sorted(values)))


def _values(kind: Kind, part: str) -> Iterable[int]:
    if "/" in part:
        return _multiples(kind, part)
    if part == "*":
        return kind.all
    first, dash, last = part.partition("-")
    if dash and first and last:
        return _range(kind, part, _one(kind, first), _one(kind, last))
    return (_one(kind, part),)


def _multiples(kind: Kind, part: str) -> list[int]:
    base, _, step = part.partition("/")
    if not _is_number(step) or int(step) == 0:
        raise kind.error(f"“{part}” has no step. Write a whole number after the slash, as in */5.")
    if base != "*":
        raise kind.error(f"a step stands on * only. {_instead(kind, base, int(step), part)}")
    if int(step) > kind.high:
        raise kind.error(f"the largest step is {kind.high}; “{part}” asks for more. {_no_longer(kind)}")
    return [value for value in kind.all if value % int(step) == 0]


def _instead(kind: Kind, base: str, step: int, part: str) -> str:
    """The list that other crons make of `1-10/3` and `5/15`."""
    first, dash, last = base.partition("-")
    low = _one(kind, first)
    high = _one(kind, last) if dash else kind.high
    if low > high:
        raise kind.error(f"“{base}” runs backwards, and a step stands on * only. Write the values.")
    return f"Instead of “{part}” write {','.join(map(str, range(low, high + 1, step)))}."


def _no_longer(kind: Kind) -> str:
    if kind.name == "minute":
        return "For every second hour write 0 in this field and */2 in the next."
    return f"Write single values from {kind.low} to {kind.high}."


def _range(kind: Kind, part: str, low: int, high: int) -> range:
    if low <= high:
        return range(low, high + 1)
    around = [*range(low, kind.high + 1), *range(kind.low, high + 1)]
    values = ",".join(kind.names[value - kind.low] if kind.names else str(value) for value in around)
    raise kind.error(f"“{part}” runs backwards. Write {values}.")


def _one(kind: Kind, text: str) -> int:
    word = text.lower()
    if word in kind.names:
        return kind.names.index(word) + kind.low
    if _is_number(text) and kind.low <= int(text) <= kind.high:
        return int(text)
    if kind.name == "weekday" and text == "7":
        raise kind.error("Sunday is 0. Write 0 or sun instead of 7.")
    if word[:3] in kind.names:
        raise kind.error(f"“{text}” is not known. Write {word[:3]}.")
    if text == "?":
        raise kind.error("“?” is not known. Write *.")
    raise kind.error(f"“{text}” is not one of {kind.allowed}. Write one of these, or *.")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 4
