"""Profiles enter once, move by rule and wait, leave by the exit; each step gets exactly those that reached it, once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from activations import activating, finishing, parents, runs, segments
from activations.errors import Refused
from activations.journeys import acting, log, plans, settling, steps
from activations.models import Activation, ActivationRun, Journey, JourneyEvaluation, JourneyStepRun
from console.accounts.models import User
from console.warehouse import storage
from console.workbench import firing, jobs, worker
from console.workbench.models import Job, Schedule
from tests.activations.conftest import Write
from tests.activations.journeys.conftest import Evaluate, job_of, run_of
from tests.standins.clevertap import StandIn

pytestmark = pytest.mark.django_db(transaction=True)


def customers(write: Write, **regions: str) -> None:
    rows = " UNION ALL ".join(
        f"SELECT {name[1:]}::BIGINT AS id, '{name}' AS login, '{region}' AS region, 1::BIGINT AS age"
        for name, region in regions.items()
    )
    write("customers", rows)


def sent(service: StandIn) -> list[str]:
    """Who arrived since this was asked last."""
    found = sorted(service.profiles)
    service.profiles.clear()
    return found


def test_a_journey_from_entry_to_end(
    started: Journey, evaluate: Evaluate, shop: Write, clock: Any, service: StandIn, activation: Activation
) -> None:
    customers(shop, u1="new", u2="new", u3="other", u4="gone")
    clock(0)
    first = evaluate(started)
    assert (job_of(first).status, job_of(first).error_message) == ("success", "")
    assert first.moves == {"reached": {"1": 2}, "exited": 0, "completed": 0}
    assert sent(service) == ["u1", "u2"]
    step = first.step_runs.get()
    assert (step.stage, step.activation, step.profiles, run_of(step).profiles) == (1, activation, 2, 2)
    assert f'"journey"."evaluation" = {first.pk}' in run_of(step).job.sql
    assert (run_of(step).added, run_of(step).compared_with) == (None, None)

    customers(shop, u1="buyer", u2="gone", u3="new", u5="new")
    clock(0.5)  # nobody has waited long enough
    second = evaluate(started)
    assert second.moves == {"reached": {"1": 2}, "exited": 1, "completed": 0}
    assert sent(service) == ["u3", "u5"]

    customers(shop, u1="buyer", u2="new", u3="new", u5="buyer")
    clock(1)
    third = evaluate(started)  # u2 left and does not come back
    assert third.moves == {"reached": {"2": 1}, "exited": 0, "completed": 0}
    assert sent(service) == ["u1"]

    clock(1.5)
    last = evaluate(started)
    assert last.moves == {"reached": {"2": 1}, "exited": 0, "completed": 1}
    assert sent(service) == ["u5"]
    started.refresh_from_db()
    assert started.counts == {
        "stages": [{"here": 1, "reached": 4, "exited": 1, "moved": 2},
                   {"here": 1, "reached": 2, "exited": 0, "moved": 1}],
        "entered": 4, "inside": 2, "exited": 1, "completed": 1,
    }  # fmt: skip
    assert JourneyStepRun.objects.count() == 4


def test_the_watch_fires_it_and_rings_again_for_what_was_forgotten(
    started: Journey, shop: Write, service: StandIn
) -> None:
    customers(shop, u1="new")
    schedule = Schedule.objects.get(journey=started)
    slot = timezone.now().replace(second=0, microsecond=0)
    due = {"cron": "* * * * *", "due_at": slot, "next_slot": slot, "since": slot - timedelta(hours=1)}
    Schedule.objects.filter(pk=schedule.pk).update(**due)
    assert firing.turn() == 1
    evaluation = JourneyEvaluation.objects.get()
    assert job_of(evaluation).status == "queued"
    assert not firing.turn()
    worker.run_job(job_of(evaluation).pk)
    JourneyEvaluation.objects.update(rung_at=None)
    settling.ring_again(None)
    evaluation.refresh_from_db()
    assert evaluation.rung_at
    for _ in range(2):  # a bell that rings twice
        settling.settle(evaluation.pk)
    worker.run_job(run_of(JourneyStepRun.objects.get()).job_id)
    assert sent(service) == ["u1"]


def test_an_error_before_the_sql_leaves_nothing_behind(
    started: Journey, shop: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row without a job would take the next evaluation's, and stop what else is due."""
    customers(shop, u1="new")
    schedule = Schedule.objects.get(journey=started)
    slot = timezone.now().replace(second=0, microsecond=0)

    def disk(*args: object) -> str:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(plans, "evaluation_sql", disk)
        due = {"cron": "* * * * *", "due_at": slot, "next_slot": slot, "since": slot - timedelta(hours=1)}
        Schedule.objects.filter(pk=schedule.pk).update(**due)
        assert firing.turn() == 0
    assert schedule.slots.get().state == "skipped"
    assert not JourneyEvaluation.objects.exists()
    due = {"due_at": slot + timedelta(minutes=1), "next_slot": slot + timedelta(minutes=1)}
    monkeypatch.setattr(timezone, "now", lambda: slot + timedelta(seconds=70))
    Schedule.objects.filter(pk=schedule.pk).update(**due)
    assert firing.turn() == 1
    assert JourneyEvaluation.objects.get().job


