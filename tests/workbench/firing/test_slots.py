"""What comes of a slot: fired once, queued behind the run before it, missed while nobody was there."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ
from django_q.models import Schedule as Bell
from django_q.scheduler import scheduler

from console.workbench import firing, scheduling, slots, upkeep
from console.workbench.firing import bells, mending
from console.workbench.models import Job, Schedule, Slot
from tests.factories import make_query, make_schedule
from tests.workbench.firing.conftest import end_jobs, listed, slot

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


def bell(schedule: Schedule) -> Bell:
    schedule.refresh_from_db()
    return Bell.objects.get(pk=schedule.bell)


# Firing ------------------------------------------------------------------------------------------


def test_a_slot_becomes_a_job_in_the_queue(clock):
    query = make_query(sql="SELECT TD_SCHEDULED_TIME()", export_settings={"a": 1})
    schedule = make_schedule(query=query)
    assert firing.turn() == 0
    clock.to("10:00")
    assert firing.turn() == 1
    job = Job.objects.get()
    assert (job.query, job.user, job.sql, job.export_settings) == (query, query.owner, query.sql, {"a": 1})
    assert job.scheduled_time == int(clock.now.timestamp())
    assert [event.message for event in job.events.all()] == ["Queued"]
    fired = schedule.slots.get()
    assert (fired.state, fired.job, fired.lateness) == ("fired", job, timedelta(0))
    (rung,) = OrmQ.objects.all()
    assert (rung.task["func"], rung.task["args"]) == ("console.workbench.worker.run_job", (job.pk,))
    schedule.refresh_from_db()
    assert f"{schedule.next_slot:%H:%M}" == "11:00"


def test_a_slot_is_fired_once(clock):
    schedule = make_schedule()
    clock.to("10:00")
    assert [firing.turn(), firing.turn()] == [1, 0]
    firing.ring(schedule.pk)
    clock.to("10:59")
    assert firing.turn() == 0
    assert listed(schedule) == [("02 10:00", "fired")]


def test_the_delay_moves_the_start_and_not_the_slot(clock):
    schedule = make_schedule(delay=600)
    clock.to("10:09")
    assert firing.turn() == 0
    clock.to("10:10")
    assert firing.turn() == 1
    assert Job.objects.get().scheduled_time == int(datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp())
    assert listed(schedule) == [("02 10:00", "fired")]
    assert schedule.slots.get().lateness == timedelta(0)


def test_a_delay_longer_than_the_rule_starts_every_slot(clock):
    schedule = make_schedule(delay=5400)
    for _ in range(24):
        clock.forward(minutes=15)
        firing.turn()
        end_jobs()
    assert [time for time, _ in listed(schedule)] == [
        "02 10:00",
        "02 11:00",
        "02 12:00",
        "02 13:00",
        "02 14:00",
    ]
    assert {state for _, state in listed(schedule)} == {"fired"}


def test_lateness_is_kept(clock):
    schedule = make_schedule()
    clock.to("10:00:03")
    firing.turn()
    assert schedule.slots.get().lateness == timedelta(seconds=3)


def test_the_slot_is_the_time_on_the_zones_clock(clock):
    schedule = make_schedule("0 9 * * *", "Asia/Tokyo")
    clock.to("03-03 00:00")
    assert firing.turn() == 1
    assert listed(schedule) == [("03 00:00", "fired")]


def test_days_of_force(clock):
    schedule = make_schedule("0 12 * * *", starts_on=date(2026, 3, 4), ends_on=date(2026, 3, 5))
    assert [f"{one.starts_at:%d}" for one in slots.upcoming(schedule, 9)] == ["04", "05"]
    for _ in range(6):
        clock.forward(days=1)
        firing.turn()
        end_jobs()
    assert [time for time, _ in listed(schedule)] == ["04 12:00", "05 12:00"]
    schedule.refresh_from_db()
    assert (schedule.next_slot, schedule.due_at, schedule.bell) == (None, None, None)


# The second bell ---------------------------------------------------------------------------------


def test_each_schedule_owns_one_bell_for_its_next_slot(clock):
    schedule = make_schedule()
    ten = datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert (bell(schedule).func, bell(schedule).schedule_type) == ("console.workbench.firing.ring", Bell.ONCE)
    assert bell(schedule).next_run == ten + bells.AFTER
    clock.to("10:00")
    firing.turn()
    assert bell(schedule).next_run == ten + timedelta(hours=1) + bells.AFTER
    assert Bell.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_queue_rings_where_no_watch_did(clock):
    schedule = make_schedule()
    used = bell(schedule).pk
    clock.to("10:00:16")
    scheduler()
    (task,) = OrmQ.objects.all()
    assert (task.task["func"], task.task["args"]) == ("console.workbench.firing.ring", (schedule.pk,))
    firing.ring(*task.task["args"])
    assert listed(schedule) == [("02 10:00", "fired")]
    assert bell(schedule).pk != used
    assert Bell.objects.count() == 1


def test_no_bell_outlives_its_schedule(clock):
    one, other = make_schedule(), make_schedule()
    assert one.query
    one.query.delete()
    assert [row.args for row in Bell.objects.all()] == [f"({other.pk},)"]
    scheduling.set_rule(other, "", "UTC", 0, other.owner)
    assert not Bell.objects.exists()
    firing.ring(one.pk)


# Overlap -----------------------------------------------------------------------------------------


def test_a_slot_that_comes_due_during_a_run_waits_for_its_end(clock):
    schedule = make_schedule()
    clock.to("10:00")
    firing.turn()
    clock.to("11:00")
    assert firing.turn() == 0
    assert listed(schedule) == [("02 10:00", "fired"), ("02 11:00", "queued")]
    assert (
        slot(schedule, "02 11:00").reason
        == f"Waits until job {Job.objects.get().pk} of the run before it has ended."
    )
    clock.to("11:20")
    end_jobs()
    assert firing.turn() == 1
    assert listed(schedule) == [("02 10:00", "fired"), ("02 11:00", "fired")]
    assert (slot(schedule, "02 11:00").reason, slot(schedule, "02 11:00").lateness) == (
        "",
        timedelta(minutes=20),
    )


def test_only_one_waits_and_a_newer_one_takes_its_place(clock):
    schedule = make_schedule()
    for hour in ("10", "11", "12", "13"):
        clock.to(f"{hour}:00")
        firing.turn()
    assert listed(schedule) == [
        ("02 10:00", "fired"), ("02 11:00", "skipped"), ("02 12:00", "skipped"), ("02 13:00", "queued"),
    ]  # fmt: skip
    job = Job.objects.get()
    assert slot(schedule, "02 12:00").reason == (
        f"The run of Mar 2, 13:00 took its place in the queue while job {job.pk} was still going."
    )
    end_jobs()
    assert (firing.turn(), firing.turn()) == (1, 0)
    assert slot(schedule, "02 13:00").job == Job.objects.latest("id")


def test_a_slot_that_waited_goes_before_one_that_is_due_as_the_run_ends(clock):
    schedule = make_schedule()
    for hour in ("10", "11"):
        clock.to(f"{hour}:00")
        firing.turn()
    end_jobs()
    clock.to("12:00")
    assert firing.fire_due() == 1
    assert listed(schedule) == [("02 10:00", "fired"), ("02 11:00", "fired"), ("02 12:00", "queued")]


# Downtime and clocks -----------------------------------------------------------------------------


def test_after_downtime_the_newest_runs_and_the_older_ones_are_missed(clock):
    schedule = make_schedule()
    clock.to("13:30")
    assert firing.turn() == 1
    assert listed(schedule) == [
        ("02 10:00", "missed"), ("02 11:00", "missed"), ("02 12:00", "missed"), ("02 13:00", "fired"),
    ]  # fmt: skip
    assert slot(schedule, "02 10:00").reason == (
        "The scheduler was not running. Of the runs that came due meanwhile, the newest was made: Mar 2, 13:00."
    )
    assert [f"{one.time:%H}" for one in slots.offered(schedule)] == ["12", "11", "10"]


def test_a_clock_that_is_set_back_fires_nothing_twice(clock):
    schedule = make_schedule()
    clock.to("10:00")
    firing.turn()
    end_jobs()
    clock.to("09:55")
    mending.mend()
    for _ in range(130):
        clock.forward(minutes=1)
        firing.turn()
        end_jobs()
    assert listed(schedule) == [("02 10:00", "fired"), ("02 11:00", "fired"), ("02 12:00", "fired")]
    assert Job.objects.count() == 3


def test_after_a_wrong_future_the_present_goes_on(clock):
    schedule = make_schedule()
    clock.to("08-01 10:00")
    firing.turn()
    end_jobs()
    clock.to("03-02 10:30")  # and the clock is right again
    assert mending.mend() == 1
    clock.to("11:00")
    assert firing.turn() == 1
    assert slot(schedule, "02 11:00").state == "fired"  # it had been listed as missed
    assert schedule.slots.filter(state="fired").count() == 2
    assert mending.mend() == 0


def test_mending_changes_nothing_where_all_is_well(clock):
    one, _, _ = make_schedule(), make_schedule("30 2 * * *", "Europe/Berlin"), make_schedule(delay=7000)
    assert mending.mend() == 0
    Bell.objects.filter(pk=one.bell).delete()
    assert mending.mend() == 1
    assert bell(one).args == f"({one.pk},)"


def test_a_rule_set_between_a_time_and_its_delayed_start_promises_nothing_earlier(clock):
    clock.to("10:05")
    schedule = make_schedule(delay=600)
    assert mending.mend() == 0
    clock.to("10:30")
    assert firing.turn() == 0
    assert listed(schedule) == []


def test_a_clock_that_was_set_back_is_noticed(monkeypatch):
    import time

    clock = mending.Clock()
    assert not clock.was_set_back()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    assert clock.was_set_back()
    assert not clock.was_set_back()


# Many at once ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_eight_schedulers_one_fires_each_slot(clock):
    schedules = [make_schedule() for _ in range(30)]
    clock.to("10:00")
    start, failed = threading.Barrier(8), []

    def work() -> None:
        start.wait()
        try:
            firing.turn()
            firing.ring(schedules[0].pk)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert firing.turn() == 0
    assert Job.objects.count() == Slot.objects.filter(state="fired").count() == 30
    assert OrmQ.objects.count() == 30


def test_a_hundred_slots_cost_few_statements(clock):
    owner = make_query().owner
    for _ in range(100):
        make_schedule(query=make_query(owner=owner))
    clock.to("10:00")
    with CaptureQueriesContext(connection) as statements:
        assert firing.fire_due() == 100
    assert len(statements) <= 25, [query["sql"][:80] for query in statements.captured_queries]


def test_a_schedule_that_cannot_be_read_does_not_hold_up_the_others(clock):
    bad, good = make_schedule(), make_schedule()
    Schedule.objects.filter(pk=bad.pk).update(zone="Atlantis/Capital")
    clock.to("10:00")
    assert firing.turn() == 1
    assert (listed(good), listed(bad)) == ([("02 10:00", "fired")], [])
    bad.refresh_from_db()
    assert bad.is_paused
    assert "Atlantis/Capital" in bad.paused_reason


# Past slots --------------------------------------------------------------------------------------


def test_old_slots_are_removed_but_the_newest_of_each_schedule(clock, settings):
    often, seldom = make_schedule("*/10 * * * *"), make_schedule("0 0 1 * *")
    fired = [clock.now - timedelta(minutes=10 * n) for n in range(300)]
    Slot.objects.bulk_create(
        [Slot(schedule=often, time=at, due_at=at, state="fired") for at in fired]
        + [Slot(schedule=seldom, time=at, due_at=at, state="fired") for at in fired[:12]]
    )
    Slot.objects.filter(schedule=often, time=fired[-1]).update(state="queued")
    assert upkeep.remove_old_slots() == 0
    clock.forward(days=settings.SLOT_DAYS + 1)
    assert upkeep.remove_old_slots() == 199
    assert set(often.slots.values_list("time", flat=True)) == {*fired[:100], fired[-1]}
    assert seldom.slots.count() == 12
