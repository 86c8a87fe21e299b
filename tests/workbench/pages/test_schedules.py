"""The Schedules page and one schedule's own: what they say, what may be done, and bounded SQL."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.accounts.models import User
from console.workbench import firing, scheduling, timeline
from console.workbench.models import Job, Schedule, Slot
from console.workbench.timeline_picture import strip
from tests.factories import make_query, make_schedule
from tests.workbench.firing.conftest import FakeClock, end_jobs

URL = "/workbench/schedules/"
Page = Callable[..., str]


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def scheduled(owner: User, name: str, cron: str = "0 * * * *", **fields: Any) -> Schedule:
    return make_schedule(query=make_query(name=name, owner=owner), cron=cron, **fields)


def names(html: str) -> list[str]:
    return re.findall(r'<a class="w5 sc-name"[^>]*>([^<]+)</a>', html)


def menu(html: str, schedule: Schedule) -> str:
    return text(html.split(f'id="menu-{schedule.pk}" ')[1].split(">", 1)[1].split("</div>")[0])


# The list ----------------------------------------------------------------------------------------


def test_the_empty_page_says_what_comes_here_and_how(page: Page) -> None:
    html = page(URL)
    assert "No schedules yet" in html
    assert 'href="/workbench/queries/"' in html
    assert "<svg viewBox" not in html


def test_what_runs_next_is_first_across_owners(page: Page, owner: User, stranger: User) -> None:
    scheduled(owner, "at noon", "0 12 * * *")
    scheduled(stranger, "soon", "45 9 * * *")
    scheduled(owner, "delayed", "30 9 * * *", delay=3600 * 3)
    paused = scheduled(owner, "paused", "31 9 * * *")
    scheduling.pause(paused, owner)
    html = page(URL)
    assert names(html) == ["soon", "at noon", "delayed", "paused"]
    assert "in 15 min" in html
    assert "4 schedules. What runs next is first." in text(html)


def test_a_row_says_the_rule_the_last_result_and_how_late_it_started(
    page: Page, owner: User, clock: FakeClock
) -> None:
    schedule = scheduled(owner, "mondays", "0 10 * * 1", zone="UTC", delay=600)
    clock.to("10:12")
    firing.turn()
    end_jobs("success")
    html = page(URL)
    for words in ("At 10:00 every Monday", "0 10 * * 1", "UTC, 10 min later", "Done", "2 min"):
        assert words in text(html)
    assert 'class="num hide-s sc-late w5">2 min' in html
    assert f'href="/workbench/jobs/{schedule.slots.get().job_id}/"' in html


def test_missed_runs_are_counted_and_lead_to_their_list(page: Page, owner: User, clock: FakeClock) -> None:
    schedule = scheduled(owner, "hourly")
    clock.to("13:00")
    firing.turn()
    html = page(URL)
    assert f'href="/workbench/schedules/{schedule.pk}/?state=missed">3 missed' in html


def test_the_filters_count_and_choose(page: Page, owner: User, clock: FakeClock) -> None:
    scheduled(owner, "well", "0 23 * * *")
    scheduling.pause(scheduled(owner, "paused", "0 23 * * *"), owner, "Over the holidays.")
    failing = scheduled(owner, "failing")
    clock.to("10:00")
    firing.turn()
    end_jobs("error", error_kind="settings", error_message="Table www is not there.")
    firing.turn()
    failing.refresh_from_db()
    assert failing.failures == 1
    html = page(URL)
    assert re.findall(r'">(All|Paused|Failing) <span class="t3">(\d)', html) == [
        ("All", "3"), ("Paused", "1"), ("Failing", "1"),
    ]  # fmt: skip
    assert "Failed 1 time in a row. Table www is not there." in text(html)
    assert "Over the holidays." in html
    assert names(page(URL, show="paused")) == ["paused"]
    assert names(page(URL, show="failing")) == ["failing"]
    assert names(page(URL, show="nonsense")) == ["failing", "well", "paused"]


def test_the_search_marks_and_answers_a_fragment(page: Page, owner: User) -> None:
    scheduled(owner, "regional_contacts")
    scheduled(owner, "other")
    html = page(URL, q="CONT", htmx="schedule-list")
    assert "<html" not in html
    assert 'regional_<mark class="hit">cont</mark>acts' in html
    assert "1 of 2 schedules matches" in text(html)
    assert "No schedule matches “&lt;zzz&gt;”" in page(URL, q="<zzz>")
    assert "No schedule is paused" in page(URL, show="paused")


def test_a_rule_that_was_taken_away_is_not_listed(page: Page, owner: User) -> None:
    schedule = scheduled(owner, "was scheduled")
    scheduling.set_rule(schedule, "", "UTC", 0, owner)
    assert "No schedules yet" in page(URL)
    assert "The schedule is None." in page(f"{URL}{schedule.pk}/")


def test_the_menu_offers_what_one_may_do(page: Page, owner: User, stranger: User) -> None:
    mine, theirs = scheduled(owner, "mine"), scheduled(stranger, "theirs")
    paused = scheduled(owner, "paused")
    scheduling.pause(paused, owner)
    html = page(URL)
    assert menu(html, mine) == "Open query Run now Pause Backfill... History"
    assert menu(html, paused) == "Open query Run now Resume Backfill... History"
    assert menu(html, theirs) == "Open query Run now History"


@pytest.mark.parametrize("count", [3, 60])
def test_many_schedules_take_no_more_than_twenty_statements(
    client_logged_in: Client, owner: User, clock: FakeClock, count: int
) -> None:
    for number in range(count):
        scheduled(owner, f"query {number}", f"{number % 60} * * * *")
    clock.to("12:59")
    firing.turn()
    end_jobs("error", error_kind="settings", error_message="No.")
    firing.turn()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        html = client_logged_in.get(URL).content.decode()
    assert len(names(html)) == min(count, 50)
    assert len(asked) <= 20, "\n".join(one["sql"] for one in asked.captured_queries)


# The picture -------------------------------------------------------------------------------------


def test_the_picture_counts_each_run_in_its_quarter_of_an_hour(page: Page, owner: User) -> None:
    for number in range(12):
        scheduled(owner, f"nightly {number}", "0 0 * * *")
    scheduled(owner, "later", "0 0 * * *", delay=900)
    scheduled(owner, "often", "*/5 * * * *")
    day = timeline.day()
    assert day.total == 12 + 1 + 288
    assert day.most == 15
    bars = {f"{bar.begin:%H:%M}": bar.runs for bar in day.bars}
    assert (bars["00:00"], bars["00:15"], bars["00:30"]) == (15, 4, 3)
    assert bars["09:30"] == 3
    assert sum(runs for _, runs, _ in day.hours) == day.total
    html = page(URL)
    assert "301 runs. The busiest quarter of an hour begins at 00:00, with 15." in html
    assert 'role="img" aria-labelledby="tl-title tl-desc"' in html
    rows = [text(row) for row in re.findall(r"<tr><td>Tue Mar 3.*?</tr>", html)]
    assert rows[0] == "Tue Mar 3, 00:00 25 15"


def test_the_picture_is_on_the_readers_clock(page: Page, owner: User) -> None:
    owner.time_zone = "Asia/Kathmandu"  # UTC+05:45
    owner.save()
    scheduled(owner, "one", "0 12 * * *")
    html = page(URL)
    assert "begins at 17:45, with 1." in html
    assert re.findall(r"<span(?: class=\"odd\")?>(\d\d:\d\d)</span>", html)[:2] == ["15:00", "18:00"]


def test_paused_and_ended_schedules_are_not_in_the_picture(owner: User, clock: FakeClock) -> None:
    scheduling.pause(scheduled(owner, "paused"), owner)
    scheduled(owner, "over", ends_on=clock.now.date())
    assert timeline.day().total == 14  # 10:00 to 23:00 today


def test_more_rules_than_are_counted_are_owned_up_to(
    page: Page, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "RULES", 2)
    for number in range(3):
        scheduled(owner, f"{number}", f"{number} 12 * * *")
    assert timeline.day().left_out == 1
    assert "1 rarer rule not counted" in page(URL)


def test_marks_that_would_touch_become_one(clock: FakeClock) -> None:
    begin = clock.now
    every_minute = [begin + timedelta(minutes=number) for number in range(25 * 60)]
    assert strip(every_minute, begin).count("<rect") == 1
    assert strip(every_minute[::120], begin).count("<rect") == 13


# One schedule ------------------------------------------------------------------------------------


@pytest.fixture
def lived(owner: User, clock: FakeClock) -> Schedule:
    """Hourly. Nobody looked between 10:00 and 14:00; the run of 14:00 goes on, so 16:00 waits in place of 15:00."""
    schedule = scheduled(owner, "lived")
    for hour in ("10:00", "14:00", "15:00", "16:00"):
        if hour == "14:00":
            end_jobs("success")
        clock.to(hour)
        firing.turn()
    return schedule


def test_the_history_says_what_became_of_each_slot_and_why(page: Page, lived: Schedule) -> None:
    html = page(f"{URL}{lived.pk}/")
    table = re.sub(
        r'<span class="s12 sc-small">.*?</span>', "", html.split('id="slot-list"')[1]
    )  # narrow screens
    rows = [text(row) for row in re.findall(r"<tr>.*?</tr>", table)][1:]
    assert [re.sub(r" (\d+|None) .*", "", row) for row in rows] == [
        "Mon Mar 2, 16:00 Queued", "Mon Mar 2, 15:00 Skipped", "Mon Mar 2, 14:00 Fired", "Mon Mar 2, 13:00 Missed",
        "Mon Mar 2, 12:00 Missed", "Mon Mar 2, 11:00 Missed", "Mon Mar 2, 10:00 Fired",
    ]  # fmt: skip
    assert rows[2].startswith(f"Mon Mar 2, 14:00 Fired {lived.slots.get(time__hour=14).job_id} Queued 0.0 s")
    assert "took its place in the queue" in html
    assert "The scheduler was not running." in html
    assert re.findall(r'">(\w+) <span class="t3">(\d)', html.split('id="slot-list"')[1]) == [
        ("All", "7"), ("Fired", "2"), ("Queued", "1"), ("Missed", "3"), ("Skipped", "1"),
    ]  # fmt: skip
    assert 'hx-trigger="every 3s"' in html  # one goes on
    only = page(f"{URL}{lived.pk}/", state="missed", htmx="slot-list")
    assert "<html" not in only
    assert only.count("Missed</span>") == 3


def test_the_history_is_read_page_by_page(page: Page, owner: User, clock: FakeClock) -> None:
    schedule = scheduled(owner, "old")
    times = [clock.now - timedelta(hours=number) for number in range(1, 121)]
    Slot.objects.bulk_create(
        Slot(schedule=schedule, time=time, due_at=time, state="skipped", reason=f"No. {number}")
        for number, time in enumerate(times, 1)
    )
    seen: list[str] = []
    address = f"{URL}{schedule.pk}/"
    while address:
        html = page(address)
        seen += re.findall(r'sc-why">No\. (\d+)', html)
        older = re.search(r'href="(\?state=&amp;before=\d+)">Older', html)
        address = f"{URL}{schedule.pk}/{older[1].replace('&amp;', '&')}" if older else ""
    assert seen == [str(number) for number in range(1, 121)]


def test_a_schedule_without_runs_says_when_the_first_is(page: Page, owner: User) -> None:
    html = page(f"{URL}{scheduled(owner, 'new').pk}/")
    assert "No runs yet" in html
    assert "The first is Mon Mar 2, 10:00." in html
    assert page(f"{URL}4711/", status=404)


def test_pause_asks_why_and_resume_is_one_button(client_logged_in: Client, page: Page, owner: User) -> None:
    schedule = scheduled(owner, "one")
    address = f"{URL}{schedule.pk}/"
    assert "Pause the schedule of one" in page(f"{address}pause/")
    client_logged_in.post(f"{address}pause/", {"reason": "The partner moves house."})
    schedule.refresh_from_db()
    assert schedule.paused_reason == f"Paused by {owner}: The partner moves house."
    html = page(address)
    assert "The partner moves house." in html
    assert html.count(f'action="{address}resume/"') == 1
    assert "None while it is paused." in html
    again = client_logged_in.post(f"{address}pause/", {"back": address})
    assert "The schedule is paused already." in str(*get_messages(again.wsgi_request))
    client_logged_in.post(f"{address}resume/")
    schedule.refresh_from_db()
    assert not schedule.is_paused


def test_resume_goes_back_to_where_it_was_pressed_and_nowhere_else(
    client_logged_in: Client, owner: User, clock: FakeClock
) -> None:
    schedule = scheduled(owner, "one")
    for back, leads in (
        (f"{URL}?show=paused", f"{URL}?show=paused"),
        ("https://evil.example/", f"{URL}{schedule.pk}/"),
        ("//evil.example/", f"{URL}{schedule.pk}/"),
    ):
        scheduling.pause(schedule, owner)
        assert client_logged_in.post(f"{URL}{schedule.pk}/resume/", {"back": back})["Location"] == leads


def test_run_now_leads_to_its_job_and_is_anybodys(
    client_logged_in: Client, page: Page, stranger: User, owner: User
) -> None:
    schedule = scheduled(stranger, "theirs")
    run = f"{URL}{schedule.pk}/run/"
    reply = client_logged_in.post(run)
    job = Job.objects.get()
    assert reply["Location"] == f"/workbench/jobs/{job.pk}/"
    assert job.user == owner
    busy = client_logged_in.post(run, {"back": URL})
    assert busy["Location"] == URL
    assert f"Job {job.pk} of this schedule is still running." in page(URL)


def test_somebody_elses_schedule_can_be_seen_and_not_changed(
    client_logged_in: Client, page: Page, stranger: User
) -> None:
    schedule = scheduled(stranger, "theirs")
    html = page(f"{URL}{schedule.pk}/")
    assert "Only Stranger or an administrator may change it." in html
    for act in ("pause", "resume", "backfill", "withdraw"):
        assert f"/{act}/" not in html
        assert client_logged_in.post(f"{URL}{schedule.pk}/{act}/").status_code == 403
    schedule.refresh_from_db()
    assert not schedule.is_paused


# The frame ---------------------------------------------------------------------------------------


def test_the_side_bar_and_the_search_know_schedules(page: Page, owner: User) -> None:
    schedule = scheduled(owner, "regional_contacts", "15 4 * * *", zone="Asia/Tokyo")
    html = page(URL)
    assert re.search(r'href="/workbench/schedules/" aria-current="page">Schedules<span class="n">1<', html)
    found = page("/search/", q="regional")
    assert f'href="/workbench/schedules/{schedule.pk}/"' in found
    assert "15 4 * * * · Asia/Tokyo" in found


def test_a_scheduler_that_stands_still_is_said_on_the_page(page: Page, owner: User) -> None:
    scheduled(owner, "one")
    html = page(URL)  # no watch beats in a test
    assert "Scheduler stopped · Workers 0 of" in html
    assert "Runs that are due start late, or not at all." in html
