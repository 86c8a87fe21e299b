"""What is wrong with rules, and where."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """`path` leads through the JSON: "rules.1.rules.0.value"; "" is the root group."""

    path: str
    message: str  # what is wrong and what to do

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class RulesError(Exception):
    """Rules that can't be used. All that is wrong with them, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class Wrong(ValueError):
    """One value can't be read; `str()` says why and what to write."""
