"""One run that a rule promises."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Note(StrEnum):
    """What the clocks did to a run."""

    NONE = ""
    MOVED = "moved"  # its time does not exist on this day, it runs at the next one that does
    DOUBLED = "doubled"  # its time comes twice on this day; it runs the first time, or both
    AFTER_SKIPPED = "after_skipped"  # the run before it was left out: its time does not exist on this day


@dataclass(frozen=True, order=True)
class Occurrence:
    """`at` is the slot: what TD_SCHEDULED_TIME() answers. The delay is not in it."""

    at: datetime  # UTC
    local: datetime  # the same instant in the rule's zone
    note: Note = Note.NONE
    words: str = ""  # the note as a sentence, "" where there is none
