"""What people do with schedules, and what each refusal says."""

from datetime import date

import pytest

from console.workbench import backfills, firing, scheduling, slots
from console.workbench.models import Job, Schedule
from console.workbench.schedules import CronError
from console.workbench.scheduling import ScheduleRefused
from tests.factories import make_query, make_schedule, make_user
from tests.workbench.firing.conftest import end_jobs, listed, slot

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def refused(call, *arguments, **keywords) -> str:
    with pytest.raises(ScheduleRefused) as caught:
        call(*arguments, **keywords)
    return str(caught.value)


# The rule ----------------------------------------------------------------------------------------


def test_a_query_gets_its_schedule(clock):
    query = make_query()
    schedule = scheduling.set_rule(query, " 0 0 1 * 1 ", "Asia/Tokyo", 600, query.owner)
    assert schedule is not None
    assert (schedule.cron, schedule.zone, schedule.delay, schedule.owner) == (
        "0 0 1 * 1",
        "Asia/Tokyo",
        600,
        query.owner,
    )
    coming = slots.upcoming(schedule, 2)
    assert [f"{one.occurrence.local:%m-%d %H:%M}" for one in coming] == ["03-09 00:00", "03-16 00:00"]
    assert [f"{one.starts_at:%m-%d %H:%M}" for one in coming] == ["03-08 15:10", "03-15 15:10"]
    assert [one.starts_at for one in slots.preview("0 0 1 * 1", "Asia/Tokyo", 600, 2)] == [
        one.starts_at for one in slots.upcoming(schedule, 2)
    ]
    assert list(scheduling.schedules_of("query")) == [schedule]


def test_none_keeps_the_history(clock):
    schedule = make_schedule()
    clock.to("10:00")
    firing.turn()
    gone = scheduling.set_rule(schedule, "", "UTC", 0, schedule.owner)
    assert gone is not None
    assert (gone.pk, gone.next_slot, slots.upcoming(gone, 5)) == (schedule.pk, None, [])
    assert listed(schedule) == [("02 10:00", "fired")]
    assert list(scheduling.schedules_of()) == []
    clock.to("12:00")
    end_jobs()
    assert firing.turn() == 0
    assert scheduling.set_rule(make_query(), "", "UTC", 0, schedule.owner) is None


def test_a_rule_that_cannot_be(clock):
    query = make_query()

    def set_rule(cron="@daily", zone="UTC", delay=0, **days):
        return scheduling.set_rule(query, cron, zone, delay, query.owner, **days)

    with pytest.raises(CronError):
        set_rule("0 0 * * 7")
    assert refused(set_rule, zone="Tokyo") == "“Tokyo” is not a time zone. Choose one such as Asia/Tokyo."
    assert "7 days" in refused(set_rule, delay=700_000)
    assert "0 to" in refused(set_rule, delay=-1)
    assert "later end" in refused(set_rule, starts_on=date(2026, 5, 1), ends_on=date(2026, 4, 1))
    assert not Schedule.objects.exists()


def test_a_changed_rule_promises_from_now_on(clock):
    schedule = make_schedule("0 0 * * *")
    scheduling.set_rule(schedule, "*/10 * * * *", "UTC", 0, schedule.owner)
    clock.to("09:40")
    firing.turn()
    assert listed(schedule) == [("02 09:40", "fired")]


def test_a_slot_between_its_time_and_its_start_is_skipped_by_a_change_of_rule(clock):
    schedule = make_schedule(delay=1200)
    clock.to("10:05")
    scheduling.set_rule(schedule, "30 * * * *", "UTC", 1200, schedule.owner)
    assert listed(schedule) == [("02 10:00", "skipped")]
    assert slot(schedule, "02 10:00").reason == "The schedule was changed before this run could start."


def test_a_change_of_the_delay_alone_keeps_the_slot(clock):
    schedule = make_schedule(delay=1200)
    clock.to("10:05")
    scheduling.set_rule(schedule, "0 * * * *", "UTC", 600, schedule.owner)
    clock.to("10:10")
    assert firing.turn() == 1
    assert listed(schedule) == [("02 10:00", "fired")]


# Pause, resume -----------------------------------------------------------------------------------


def test_what_comes_due_during_a_pause_is_skipped(clock, user):
    schedule = make_schedule()
    scheduling.pause(schedule, user)
    clock.to("12:30")
    assert firing.turn() == 0
    assert slots.upcoming(schedule, 1) != []  # the caller's own copy
    schedule.refresh_from_db()
    assert slots.upcoming(schedule, 1) == []
    scheduling.resume(schedule, user)
    assert listed(schedule) == [("02 10:00", "skipped"), ("02 11:00", "skipped"), ("02 12:00", "skipped")]
    assert slot(schedule, "02 11:00").reason == "Paused by member@example.com."
    clock.to("13:00")
    assert firing.turn() == 1


