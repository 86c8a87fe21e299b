"""A year of 200 random schedules in 20 zones on a clock that is moved from start to start."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Min

from console.workbench import firing, runners, slots
from console.workbench.models import Job, Schedule, Slot
from console.workbench.schedules import Note
from tests.factories import make_query, make_schedule
from tests.workbench.schedules.test_against_croniter import ZONES

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
YEAR = datetime(2027, 1, 1, tzinfo=UTC)
END = datetime(2028, 1, 1, tzinfo=UTC)


def random_rule(chance: random.Random) -> str:
    """Mostly seldom, at few times of day, many of them in the hours in which clocks change."""
    time = f"{chance.choice(['0', '0', '30'])} {chance.choice(['0', '2', '12', '2,3'])}"
    days = chance.choices(
        [
            "1 * *",
            "*/10 jan,jun *",
            "29-31 mar,oct *",
            "13 jan,oct mon",
            "1 jan,jul 1",
            "* feb sun",
            "* mar,oct,nov sun",
        ],
        weights=[20, 1, 1, 1, 1, 1, 4],
    )
    return f"{time} {days[0]}"


def often(chance: random.Random, zone: str) -> dict[str, object]:
    """Every hour or two on the two days about a change of clocks, or in March where there is none."""
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(363)]
    changes = [day for day in days if not _same_offset(day, zone)] or [date(2027, 3, 28)]
    day = chance.choice(changes)
    rule = chance.choice(["0 * * * *", "30 */2 * * *", "0,30 2 * * *", "30 0-4 * * *"])
    return {"cron": rule, "starts_on": day, "ends_on": day + timedelta(days=1)}


def _same_offset(day: date, zone: str) -> bool:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    return (noon + timedelta(days=1)).utcoffset() == noon.utcoffset()


@pytest.fixture
def done_at_once(monkeypatch):
    """Runs that end as they begin, so that none waits for another."""
    runner = runners._runners["query"]

    def job(schedule: Schedule, at: datetime, user) -> Job:
        made = runner.job(schedule, at, user)
        made.status = Job.Status.SUCCESS
        return made

    monkeypatch.setitem(
        runners._runners, "query", runners.Runner("query", job, str, str, lambda *_: True, ("query",))
    )


def test_exactly_what_was_listed_is_fired(clock, done_at_once):
    clock.now = YEAR
    chance = random.Random(2027)
    owner = make_query().owner
    schedules = []
    for number in range(200):
        zone = ZONES[number % len(ZONES)]
        fields = {"cron": random_rule(chance)} if number % 10 else often(chance, zone)
        delay = chance.choice([0, 0, 0, 1800, 5400])
        schedules.append(make_schedule(query=make_query(owner=owner), zone=zone, delay=delay, **fields))
    promised = defaultdict(list)
    for one in slots.next_across_console(END):
        promised[one.schedule.pk].append(one)
    for schedule in schedules:  # the picker's list of one schedule says the same
        assert slots.upcoming(schedule, 5)[: len(promised[schedule.pk])] == promised[schedule.pk][:5]
    while (due := Schedule.objects.aggregate(at=Min("due_at"))["at"]) and due < END:
        clock.now = due
        assert firing.fire_due() > 0
    kept = defaultdict(list)
    for slot in Slot.objects.order_by("time").select_related("job"):
        assert (slot.state, slot.reason) == ("fired", "")
        assert slot.job
        assert slot.job.scheduled_time == int(slot.time.timestamp())
        kept[slot.schedule_id].append((slot.time, slot.fired_at))
    assert kept == {
        pk: [(one.occurrence.at, one.starts_at) for one in coming]
        for pk, coming in promised.items()
        if coming
    }
    assert sum(map(len, kept.values())) == Job.objects.count() > 1500
    notes = {one.occurrence.note for coming in promised.values() for one in coming}
    assert notes == set(Note)
