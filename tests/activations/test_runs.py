"""Runs: what arrives is what the preview showed, no key leaves, and who came and went is counted."""

from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from django.db import OperationalError
from django.utils import timezone

from activations import finishing, measuring, runs, sizing
from activations.models import Activation, ActivationRun
from console.accounts.models import User
from console.warehouse import storage
from console.warehouse.types import TableRef
from console.workbench import jobs, results, statements, worker
from console.workbench.display import as_text
from console.workbench.models import Job
from integrations.errors import Lost
from tests.activations.conftest import CUSTOMERS, EMEA, MAPPING, Run, Write, kept_keys
from tests.standins.clevertap import Fault, StandIn

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_run_whose_export_was_run_again_has_arrived(
    run: Run, shop: Write, service: StandIn, user: User
) -> None:
    run()
    shop("customers", f"SELECT * FROM ({CUSTOMERS}) WHERE id <> 3")
    service.faults.append(
        Fault("POST /1/upload", times=9, status=400, body={"status": "fail", "error": "No", "code": 1})
    )
    failed = run()
    service.faults.clear()
    worker.run_job(jobs.export_again(failed.job, user).pk)
    after = run()
    assert (after.compared_with, after.added, after.removed, after.unchanged) == (failed, 0, 0, 2)


def test_a_profile_is_never_sent_twice(run: Run, shop: Write, service: StandIn) -> None:
    shop("extra", "SELECT 3::BIGINT AS cid, 'City ' || i AS city FROM range(2) t(i)")
    done = run()
    assert done.job.status == "error"
    assert done.job.error_message == "Profiles would be sent more than once, such as 3: 1 row too many."
    assert "Refresh the parent segment" in done.job.error_action
    assert (service.profiles, kept_keys(), results.files()) == ({}, [], [])


def test_a_table_that_goes_between_is_said_by_the_job(activation: Activation, user: User) -> None:
    made = runs.run(activation, user)
    storage.drop_table(TableRef("shop", "extra"))
    worker.run_job(made.job_id)
    made.job.refresh_from_db()
    assert made.job.status == "error"
    assert "extra does not exist" in made.job.error_message


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