def test_a_pause_shorter_than_the_wait_loses_nothing(clock, user):
    schedule = make_schedule(delay=600)
    clock.to("10:01")
    scheduling.pause(schedule, user)
    clock.to("10:05")
    scheduling.resume(schedule, user)
    clock.to("10:10")
    assert firing.turn() == 1
    assert listed(schedule) == [("02 10:00", "fired")]


def test_a_pause_lets_nothing_start_that_waits(clock, user):
    schedule = make_schedule()
    for hour in ("10", "11"):
        clock.to(f"{hour}:00")
        firing.turn()
    scheduling.pause(schedule, user, "The table is being rebuilt.")
    end_jobs()
    assert firing.turn() == 0
    assert slot(schedule, "02 11:00").reason == "The schedule was paused before this run could start."
    schedule.refresh_from_db()
    assert (schedule.paused_by, schedule.paused_reason) == (user, "The table is being rebuilt.")
    assert "paused already" in refused(scheduling.pause, schedule, user)
    scheduling.resume(schedule, user)
    assert "not paused" in refused(scheduling.resume, schedule, user)


# Run now -----------------------------------------------------------------------------------------


def test_run_now_is_for_this_moment_and_no_slot(clock, user):
    schedule = make_schedule()
    job = scheduling.run_now(schedule, user)
    assert (job.user, job.scheduled_time) == (user, int(clock.now.timestamp()))
    assert listed(schedule) == []
    assert refused(scheduling.run_now, schedule, user) == (
        f"Job {job.pk} of this schedule is still running. Wait until it has ended, or kill it."
    )
    clock.to("10:00")
    assert firing.turn() == 0
    assert listed(schedule) == [("02 10:00", "queued")]


def test_run_now_of_a_query_without_sql(clock, user):
    schedule = make_schedule(query=make_query(name="empty", sql=" "))
    assert refused(scheduling.run_now, schedule, user) == "empty has no SQL. Write a SELECT and save it."
    assert not Job.objects.exists()


# Backfill ----------------------------------------------------------------------------------------


def test_missed_slots_run_one_after_the_other_oldest_first(clock, user):
    schedule = make_schedule()
    clock.to("13:30")
    firing.turn()
    end_jobs()
    chosen = [one.pk for one in slots.offered(schedule)]
    backfills.backfill_slots(schedule, chosen, user)
    assert {state for _, state in listed(schedule)[:3]} == {"queued"}
    times = []
    while firing.turn():
        job = Job.objects.unfinished().get()
        times.append((job.user, job.scheduled_time, job.slot.lateness))
        end_jobs()
    hour = 3600
    ten = int(slot(schedule, "02 10:00").time.timestamp())
    assert times == [(user, ten, None), (user, ten + hour, None), (user, ten + 2 * hour, None)]
    assert slot(schedule, "02 10:00").reason == "Asked for by member@example.com."
    assert "Load the page again" in refused(backfills.backfill_slots, schedule, chosen, user)


def test_a_slot_that_comes_due_goes_before_a_backfill(clock, user):
    schedule = make_schedule()
    clock.to("13:30")
    firing.turn()
    backfills.backfill_slots(schedule, [one.pk for one in slots.offered(schedule)], user)
    clock.to("14:00")
    firing.turn()
    end_jobs()
    firing.turn()
    assert [state for _, state in listed(schedule)] == ["queued", "queued", "queued", "fired", "fired"]


def test_a_range_from_before_the_schedule_existed(clock, user):
    schedule = make_schedule("0 0 * * *")
    start, end = (clock.now.replace(month=2, day=day) for day in (1, 3))
    made = backfills.backfill(schedule, start, end, user)
    assert [f"{one.time:%m-%d}" for one in made] == ["02-02", "02-03"]
    assert "has run or waits already" in refused(backfills.backfill, schedule, start, end, user)
    assert backfills.withdraw(schedule, user) == 2
    assert [state for _, state in listed(schedule)] == ["skipped", "skipped"]


def test_a_range_that_cannot_be_run(clock, user):
    schedule = make_schedule("* * * * *")
    now = clock.now
    assert "later end" in refused(backfills.backfill, schedule, now, now, user)
    assert refused(backfills.backfill, schedule, now.replace(day=1), now, user) == (
        "More than 1,000 runs were asked for. Ask for at most 1,000 at once."
    )
    assert "before now" in refused(backfills.backfill, schedule, now.replace(day=3), now.replace(day=4), user)
    scheduling.pause(schedule, user)
    assert "Resume it" in refused(backfills.backfill, schedule, now.replace(day=1), now, user)


def test_runs_across_the_console_in_order(clock):
    a, b = make_schedule("0 10,12 * * *"), make_schedule("0 11,12 * * *", delay=60)
    paused = make_schedule("* * * * *")
    scheduling.pause(paused, make_user())
    found = [
        (f"{one.starts_at:%H:%M}", one.schedule)
        for one in slots.next_across_console(clock.now.replace(hour=13))
    ]
    assert found == [("10:00", a), ("11:01", b), ("12:00", a), ("12:01", b)]
