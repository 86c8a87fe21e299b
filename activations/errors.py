"""What was asked can't be done. Each is a sentence that says what to do instead. Plain Python."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """What is wrong and where. `path` leads through the JSON: "rules.1.rules.0.value", "columns.3.name"; "" is all."""

    path: str
    message: str  # what is wrong and what to do
    stops: bool = True  # False: worth knowing, but nothing has to wait for it

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Invalid(Exception):
    """Something that can't be used as it is. All that is wrong with it, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class Refused(Exception):
    """`field` is the form's field that it belongs to, where there is one."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Stale(Exception):
    """Somebody saved it after it was opened. `current` is what they left."""

    def __init__(self, current: Any) -> None:
        super().__init__(f"{current} was saved by {current.saved_by} in the meantime.")
        self.current = current
