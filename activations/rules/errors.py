"""What is wrong with rules, and where."""

from activations.errors import Invalid, Problem


class RulesError(Invalid):
    """Rules that can't be used."""


class Wrong(ValueError):
    """One value can't be read; `str()` says why and what to write."""


__all__ = ["Problem", "RulesError", "Wrong"]
