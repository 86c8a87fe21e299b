"""The runs of a rule in order, day after day."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from console.workbench.schedules.clocks import after_skipped, steady_offset, uneven_day
from console.workbench.schedules.occurrences import Occurrence

MINUTE = timedelta(minutes=1)
# No zone is further from UTC than 14 hours; clocks never changed by more than a day.
REACH = timedelta(hours=40)


class Walk:
    """Iterates over the runs later than `after`.

    On most days the clocks do nothing and each run is made only as it is asked for. Around a day on which they
    change, runs are sorted first: where they change at midnight, a day's last run may come after the next day's first.
    """

    def __init__(self, minutes: Sequence[int], zone: tzinfo, after: datetime, *, follows_wall: bool) -> None:
        self.minutes, self.zone, self.after = minutes, zone, after
        self.follows_wall = follows_wall
        self.left_out: list[datetime] = []
        self.held: list[Occurrence] = []
        self.was_steady = False
        self.last: datetime | None = None

    def over(self, days: Iterator[date]) -> Iterator[Occurrence]:
        for day in days:
            yield from self._day(day)
        yield from self._release()

    def _day(self, day: date) -> Iterator[Occurrence]:
        steady = steady_offset(day, self.zone)
        if steady is None:
            runs, left_out = uneven_day(day, self.minutes, self.zone, follows_wall=self.follows_wall)
            if runs and self.left_out:
                runs[0] = after_skipped(runs[0], self.left_out)
            self.left_out = left_out if runs else [*self.left_out, *left_out]
            self.held += runs
        elif self.was_steady or not self.held:
            yield from self._release()
            yield from self._steady(day, steady)
        else:
            self.held += self._steady(day, steady)
        self.was_steady = steady is not None

    def _release(self) -> Iterator[Occurrence]:
        held, self.held = sorted(self.held, key=lambda run: run.at), []
        for run in held:
            if run.at > self.after and run.at != self.last:
                self.last = run.at
                yield run

    def _steady(self, day: date, offset: timedelta) -> Iterator[Occurrence]:
        midnight = datetime.combine(day, time())
        begin = (midnight - offset).replace(tzinfo=UTC)
        first = bisect_right(self.minutes, (self.after - begin) / MINUTE)
        if first:
            self.left_out = []
        for minute in self.minutes[first:]:
            wait = timedelta(minutes=minute)
            run = Occurrence(begin + wait, (midnight + wait).replace(tzinfo=self.zone))
            if self.left_out:
                run, self.left_out = after_skipped(run, self.left_out), []
            yield run
