"""Backfill...: nothing runs that was not in the list that was agreed to."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from console.accounts.models import User
from console.workbench import firing, scheduling
from console.workbench.models import Job, Schedule
from tests.factories import make_query, make_schedule
from tests.workbench.firing.conftest import FakeClock, end_jobs, listed

Post = Callable[..., str]


@pytest.fixture
def schedule(owner: User, clock: FakeClock) -> Schedule:
    """Hourly in Tokyo; 10:00 to 12:00 UTC were missed, 13:00 has run."""
    made = make_schedule(query=make_query(name="hourly", owner=owner), cron="0 * * * *", zone="Asia/Tokyo")
    clock.to("13:00")
    firing.turn()
    end_jobs()
    clock.to("13:05")
    return made


@pytest.fixture
def post(client_logged_in: Client, schedule: Schedule) -> Post:
    def post(status: int = 200, **fields: object) -> str:
        reply = client_logged_in.post(f"/workbench/schedules/{schedule.pk}/backfill/", fields)
        assert reply.status_code == status, reply.content.decode()[:3000]
        return reply.content.decode()

    return post


def times(html: str) -> list[str]:
    return re.findall(r"<time [^>]*>([^<]+)</time>", html)


def hidden(html: str) -> dict[str, object]:
    """What the list's form posts."""
    form = html.split("<main")[1]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    fields: dict[str, object] = {name: value for name, value in found if name != "csrfmiddlewaretoken"}
    fields["slots"] = [value for name, value in found if name == "slots"]
    return fields | {"step": "agreed"}


def test_those_left_out_are_offered_first_and_the_missed_ones_are_ticked(
    page: Callable[..., str], schedule: Schedule
) -> None:
    html = page(f"/workbench/schedules/{schedule.pk}/backfill/")
    assert re.findall(r'<span class="w5">([^<]+)</span> · (\w+)', html) == [
        ("Mon Mar 2, 21:00", "Missed"), ("Mon Mar 2, 20:00", "Missed"), ("Mon Mar 2, 19:00", "Missed"),
    ]  # fmt: skip
    assert len(re.findall(r'name="slots" value="\d+" id="slot-\d+" checked', html)) == 3
    assert re.search(r'value="offered" id="backfill_way_0" checked', html)
    assert "3 missed or skipped" in html
    assert 'value="2026-02-23T00:00"' in html  # a week back, on Tokyo's clocks


def test_exactly_what_was_listed_is_queued_oldest_first(post: Post, schedule: Schedule) -> None:
    ids = list(schedule.slots.filter(state="missed").order_by("-time").values_list("pk", flat=True))
    html = post(way="offered", slots=ids[:2], step="list")
    assert times(html) == ["Mon Mar 2, 20:00", "Mon Mar 2, 21:00"]
    assert "Run 2 runs of hourly?" in html
    assert listed(schedule)[1] == ("02 11:00", "missed")  # nothing yet
    post(302, **hidden(html))
    assert listed(schedule) == [
        ("02 10:00", "missed"), ("02 11:00", "queued"), ("02 12:00", "queued"), ("02 13:00", "fired"),
    ]  # fmt: skip
    firing.turn()
    assert [job.scheduled_time for job in _jobs(schedule)] == [_unix(schedule, 11)]
    end_jobs()
    firing.turn()
    assert [job.scheduled_time for job in _jobs(schedule)] == [_unix(schedule, 11), _unix(schedule, 12)]


def test_a_range_lists_what_has_not_run_also_from_before_the_schedule(post: Post, schedule: Schedule) -> None:
    html = post(way="range", start="2026-03-02T17:00", end="2026-03-02T23:00", step="list")
    assert times(html) == [f"Mon Mar 2, {hour}:00" for hour in (17, 18, 19, 20, 21)]  # 22:00 has run
    assert html.count("Not listed") == 2
    post(302, **hidden(html))
    assert [time for time, state in listed(schedule) if state == "queued"] == [
        "02 08:00", "02 09:00", "02 10:00", "02 11:00", "02 12:00",
    ]  # fmt: skip


def test_what_comes_due_after_the_list_is_not_run_by_agreeing_to_it(
    post: Post, schedule: Schedule, clock: FakeClock
) -> None:
    html = post(way="range", start="2026-03-02T19:00", end="2026-03-03T19:00", step="list")
    assert len(times(html)) == 3
    clock.to("17:00")
    firing.turn()  # 14:00 to 16:00 are missed now, and in the range
    post(302, **hidden(html))
    assert [time for time, state in listed(schedule) if state == "queued"] == [
        "02 10:00",
        "02 11:00",
        "02 12:00",
    ]


def test_back_keeps_what_was_chosen(post: Post, schedule: Schedule) -> None:
    html = post(way="range", start="2026-03-02T19:00", end="2026-03-02T21:00", step="choose")
    assert 'value="2026-03-02T19:00"' in html
    assert re.search(r'value="range" id="backfill_way_1" checked', html)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"way": "offered"}, "Tick at least one run."),
        ({"way": "offered", "slots": ["4711"]}, "One of these runs has run or waits already."),
        ({"way": "range", "start": "", "end": "2026-03-02T21:00"}, "Fill in day and time."),
        ({"way": "range", "start": "yesterday", "end": "2026-03-02T21:00"}, "Write day and time as 2026-11-23 00:00."),
        ({"way": "range", "start": "2026-03-02T21:00", "end": "2026-03-02T20:00"}, "Choose a later end."),
        ({"way": "range", "start": "2026-03-02T22:00", "end": "2026-03-02T23:00"}, "has run or waits already"),
        ({"way": "range", "start": "2026-04-02T22:00", "end": "2026-04-03T23:00"}, "no run in this range before now"),
        ({"way": "range", "start": "2020-01-01T00:00", "end": "2026-03-02T20:00"}, "Ask for at most 1,000 at once."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_queued(
    post: Post, schedule: Schedule, fields: dict[str, object], words: str
) -> None:
    assert words in post(422, step="list", **fields)
    assert "queued" not in dict(listed(schedule)).values()


def test_a_paused_schedule_says_what_to_do_first(
    page: Callable[..., str], schedule: Schedule, owner: User
) -> None:
    scheduling.pause(schedule, owner)
    html = page(f"/workbench/schedules/{schedule.pk}/backfill/")
    assert "The schedule is paused. Resume it, then run what was left out." in html
    assert "List the runs" not in html


def test_a_backfill_that_waits_can_be_taken_back(
    client_logged_in: Client, page: Callable[..., str], post: Post, schedule: Schedule
) -> None:
    ids = list(schedule.slots.filter(state="missed").values_list("pk", flat=True))
    post(302, **hidden(post(way="offered", slots=ids, step="list")))
    address = f"/workbench/schedules/{schedule.pk}/"
    assert "3 runs of a backfill wait." in page(address)
    client_logged_in.post(f"{address}withdraw/")
    assert [state for _, state in listed(schedule)] == ["skipped", "skipped", "skipped", "fired"]
    assert "Taken back by" in page(address)


def _jobs(schedule: Schedule) -> list[Job]:
    return list(Job.objects.filter(slot__schedule=schedule, slot__backfill=True).order_by("slot__time"))


def _unix(schedule: Schedule, hour: int) -> int:
    return int(schedule.slots.get(time__hour=hour).time.timestamp())
