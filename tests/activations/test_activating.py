"""Activations: a draft that loses nothing, checked at Create; refused, mended, copied and deleted."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from activations import activating, parents, queries, runs, segments
from activations.activating import ActivationError, Content
from activations.errors import Refused, Stale
from activations.models import Activation, ParentSegment, Segment
from console.accounts.models import User
from console.workbench import jobs, results, worker
from console.workbench.models import Job
from integrations.authentications import usage
from tests.activations.conftest import SETTINGS, Run, Write, kept_keys
from tests.factories import make_job
from tests.standins.clevertap import Fault, StandIn

pytestmark = pytest.mark.django_db(transaction=True)


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