def test_what_was_killed_after_it_wrote_is_sent_nevertheless(
    started: Journey, evaluate: Evaluate, shop: Write, service: StandIn, user: User
) -> None:
    """And what a worker writes that was thought dead: the next evaluation finds it."""
    customers(shop, u1="new", u2="new")
    first = evaluate(started, steps=False)
    first.step_runs.all().delete()
    Job.objects.exclude(pk=job_of(first).pk).delete()
    Job.objects.filter(pk=job_of(first).pk).update(status="killed")
    JourneyEvaluation.objects.filter(pk=first.pk).update(moves={})
    evaluate(started)
    assert sent(service) == ["u1", "u2"]
    assert evaluate(started).step_runs.count() == 0
    assert sent(service) == []


def test_a_step_that_can_t_start_keeps_its_profiles(
    started: Journey, evaluate: Evaluate, shop: Write, service: StandIn, activation: Activation, user: User
) -> None:
    customers(shop, u1="new")
    activating.pause(activation, user)
    first = evaluate(started)
    step = first.step_runs.get()
    assert (step.run, step.problem) == (None, f"{activation} is paused. Resume it, then press Try again.")
    with pytest.raises(Refused, match="is paused"):
        steps.start(step, user)
    activating.resume(Activation.objects.get(pk=activation.pk))
    customers(shop, u1="new", u2="new")
    evaluate(started)
    assert sent(service) == ["u1", "u2"]
    assert [one.profiles for one in JourneyStepRun.objects.order_by("pk")] == [1, 1]
    step.refresh_from_db()
    with pytest.raises(Refused, match="has its job already"):
        steps.start(step, user)


def test_a_step_whose_job_died_before_its_export_can_be_tried_again(
    started: Journey, evaluate: Evaluate, shop: Write, service: StandIn, user: User
) -> None:
    customers(shop, u1="new")
    step = evaluate(started, steps=False).step_runs.get()
    jobs.kill(run_of(step).job, user)
    step = JourneyStepRun.objects.select_related("run__job").get(pk=step.pk)
    assert steps.may_again(step)
    worker.run_job(steps.start(step, user).job_id)
    assert sent(service) == ["u1"]


def test_a_journey_s_runs_are_apart_from_the_activation_s_own(
    started: Journey, evaluate: Evaluate, shop: Write, run: Any, user: User
) -> None:
    customers(shop, u1="EMEA", u2="EMEA", u3="new")
    own = run()
    evaluate(started)
    after = run()
    assert (own.profiles, after.compared_with, after.unchanged, after.removed) == (2, own, 2, 0)
    assert ActivationRun.objects.exclude(journey_step=None).get().profiles == 1
    assert finishing.last_arrived(after) == own


def test_the_log_says_so_when_it_can_t_be_used(
    started: Journey, evaluate: Evaluate, shop: Write, user: User
) -> None:
    assert acting.problems(started) == []
    shop("customers", "SELECT 'a' AS id, 'u' AS login, 'new' AS region, 1::BIGINT AS age")
    with pytest.raises(Refused, match="The key of Retail customers is string by now and was long"):
        evaluate(started)
    customers(shop, u1="new")
    storage.drop_table(log.ref(started))
    with pytest.raises(Refused, match="which says where each profile is, is gone"):
        evaluate(started)
    assert JourneyEvaluation.objects.count() == 0


def test_a_paused_journey_is_not_evaluated(started: Journey, evaluate: Evaluate, user: User) -> None:
    acting.pause(started, user)
    with pytest.raises(Refused, match="Welcome is paused"):
        evaluate(started)
    paused = Journey.objects.get(pk=started.pk)
    assert (paused.is_paused, paused.is_active) == (True, False)
    acting.resume(paused, user)
    assert job_of(evaluate(started)).status == "success"


def test_what_a_journey_uses_stays(started: Journey, activation: Activation, second: Activation) -> None:
    for segment in (started.entry_segment, started.exit_segment, started.stages.get(number=2).segment):
        assert segment is not None
        with pytest.raises(Refused, match="is part of Welcome"):
            segments.delete(segment)
    with pytest.raises(Refused, match="is a step of Welcome"):
        activating.delete(activation)
    assert runs.problems(activation) == []
    for one in (activation, second):
        one.journey_steps.all().delete()
        activating.delete(one)
    with pytest.raises(Refused, match="has journeys, such as Welcome"):
        parents.delete(started.audience)
    acting.delete(started)
    parents.delete(started.audience)


def test_a_journey_whose_step_is_being_sent_stays(
    started: Journey, evaluate: Evaluate, shop: Write, user: User
) -> None:
    customers(shop, u1="new")
    step = evaluate(started, steps=False).step_runs.get()
    with pytest.raises(Refused, match=f"Job {run_of(step).job_id} sends a step of this journey"):
        acting.delete(started)
    worker.run_job(run_of(step).job_id)
    acting.delete(started)
    assert not storage.tables(log.ref(started).database)
    assert Job.objects.count() == 2


def test_two_who_press_try_again_send_it_once(
    started: Journey, evaluate: Evaluate, shop: Write, activation: Activation, user: User
) -> None:
    customers(shop, u1="new")
    activating.pause(activation, user)
    step = evaluate(started).step_runs.get()
    activating.resume(Activation.objects.get(pk=activation.pk))
    steps.start(step, user)
    with pytest.raises(Refused, match="has its job already"):
        steps.start(step, user)  # as it was read before
    assert ActivationRun.objects.count() == 1
