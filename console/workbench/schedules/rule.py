"""A cron rule: read from text, read back as a sentence, and the instants at which it runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property

from console.workbench.schedules import words
from console.workbench.schedules.days import count_days, count_weekdays, days_from
from console.workbench.schedules.fields import Field
from console.workbench.schedules.occurrences import Occurrence
from console.workbench.schedules.walk import REACH, Walk


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
    minute: Field
    hour: Field
    day: Field
    month: Field
    weekday: Field

    @property
    def fields(self) -> tuple[EchoedField, ...]:
        """The five fields in order. Of day and weekday one may be ignored."""
        own = (self.minute, self.hour, self.day, self.month, self.weekday)
        return tuple(EchoedField(f.kind.name, f.text, f.kind.name == self.ignored) for f in own)

    @cached_property
    def ignored(self) -> str:
        """ "day" or "weekday", where both say something; "" where nothing is ignored.

        The one that runs more often is followed: counted in the days of 400 years, after which the calendar repeats,
        in the months of the rule. Where both run equally often, the day of week is followed.
        """
        if not (self.day.restricts and self.weekday.restricts):
            return ""
        days = count_days(self.month.values, self.day.values)
        weekdays = count_weekdays(self.month.values, self.weekday.values)
        return "weekday" if days > weekdays else "day"

    @property
    def conflict(self) -> str:
        """Which of day of month and day of week is followed and which ignored, in two sentences; else ""."""
        return words.conflict(self.day, self.weekday, self.ignored) if self.ignored else ""

    def sentence(self) -> str:
        """ "At 00:00 every Monday"."""
        return words.sentence(
            self.minute,
            self.hour,
            None if self.ignored == "day" else self.day,
            self.month,
            None if self.ignored == "weekday" else self.weekday,
        )

    @property
    def follows_wall(self) -> bool:
        """Whether the hour is `*`, `*/n`, or names every hour: see `clocks`."""
        return bool(self.hour.step) or not self.hour.restricts

    @property
    def days(self) -> tuple[int, ...]:
        """The days of month that are followed."""
        return self.day.kind.all if self.ignored == "day" else self.day.values

    @property
    def weekdays(self) -> tuple[int, ...]:
        return self.weekday.kind.all if self.ignored == "weekday" else self.weekday.values

    def after(self, instant: datetime, zone: tzinfo) -> Iterator[Occurrence]:
        """Every run later than `instant` (aware), in order, without end but for that of the calendar."""
        walk = Walk(self._minutes, zone, instant, follows_wall=self.follows_wall)
        start = (instant.astimezone(UTC) - REACH).date()
        yield from walk.over(days_from(start, self.month.values, self.days, self.weekdays))

    def between(self, start: datetime, end: datetime, zone: tzinfo) -> Iterator[Occurrence]:
        """Every run with start <= at < end."""
        for occurrence in self.after(start - datetime.resolution, zone):
            if occurrence.at >= end:
                return
            yield occurrence

    @cached_property
    def _minutes(self) -> tuple[int, ...]:
        """Minutes of the day."""
        return tuple(hour * 60 + minute for hour in self.hour.values for minute in self.minute.values)
