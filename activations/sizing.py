"""Live sizes: how many customers rules match, and some of them. Hidden work that a newer question stops."""

from typing import Any

from activations.models import Measurement, ParentSegment, Segment
from console.accounts.models import User


def measure(audience: ParentSegment, rules: Any, user: User, asker: str) -> Measurement:
    """Asks for the size of rules that are being written. Supersedes what `asker` asked before. Raises RulesError."""
    raise NotImplementedError


def measure_segment(segment: Segment, user: User) -> Measurement:
    """Asks for the size of a segment as it is saved; the answer is kept in its row too."""
    raise NotImplementedError


def cancel(measurement: Measurement) -> None:
    """Nobody waits for it any more."""
    raise NotImplementedError
