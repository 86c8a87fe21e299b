"""Activations by a schedule: slots become runs, refusals count as failures, a pause has one home, people are told."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from activations import activating, parents, runs, scheduled
from activations.errors import Refused
from activations.models import Activation, ActivationRun
from console.accounts.models import User
from console.notices.models import Notice, Preferences
from console.workbench import firing, scheduling, worker
from console.workbench.models import Job, Schedule, Slot
from tests.activations.conftest import Write
from tests.standins.clevertap import StandIn
from tests.workbench.firing.conftest import FakeClock, end_jobs, listed

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hourly(activation: Activation, user: User, clock: FakeClock) -> Activation:
    """Every hour in Tokyo, ten minutes late. It is Monday, March 2 2026, 09:30 UTC."""
    scheduled.set_rule(activation, user, cron="@hourly", zone="Asia/Tokyo", delay=600)
    return fresh()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, activation: Activation) -> FakeClock:
    from django.utils import timezone

    fake = FakeClock()
    monkeypatch.setattr(timezone, "now", fake)
    return fake


def fresh() -> Activation:
    return Activation.objects.select_related("schedule", "segment__audience", "authentication").get()


def page(client: Client, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200, reply.content.decode()[:2000]
    return reply.content.decode()


def test_a_slot_is_a_run_for_its_own_time(hourly: Activation, clock: FakeClock, service: StandIn) -> None:
    clock.to("10:09")
    assert firing.turn() == 0
    clock.to("10:10")
    firing.turn()
    [run] = ActivationRun.objects.all()
    assert run.job.scheduled_time == int(datetime(2026, 3, 2, 10, tzinfo=UTC).timestamp())
    assert run.exported_at == datetime(2026, 3, 2, 10, 10, tzinfo=UTC)
    assert "'2026-03-02T19:10:00+09:00'" in run.job.sql
    assert run.job.query_name == "Gold to CleverTap"
    worker.run_job(run.job_id)
    assert sorted(service.profiles) == ["u3", "u6", "u9"]
    assert hourly.schedule
    assert listed(hourly.schedule) == [("02 10:00", "fired")]


def test_run_now_is_for_this_moment_and_the_next_slot_waits_for_it(
    hourly: Activation, clock: FakeClock, user: User
) -> None:
    clock.to("10:05")
    run = runs.run(hourly, user)
    assert "'2026-03-02T19:05:00+09:00'" in run.job.sql
    with pytest.raises(Refused, match="is still running"):
        runs.run(fresh(), user)
    clock.to("10:10")
    firing.turn()
    assert Slot.objects.get().state == Slot.State.QUEUED
    end_jobs()
    firing.turn()
    assert Slot.objects.get().state == Slot.State.FIRED
    assert ActivationRun.objects.count() == 2


def test_a_column_that_is_lost_counts_as_a_failure_and_pauses_it_in_the_end(
    hourly: Activation, clock: FakeClock, shop: Write, client_logged_in: Client
) -> None:
    Preferences.objects.create(subject=f"activation:{hourly.pk}", emails=["crm@example.com"])
    shop("extra", "SELECT 3::BIGINT AS cid")
    for _ in range(5):
        clock.forward(hours=1)
        firing.turn()
    now = fresh()
    assert now.is_paused
    assert "has no column city" in Slot.objects.first().reason  # type: ignore[union-attr]
    assert (Job.objects.count(), ActivationRun.objects.count()) == (0, 0)
    kinds = list(Notice.objects.order_by("pk").values_list("kind", flat=True))
    assert (kinds[0], kinds[-1], len(kinds)) == ("failed", "paused", 6)
    paused = Notice.objects.order_by("pk").last()
    assert paused
    assert "run the activation once by hand, then resume its schedule" in paused.action
    assert paused.link == f"/audience/activations/{hourly.pk}/"
    shown = page(client_logged_in, paused.link)
    assert "It does not run." in shown
    assert "It failed 5 times in a row" in shown


def test_the_end_of_a_run_is_told(hourly: Activation, clock: FakeClock, user: User) -> None:
    Preferences.objects.create(subject=f"activation:{hourly.pk}", emails=["a@example.com"], on_success=True)
    run = runs.run(hourly, user)
    worker.run_job(run.job_id)
    [notice] = Notice.objects.all()
    assert (notice.title, notice.subject) == ("Gold to CleverTap is done", f"activation:{hourly.pk}")
    assert notice.facts["activation"] == hourly.pk


def test_a_pause_has_one_home(
    activation: Activation, hourly: Activation, clock: FakeClock, user: User
) -> None:
    activating.pause(hourly, user)
    assert Schedule.objects.get().is_paused
    assert Activation.objects.get().paused_at is None
    clock.forward(hours=3)
    firing.turn()
    assert not Job.objects.exists()
    assert runs.run(fresh(), user).job  # a trial
    end_jobs()
    scheduling.resume(Schedule.objects.get(), user)
    assert not fresh().is_paused
    copy = activating.duplicate(fresh(), user)
    activating.pause(copy, user)
    scheduled.set_rule(copy, user, cron="@daily", zone="UTC")
    copy = Activation.objects.select_related("schedule").get(pk=copy.pk)
    assert (copy.is_paused, copy.paused_at) == (True, None)
    assert activating.resume(copy, user).is_paused is False


def test_its_schedule_goes_with_it(hourly: Activation, clock: FakeClock, user: User) -> None:
    activating.delete(hourly)
    assert not Schedule.objects.exists()
    clock.forward(hours=5)
    assert firing.turn() == 0


def test_none_keeps_the_history(hourly: Activation, clock: FakeClock, user: User) -> None:
    clock.forward(hours=1)
    firing.turn()
    scheduled.set_rule(fresh(), user, cron="", zone="Asia/Tokyo")
    now = fresh()
    assert now.schedule
    assert (now.schedule.cron, now.zone, now.schedule.slots.count()) == ("", "Asia/Tokyo", 1)
    clock.forward(hours=5)
    firing.turn()
    assert Job.objects.count() == 1


def test_the_pages_of_schedules_lead_to_it(
    hourly: Activation, clock: FakeClock, client_logged_in: Client
) -> None:
    client_logged_in.force_login(hourly.owner)
    clock.to("10:10")
    firing.turn()
    for address in ("/workbench/schedules/", "/workbench/schedules/?q=to+clever"):
        shown = page(client_logged_in, address)
        assert "Gold to CleverTap" in shown.replace('<mark class="hit">', "").replace("</mark>", "")
        assert "Open activation" in shown
        assert f'href="/audience/activations/{hourly.pk}/"' in shown
    one = page(client_logged_in, f"/workbench/schedules/{hourly.schedule_id}/")
    for text in ("Open activation", f"/audience/activations/{hourly.pk}/schedule/", "Who hears of its runs"):
        assert text in one
    assert "Gold to CleverTap" in page(client_logged_in, "/search/?q=to+Clever")
    job = Job.objects.get()
    assert "Activation Gold to CleverTap" in page(client_logged_in, f"/workbench/jobs/{job.pk}/")
    listed_ = page(client_logged_in, "/audience/activations/")
    assert "Repeat every hour" in listed_


def test_a_parent_segment_is_not_deleted_under_it(hourly: Activation) -> None:
    with pytest.raises(Refused, match="has activations"):
        parents.delete(hourly.segment.audience)
