"""Runs: what arrives is what the preview showed, no key leaves, and who came and went is counted."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import Settings

from activations import activating, finishing, measuring, parents, queries, runs, segments, sizing
from activations.activating import ActivationError, Content
from activations.errors import Refused, Stale
from activations.models import Activation, ActivationRun, ParentSegment, Segment
from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from console.workbench import jobs, results, statements, worker
from console.workbench.display import as_text
from console.workbench.models import Job
from integrations.authentications import usage
from integrations.errors import Lost
from integrations.models import Authentication
from tests.activations.conftest import CUSTOMERS, EMEA, Write
from tests.factories import make_authentication, make_job
from tests.standins import clevertap
from tests.standins.clevertap import Fault, StandIn

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = {"target": "user_profiles", "operation": "upload_profiles", "retry_count": 1,
            "retry_initial_wait_millis": 1, "max_retry_wait_millis": 2}  # fmt: skip
MAPPING = {
    "all_columns": False,
    "columns": [{"source": "login", "name": "identity"}, {"source": "City", "name": "City"}],
    "strings": [{"type": "segment_id", "name": "segment"}, {"type": "timestamp", "name": "sent"}],
}
Run = Callable[[], ActivationRun]


@pytest.fixture
def service(settings: Settings, data_dir: Path) -> Iterator[StandIn]:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with clevertap.running() as running:
        settings.CLEVERTAP_URL = running.url
        yield running


@pytest.fixture
def authentication(service: StandIn) -> Authentication:
    return make_authentication(
        connector="clevertap", name="clevertap-test", keys={"account_id": "TEST-4KK-444Z", "region": "in1"},
        secrets={"passcode": "AAA-BBB-CCCC"},
    )  # fmt: skip


@pytest.fixture
def gold(audience: ParentSegment, user: User) -> Segment:
    return segments.create(audience, "Gold", EMEA, user)


@pytest.fixture
def content(authentication: Authentication) -> Content:
    return Content("Gold to CleverTap", authentication, SETTINGS, MAPPING, zone="Asia/Tokyo")


@pytest.fixture
def activation(gold: Segment, content: Content, user: User) -> Activation:
    return activating.create(activating.begin(gold, user), content, user)


@pytest.fixture
def run(activation: Activation, user: User) -> Run:
    def once() -> ActivationRun:
        made = runs.run(Activation.objects.get(pk=activation.pk), user)
        worker.run_job(made.job_id)
        return ActivationRun.objects.select_related("job__export").get(pk=made.pk)

    return once


def kept_keys() -> list[str]:
    return sorted(path.name for path in finishing.keys_dir().glob("*"))


def test_what_arrives_is_what_the_preview_showed(
    activation: Activation, run: Run, service: StandIn, user: User
) -> None:
    now = timezone.now()
    outputs = runs.outputs(activation, MAPPING, now)
    asked = sizing.measure(activation.segment.audience, EMEA, user, "preview", outputs=outputs)
    measuring.work(asked.pk)
    names, previewed = sizing.sample_text(sizing.look(asked.pk))
    done = run()
    assert (done.job.outcome, done.job.error_message) == ("Done", "")
    number = str(activation.segment.number)
    sent = done.exported_at.astimezone(datetime.now(UTC).tzinfo)
    assert names == ["identity", "City", "segment", "sent"]
    assert [row[:3] for row in previewed] == [
        ("u3", "City 3", number),
        ("u6", None, number),
        ("u9", None, number),
    ]
    arrived = dict(service.profiles)
    assert sorted(arrived) == ["u3", "u6", "u9"]
    moment = datetime.fromisoformat(arrived["u3"]["sent"])
    assert arrived["u3"] | {"sent": ""} == {"City": "City 3", "segment": number, "sent": ""}
    assert (moment, arrived["u3"]["sent"][-6:]) == (sent.replace(microsecond=0), "+09:00")


def test_the_stored_result_has_exactly_the_columns_in_order(run: Run) -> None:
    job = run().job
    assert [name for name, _ in job.result_schema or []] == ["identity", "City", "segment", "sent"]
    stream = results.stream(job)
    assert stream.parquet
    assert pq.read_schema(stream.parquet).names == ["identity", "City", "segment", "sent"]
    assert job.result_bytes == stream.parquet.stat().st_size
    assert [row[0] for batch in stream.open() for row in as_text(batch)] == ["u3", "u6", "u9"]
    assert "profile_key" in job.sql
    assert job.query_name == "Gold to CleverTap"


def test_who_came_and_went_is_counted_against_the_last_run_that_arrived(
    run: Run, shop: Write, service: StandIn
) -> None:
    first = run()
    assert (first.profiles, first.added, first.removed, first.unchanged) == (3, None, None, None)
    shop("customers", f"SELECT * FROM ({CUSTOMERS}) WHERE id <> 3 UNION ALL "
                      "SELECT i, 'u' || i, 'EMEA', 1 FROM range(20, 24) t(i)")  # fmt: skip
    second = run()
    assert (second.added, second.removed, second.unchanged) == (4, 1, 2)
    assert second.compared_with == first
    assert second.job.events.filter(message="4 profiles added, 1 removed, 2 unchanged").exists()
    service.faults.append(
        Fault("POST /1/upload", times=9, status=400, body={"status": "fail", "error": "No", "code": 1})
    )
    shop("customers", CUSTOMERS)
    failed = run()
    assert failed.job.status == "error"
    service.faults.clear()
    after = run()
    assert (after.compared_with, after.added, after.removed, after.unchanged) == (second, 1, 4, 2)
    assert kept_keys() == [f"{one.job_id}-1.parquet" for one in (second, after)]
    last = run()
    assert (last.added, last.removed, last.unchanged) == (0, 0, 3)
    assert kept_keys() == [f"{one.job_id}-1.parquet" for one in (after, last)]


def test_a_profile_is_never_sent_twice(run: Run, shop: Write, service: StandIn) -> None:
    shop("extra", "SELECT 3::BIGINT AS cid, 'City ' || i AS city FROM range(2) t(i)")
    done = run()
    assert done.job.status == "error"
    assert done.job.error_message == "Profiles would be sent more than once, such as 3: 1 row too many."
    assert "Refresh the parent segment" in done.job.error_action
    assert (service.profiles, kept_keys(), results.files()) == ({}, [], [])


def test_a_column_that_is_lost_stops_the_run_and_is_named(
    run: Run, activation: Activation, audience: ParentSegment, user: User, service: StandIn
) -> None:
    assert runs.problems(activation) == []
    made = parents.definition_of(audience)
    without = replace(made, attributes=tuple(one for one in made.attributes if one.name != "City"))
    parents.save(audience, without, user, version=1)
    [problem] = runs.problems(Activation.objects.get())
    assert (problem.path, "no column City any more" in problem.message) == ("columns.1.source", True)
    with pytest.raises(Refused, match="no column City any more"):
        run()
    assert (Job.objects.count(), service.profiles) == (0, {})


def test_a_column_the_table_lost_stops_the_run_too(run: Run, shop: Write, activation: Activation) -> None:
    shop("extra", "SELECT 3::BIGINT AS cid")
    [problem] = runs.problems(activation)
    assert "Table shop.extra has no column city any more, which City is read from." in problem.message
    with pytest.raises(Refused, match=r"shop\.extra has no column city"):
        run()


def test_a_table_that_goes_between_is_said_by_the_job(activation: Activation, user: User) -> None:
    made = runs.run(activation, user)
    storage.drop_table(TableRef("shop", "extra"))
    worker.run_job(made.job_id)
    made.job.refresh_from_db()
    assert made.job.status == "error"
    assert "extra does not exist" in made.job.error_message


def test_run_export_again_uses_what_the_activation_says_now(
    run: Run, activation: Activation, content: Content, user: User, service: StandIn
) -> None:
    service.faults.append(
        Fault("POST /1/upload", times=9, status=400, body={"status": "fail", "error": "No", "code": 1})
    )
    failed = run().job
    service.faults.clear()
    mended = replace(content, export_settings={**SETTINGS, "target": "user_events"})
    activating.save(activation, mended, user, version=Activation.objects.get().version)
    again = jobs.export_again(failed, user)
    assert again.export_settings["target"] == "user_events"
    other = make_job(result_path="1-1.parquet", export_authentication=content.authentication)
    assert jobs.export_again(other, user).export_settings == {}


def test_runs_are_refused_while_paused_running_or_a_draft(
    activation: Activation, gold: Segment, user: User
) -> None:
    with pytest.raises(Refused, match="isn't created yet"):
        runs.run(activating.begin(gold, user), user)
    activating.pause(activation, user)
    with pytest.raises(Refused, match="Gold to CleverTap is paused"):
        runs.run(activation, user)
    runs.run(activating.resume(activation), user)
    with pytest.raises(Refused, match="is still running"):
        runs.run(activation, user)
    with pytest.raises(Refused, match="is still running"):
        activating.delete(activation)


def test_a_schedule_s_slot_decides_what_days_are(activation: Activation, user: User) -> None:
    slot, started = datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 9, 1, tzinfo=UTC)
    job = runs.job_for(activation, slot, user, exported_at=started)
    assert not Job.objects.exists()
    assert (job.scheduled_time, job.query_name) == (1_773_014_400, "Gold to CleverTap")
    assert "'2026-03-09T10:00:00+09:00'" in job.sql
    job.save()
    assert runs.started(activation, job, started).job == job


def test_a_dead_worker_s_word_does_not_count(activation: Activation, user: User) -> None:
    """A worker whose claim was taken over finds the fence raised, and writes nothing."""
    made = runs.run(activation, user)
    stale = Job.objects.claim(made.job_id, "first")
    Job.objects.filter(pk=made.job_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    worker.run_job(made.job_id)
    good = ActivationRun.objects.get(pk=made.pk)
    assert stale
    with pytest.raises(Lost):
        finishing._count(stale, ActivationRun.objects.get(pk=made.pk), "9-1.parquet", 99)
    assert ActivationRun.objects.get(pk=made.pk).keys_path == good.keys_path == f"{made.job_id}-2.parquet"


def test_a_worker_that_dies_between_keys_and_result_does_no_harm(
    activation: Activation, run: Run, user: User, monkeypatch: pytest.MonkeyPatch, service: StandIn
) -> None:
    run()
    made = runs.run(activation, user)
    with monkeypatch.context() as patched:
        patched.setattr(statements, "keep", _die)
        worker.run_job(made.job_id)
    assert f"{made.job_id}-1.parquet" in kept_keys()
    Job.objects.filter(pk=made.job_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    worker.run_job(made.job_id)
    made.refresh_from_db()
    assert (made.job.status, made.unchanged, made.keys_path) == ("success", 3, f"{made.job_id}-2.parquet")
    assert f"{made.job_id}-1.parquet" not in kept_keys()
    assert len(results.files(f"{made.job_id}-*")) == 1


def _die(*args: object) -> None:
    raise OperationalError("the worker is gone")


def test_a_draft_loses_nothing_and_is_checked_at_create(gold: Segment, user: User, content: Content) -> None:
    draft = activating.begin(gold, user)
    activating.keep(draft, "details", {"name": ""})
    activating.keep(draft, "mapping", {"columns": [{"source": "nobody"}]})
    back = activating.begin(gold, user)
    assert (back.pk, back.draft) == (
        draft.pk, {"details": {"name": ""}, "mapping": {"columns": [{"source": "nobody"}]}}
    )  # fmt: skip
    wrong = replace(content, name="", export_settings={"target": "everything"}, mapping=back.draft["mapping"])
    with pytest.raises(ActivationError) as error:
        activating.create(back, wrong, user)
    assert [one.path for one in error.value.problems] == [
        "name", "export_settings.target", "mapping.columns.0.source"
    ]  # fmt: skip
    made = activating.create(back, content, user)
    assert (made.is_draft, made.draft, made.name) == (False, {}, "Gold to CleverTap")
    with pytest.raises(Refused, match="There is an activation named Gold to CleverTap"):
        activating.create(activating.begin(gold, user), content, user)
    with pytest.raises(Stale):
        activating.save(made, content, user, version=1)


def test_a_copy_has_everything_but_the_runs(run: Run, activation: Activation, admin: User) -> None:
    run()
    copy = activating.duplicate(activation, admin)
    assert (copy.name, copy.mapping, copy.export_settings, copy.owner) == (
        "Gold to CleverTap copy", activation.mapping, activation.export_settings, admin
    )  # fmt: skip
    assert not copy.runs.exists()


def test_what_is_in_use_is_told(
    run: Run, activation: Activation, gold: Segment, audience: ParentSegment
) -> None:
    assert activation.authentication
    pk = activation.authentication.pk
    assert usage.named(pk) == [("activation", "Gold to CleverTap", f"/audience/activations/{activation.pk}/")]
    assert usage.of_many([pk])[pk][0].words == "1 activation"
    with pytest.raises(Refused, match="Gold is sent by Gold to CleverTap"):
        segments.delete(gold)
    with pytest.raises(Refused, match="has activations, such as Gold to CleverTap"):
        parents.delete(audience)
    run()
    activating.delete(activation)
    assert (kept_keys(), Job.objects.count()) == ([], 1)
    parents.delete(audience)


def test_a_segment_opens_as_a_query(gold: Segment, user: User, data_dir: Path) -> None:
    job = jobs.submit_sql(user=user, database="shop", type="presto", sql=queries.segment_sql(gold))
    worker.run_job(job.pk)
    job.refresh_from_db()
    assert job.status == "success", job.error_message
    assert results.first_rows(job, 2)[0] == ("u3", "EMEA", "30", "City 3", "3")
