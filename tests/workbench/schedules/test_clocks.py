"""Rules on the days on which clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.workbench.schedules import Note, Occurrence
from tests.workbench.schedules.test_dialect import rule


def runs_of(text: str, zone: str, start: str, hours: int = 24) -> list[Occurrence]:
    begin = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return list(rule(text).between(begin, begin + timedelta(hours=hours), ZoneInfo(zone)))


def local(runs: list[Occurrence]) -> list[str]:
    return [f"{run.local:%H:%M%z}" for run in runs]


SPRING, AUTUMN = "2026-03-29", "2026-10-25"  # Berlin: 02:00 -> 03:00, 03:00 -> 02:00


def test_a_fixed_hour_that_does_not_exist_runs_at_the_next_valid_instant_once():
    (run,) = runs_of("30 2 * * *", "Europe/Berlin", SPRING)
    assert (run.at, f"{run.local:%H:%M}") == (datetime(2026, 3, 29, 1, tzinfo=UTC), "03:00")
    assert run.note == Note.MOVED
    assert run.words == "02:30 does not exist on Mar 29, when clocks go forward: it runs at 03:00."
    assert local(runs_of("*/10 2 * * *", "Europe/Berlin", SPRING)) == ["03:00+0200"]
    assert local(runs_of("0 2,3 * * *", "Europe/Berlin", SPRING)) == ["03:00+0200"]


def test_a_fixed_hour_that_comes_twice_runs_once_the_first_time():
    (run,) = runs_of("30 2 * * *", "Europe/Berlin", AUTUMN, 25)
    assert run.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert (run.note, "it runs the first time" in run.words) == (Note.DOUBLED, True)
    assert local(runs_of("*/20 2 * * *", "Europe/Berlin", AUTUMN, 25)) == [
        "02:00+0200",
        "02:20+0200",
        "02:40+0200",
    ]


@pytest.mark.parametrize(
    ("text", "expected"), [("0 * * * *", 23), ("0 0-23 * * *", 23), ("*/10 * * * *", 138)]
)
def test_every_hour_leaves_out_the_hour_that_does_not_exist(text, expected):
    runs = runs_of(text, "Europe/Berlin", SPRING, 23)
    assert len(runs) == expected
    gaps = {later.at - earlier.at for earlier, later in pairwise(runs)}
    assert len(gaps) == 1  # the clock on the wall jumps, time does not
    (marked,) = [run for run in runs if run.note]
    assert (marked.note, f"{marked.local:%H:%M}") == (Note.AFTER_SKIPPED, "03:00")
    assert marked.words.startswith("02:00 ")


def test_every_hour_runs_twice_in_the_hour_that_comes_twice():
    runs = runs_of("0 * * * *", "Europe/Berlin", AUTUMN, 25)
    assert len(runs) == 25
    assert [f"{run.local:%H:%M%z}" for run in runs if run.note] == ["02:00+0200", "02:00+0100"]
    assert {run.note for run in runs} == {Note.NONE, Note.DOUBLED}


def test_a_step_in_the_hours_follows_the_clock_on_the_wall():
    spring, autumn = (runs_of("0 */2 * * *", "Europe/Berlin", day, 5) for day in (SPRING, AUTUMN))
    assert local(spring) == ["00:00+0100", "04:00+0200"]
    assert local(autumn) == ["00:00+0200", "02:00+0200", "02:00+0100"]


def test_half_an_hour_at_lord_howe():
    assert local(runs_of("15 2 * * *", "Australia/Lord_Howe", "2026-10-04")) == ["02:30+1100"]
    assert local(runs_of("45 1 * * *", "Australia/Lord_Howe", "2026-04-05")) == ["01:45+1100"]
    assert local(runs_of("45 * * * *", "Australia/Lord_Howe", "2026-04-05", 3)) == [
        "00:45+1100",
        "01:45+1100",
        "01:45+1030",
    ]


def test_midnight_that_does_not_exist():
    (run,) = runs_of("0 0 * * *", "Africa/Cairo", "2026-04-24 00:00", 20)
    assert (f"{run.local:%m-%d %H:%M}", run.note) == ("04-24 01:00", Note.MOVED)


def test_a_day_that_does_not_exist():
    """Samoa had no December 30 in 2011."""
    runs = runs_of("0 12 * * *", "Pacific/Apia", "2011-12-29", 61)
    assert [f"{run.local:%m-%d %H:%M}" for run in runs] == [
        "12-29 12:00",
        "12-31 00:00",
        "12-31 12:00",
        "01-01 12:00",
    ]
    assert (
        runs[1].words == "12:00 does not exist on Dec 30, when clocks go forward: it runs at 00:00 on Dec 31."
    )
    together = runs_of("0 0 * * *", "Pacific/Apia", "2011-12-29", 60)
    assert [f"{run.local:%m-%d %H:%M}" for run in together] == ["12-29 00:00", "12-31 00:00", "01-01 00:00"]


def test_clocks_that_go_back_over_midnight():
    """St. John's went from 00:01 back to 23:01 of the day before."""
    runs = runs_of("0,30 * * * *", "America/St_Johns", "2005-10-29 23:00", 3)
    first_time = ["29 23:00-0230", "29 23:30-0230", "30 00:00-0230"]
    assert [f"{run.local:%d %H:%M%z}" for run in runs] == [
        *first_time,
        "29 23:30-0330",
        "30 00:00-0330",
        "30 00:30-0330",
    ]
    once = runs_of("0,30 23,0 * * *", "America/St_Johns", "2005-10-29 23:00", 3)
    assert [f"{run.local:%d %H:%M%z}" for run in once] == [*first_time, "30 00:30-0330"]


def test_a_rule_is_never_converted_to_utc():
    runs = islice(rule("0 9 1 * *").after(datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("America/New_York")), 12)
    assert {f"{run.local:%H:%M}" for run in runs} == {"09:00"}


RULES = st.sampled_from(
    [
        "30 2 * * *",
        "*/15 * * * *",
        "0 */3 * * *",
        "5,35 0,1,2,23 * * *",
        "0 0 1 * *",
        "59 23 * * sun",
        "* 2 * * *",
    ]
)


@settings(deadline=None, max_examples=150)
@given(
    text=RULES,
    zone=st.sampled_from(sorted(available_timezones())),
    start=st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001  given a zone below
    ahead=st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_wherever_one_begins_to_look_the_runs_are_the_same(text, zone, start, ahead):
    begin = start.replace(tzinfo=UTC)
    runs = list(rule(text).between(begin, begin + timedelta(days=40), ZoneInfo(zone)))
    instants = [run.at for run in runs]
    assert instants == sorted(set(instants))
    later = list(rule(text).between(begin + ahead, begin + timedelta(days=40), ZoneInfo(zone)))
    assert later == [run for run in runs if run.at >= begin + ahead]
    assert all(run.local.astimezone(UTC) == run.at for run in runs)
