"""A schedule that fails on its configuration again and again is paused; one click resumes it."""

import pytest

from console.warehouse.engine.interface import SqlError
from console.workbench import firing, runners, scheduling, slots, statements, worker
from console.workbench.firing.judging import CONFIGURATION
from console.workbench.models import Job
from console.workbench.schedule_signals import schedule_failing, schedule_paused, schedule_recovered
from integrations.errors import Kind
from tests.factories import make_job, make_query, make_schedule
from tests.workbench.firing.conftest import end_jobs, listed, slot

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
SIGNALS = {"failing": schedule_failing, "paused": schedule_paused, "recovered": schedule_recovered}


@pytest.fixture
def told():
    """Every signal: its name and the failures it counts."""
    found = []
    receivers = []
    for name, signal in SIGNALS.items():

        def receive(name=name, **sent):
            found.append((name, sent.get("failures")))

        receivers.append((signal, receive))
        signal.connect(receive)
    yield found
    for signal, receive in receivers:
        signal.disconnect(receive)


def run_and_end(clock, status="error", kind=Kind.SETTINGS):
    clock.forward(hours=1)
    firing.turn()
    assert end_jobs(status, error_kind=kind, error_message="There is no table mart.sales.") == 1
    firing.turn()


def test_five_in_a_row_pause_it(clock, told, user):
    schedule = make_schedule()
    for _ in range(5):
        run_and_end(clock)
    schedule.refresh_from_db()
    assert schedule.is_paused
    assert schedule.paused_by is None
    assert schedule.paused_reason == (
        "It failed 5 times in a row: There is no table mart.sales. Mend this, then resume."
    )
    assert told == [
        ("failing", 1),
        ("failing", 2),
        ("failing", 3),
        ("failing", 4),
        ("failing", 5),
        ("paused", 5),
    ]
    clock.forward(hours=3)
    assert firing.turn() == 0
    scheduling.resume(schedule, user)
    schedule.refresh_from_db()
    assert (schedule.failures, schedule.is_paused) == (0, False)
    assert [state for _, state in listed(schedule)][-3:] == ["skipped"] * 3
    run_and_end(clock)
    schedule.refresh_from_db()
    assert (schedule.failures, schedule.is_paused) == (1, False)


def test_a_run_that_arrives_resets_and_what_may_pass_does_not_count(clock, told):
    schedule = make_schedule()
    for _ in range(3):
        run_and_end(clock)
    for kind in sorted(set(Kind) - CONFIGURATION):
        run_and_end(clock, kind=kind)
    run_and_end(clock, "killed")
    schedule.refresh_from_db()
    assert schedule.failures == 3
    run_and_end(clock, "success")
    run_and_end(clock, "success")
    schedule.refresh_from_db()
    assert schedule.failures == 0
    assert told == [("failing", 1), ("failing", 2), ("failing", 3), ("recovered", None)]


@pytest.mark.parametrize(
    ("sql", "kind"), [("SELECT * FROM nowhere.at_all", Kind.SETTINGS), ("SELECT 1", Kind.TEMPORARY)]
)
def test_a_job_says_who_has_to_act(data_dir, monkeypatch, sql, kind):
    if kind == Kind.TEMPORARY:
        full = SqlError("The disk is full.", may_pass=True)
        monkeypatch.setattr(statements, "_execute", lambda *_: (_ for _ in ()).throw(full))
    job = make_job(sql=sql)
    worker.run_job(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error_kind) == ("error", kind)


def test_the_limit_is_a_setting(clock, settings):
    settings.PAUSE_AFTER_FAILURES = 2
    schedule = make_schedule()
    run_and_end(clock)
    run_and_end(clock, kind=Kind.CREDENTIALS)
    schedule.refresh_from_db()
    assert schedule.is_paused


def test_the_last_failure_counts_before_the_next_slot_is_fired(clock, settings):
    """Also where the run ends in the same moment in which the next slot is due."""
    settings.PAUSE_AFTER_FAILURES = 1
    schedule = make_schedule()
    clock.to("10:00")
    firing.turn()
    end_jobs("error", error_kind=Kind.SETTINGS, error_message="No.")
    clock.to("11:00")
    assert firing.fire_due() == 0
    schedule.refresh_from_db()
    assert schedule.is_paused
    assert f"{schedule.next_slot:%H:%M}" == "11:00"


def test_an_end_is_counted_once(clock):
    schedule = make_schedule()
    run_and_end(clock)
    for _ in range(3):
        firing.turn()
    schedule.refresh_from_db()
    assert (schedule.failures, schedule.settled) == (1, True)


def test_what_cannot_run_is_skipped_and_counts(clock, told, settings):
    settings.PAUSE_AFTER_FAILURES = 2
    schedule = make_schedule(query=make_query(name="empty", sql=""))
    clock.to("10:00")
    assert firing.turn() == 0
    assert slot(schedule, "02 10:00").reason == "empty has no SQL. Write a SELECT and save it."
    clock.to("11:00")
    firing.turn()
    assert told == [("failing", 1), ("failing", 2), ("paused", 2)]
    assert listed(schedule) == [("02 10:00", "skipped"), ("02 11:00", "skipped")]
    assert not Job.objects.exists()


def test_a_runner_that_breaks_does_not_hold_up_the_others(clock, monkeypatch):
    def broken(schedule, at, user):
        raise ZeroDivisionError

    bad, good = make_schedule(), make_schedule()
    monkeypatch.setitem(
        runners._runners, "broken", runners.Runner("broken", broken, str, str, lambda *_: True)
    )
    bad.kind = "broken"
    bad.save()
    clock.to("10:00")
    assert firing.turn() == 1
    assert listed(good) == [("02 10:00", "fired")]
    assert slot(bad, "02 10:00").reason == (
        "It could not be started because of an error inside Sendoff. The watch's log has more."
    )
    assert slots.offered(bad).count() == 1
