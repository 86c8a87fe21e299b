"""The same runs as croniter, over 20 zones and five years, for rules that both dialects read alike.

Where they differ is listed in docs/schedules.md; on the days on which clocks change they may, and on no other.
"""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter

from console.workbench.schedules.clocks import steady_offset
from tests.workbench.schedules.test_dialect import rule

ZONES = (
    *("UTC", "Asia/Tokyo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Shanghai", "Asia/Tehran"),
    *("Europe/Berlin", "Europe/London", "Europe/Lisbon", "Africa/Cairo", "Africa/Casablanca"),
    *("America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo", "America/Santiago"),
    *("America/Havana", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham"),
)
YEARS = (2022, 2027)


def random_rule(chance: random.Random) -> str:
    """What both read alike: no step on days and months, not both kinds of day."""
    minute = chance.choice(["0", "30", "*/30", str(chance.randrange(60)), "5,50"])
    hour = chance.choice(["*/2", "*/6", str(chance.randrange(24)), "2", "0,12", "1-3", "22-23"])
    month = chance.choice(["*", "*", "*", "jan,jul", "3-11", "feb"])
    day, weekday = chance.choice(
        [
            ("*", "*"),
            ("*", "mon"),
            ("*", "sat,sun"),
            ("*", "1-5"),
            ("1", "*"),
            ("29-31", "*"),
            ("1,15", "*"),
            ("13", "*"),
        ]
    )
    return f"{minute} {hour} {day} {month} {weekday}"


@pytest.mark.parametrize("zone", ZONES)
def test_the_same_runs_as_croniter_but_for_days_on_which_clocks_change(zone):
    chance = random.Random(zone)
    info = ZoneInfo(zone)
    start, end = (datetime(year, 1, 1, tzinfo=info) for year in YEARS)
    compared = 0
    for text in {random_rule(chance) for _ in range(5)}:
        their_runs = takewhile(lambda at: at < end, croniter(text, start, ret_type=datetime).all_next())
        theirs = {at.astimezone(UTC) for at in their_runs}
        ours = {run.at for run in rule(text).between(start + timedelta(seconds=1), end, info)}
        differing = {at.astimezone(info).date() for at in ours ^ theirs}
        steady = sorted(day for day in differing if not _clocks_change(day, info))
        assert not steady, f"{text} in {zone}: {steady[:5]}"
        compared += len(ours & theirs)
    assert compared > 300


def _clocks_change(day: date, zone: ZoneInfo) -> bool:
    return steady_offset(day, zone) is None
