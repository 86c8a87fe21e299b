"""A cron rule: read from text, read back as a sentence, and the instants at which it runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from console.workbench.schedules.occurrences import Occurrence

DAILY, HOURLY = "@daily", "@hourly"
PRESETS = {DAILY: "0 0 * * *", HOURLY: "0 * * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *"}


@dataclass(frozen=True)
class EchoedField:
    """One field as a picker shows it: name "minute" … "weekday", its text, and whether it is ignored."""

    name: str
    text: str
    ignored: bool = False


@dataclass(frozen=True)
class Rule:
    """What `parse` gives."""

    text: str  # as it was written, "@daily" for a preset

    @property
    def fields(self) -> tuple[EchoedField, ...]:
        """The five fields in order. Of day and weekday one may be ignored."""
        raise NotImplementedError

    @property
    def conflict(self) -> str:
        """Which of day of month and day of week is followed and which ignored, in two sentences; else ""."""
        raise NotImplementedError

    def sentence(self) -> str:
        """ "At 00:00 every Monday"."""
        raise NotImplementedError

    def after(self, instant: datetime, zone: tzinfo) -> Iterator[Occurrence]:
        """Every run later than `instant` (aware), in order, without end but for that of the calendar."""
        raise NotImplementedError

    def between(self, start: datetime, end: datetime, zone: tzinfo) -> Iterator[Occurrence]:
        """Every run with start <= at < end."""
        raise NotImplementedError


def parse(text: str) -> Rule | None:
    """The rule that stands in `text`; None for "", which has no scheduled run time. Raises CronError."""
    raise NotImplementedError
