"""What the clocks of a zone make of one day's times: most days nothing, twice a year an hour less or more.

A rule whose hour is fixed runs once for each of its times: at the next instant that exists, or the first of two. A
rule whose hour is `*` or `*/n` follows the clock on the wall: what the clock leaves out is left out, what it shows
twice runs twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from console.workbench.schedules.occurrences import Note, Occurrence

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def offset(wall: datetime, zone: tzinfo, fold: int = 0) -> timedelta:
    found = wall.replace(tzinfo=zone, fold=fold).utcoffset()
    assert found is not None, f"{zone} has no offset"
    return found


def steady_offset(day: date, zone: tzinfo) -> timedelta | None:
    """The offset of the whole day; None where the clocks change on it or as it begins or ends."""
    begin = datetime.combine(day, time())
    first = offset(begin, zone)
    others = (offset(begin, zone, 1), offset(begin + DAY, zone), offset(begin + DAY, zone, 1))
    return first if all(other == first for other in others) else None


def uneven_day(
    day: date, minutes: Sequence[int], zone: tzinfo, *, follows_wall: bool
) -> tuple[list[Occurrence], list[datetime]]:
    """The runs of a day on which the clocks change, in order, and the times left out after the last of them."""
    found: dict[datetime, Occurrence] = {}
    left_out: list[datetime] = []
    for minute in minutes:
        wall = datetime.combine(day, time()) + timedelta(minutes=minute)
        runs = list(_wall_clock(wall, zone) if follows_wall else _fixed(wall, zone))
        if not runs:
            left_out.append(wall)
        elif left_out:
            runs[0] = after_skipped(runs[0], left_out)
            left_out = []
        for run in runs:
            found.setdefault(run.at, run)
    return sorted(found.values()), left_out


def after_skipped(run: Occurrence, left_out: Sequence[datetime]) -> Occurrence:
    first, last = left_out[0], left_out[-1]
    times = f"{first:%H:%M} does" if first == last else f"{first:%H:%M} to {last:%H:%M} do"
    words = f"{times} not exist on {_day(first)}, when clocks go forward: left out."
    return replace(run, note=Note.AFTER_SKIPPED, words=words)


def _wall_clock(wall: datetime, zone: tzinfo) -> Iterator[Occurrence]:
    first, second = offset(wall, zone), offset(wall, zone, 1)
    if first == second:
        yield _run(wall - first, zone)
    elif first > second:
        words = f"{wall:%H:%M} comes twice on {_day(wall)}, when clocks go back: it runs both times."
        yield _run(wall - first, zone, Note.DOUBLED, words)
        yield _run(wall - second, zone, Note.DOUBLED, words)


def _fixed(wall: datetime, zone: tzinfo) -> Iterator[Occurrence]:
    first, second = offset(wall, zone), offset(wall, zone, 1)
    if first == second:
        yield _run(wall - first, zone)
    elif first > second:
        words = f"{wall:%H:%M} comes twice on {_day(wall)}, when clocks go back: it runs the first time."
        yield _run(wall - first, zone, Note.DOUBLED, words)
    else:
        yield _moved(wall, _change(wall - second, wall - first, zone), zone)


def _moved(wall: datetime, to: datetime, zone: tzinfo) -> Occurrence:
    run = _run(to, zone, Note.MOVED)
    when = (
        f"{run.local:%H:%M}" if run.local.date() == wall.date() else f"{run.local:%H:%M} on {_day(run.local)}"
    )
    words = f"{wall:%H:%M} does not exist on {_day(wall)}, when clocks go forward: it runs at {when}."
    return replace(run, words=words)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC, at which the clocks change between two."""
    old = _offset_at(before, zone)
    while after - before > SECOND:
        middle = before + timedelta(seconds=(after - before) // SECOND // 2)
        before, after = (middle, after) if _offset_at(middle, zone) == old else (before, middle)
    return after


def _offset_at(utc: datetime, zone: tzinfo) -> timedelta | None:
    return utc.replace(tzinfo=UTC).astimezone(zone).utcoffset()


def _run(utc: datetime, zone: tzinfo, note: Note = Note.NONE, words: str = "") -> Occurrence:
    at = utc.replace(tzinfo=UTC)
    return Occurrence(at, at.astimezone(zone), note, words)


def _day(wall: datetime) -> str:
    return f"{wall:%b} {wall.day}"
