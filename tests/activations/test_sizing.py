"""Sizes and samples: by the engine, kept, stopped by a newer question."""

import os
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from activations import asking, measuring, segments, sizing
from activations.models import Measurement, Segment
from activations.rules import RulesError
from console.accounts.models import User
from tests.activations.conftest import CUSTOMERS, EMEA, Write

pytestmark = pytest.mark.django_db


def done(measurement: Measurement) -> Measurement:
    measuring.work(measurement.pk)
    return sizing.look(measurement.pk)


def test_a_size_and_a_sample_are_kept_in_the_segment(gold: Segment, user: User) -> None:
    answer = done(sizing.measure_segment(gold, user))
    assert (answer.state, answer.size, answer.error_message) == ("done", 3, "")
    gold.refresh_from_db()
    assert (gold.size, gold.size_is_current) == (3, True)
    assert gold.sample == {
        "columns": ["login", "region", "age", "City"],
        "rows": [["u3", "EMEA", "30", "City 3"], ["u6", "EMEA", "60", None], ["u9", "EMEA", "90", None]],
    }
    saved = segments.save(gold, {}, user, version=1)
    assert (saved.size, saved.size_is_current) == (3, False)


def test_the_sql_that_is_shown_is_the_sql_that_is_run(gold: Segment, user: User) -> None:
    answer = done(sizing.measure_segment(gold, user))
    assert asking.ask(answer.sql, scheduled_time=answer.scheduled_time).rows == [(3, 3)]


def test_a_size_of_rules_nobody_saved_leaves_the_segment_alone(gold: Segment, user: User) -> None:
    answer = done(sizing.measure(gold.audience, {}, user, "builder:1", own=gold))
    assert answer.size == 10
    gold.refresh_from_db()
    assert gold.size is None
    with pytest.raises(RulesError):
        sizing.measure(gold.audience, {"type": "group", "match": "none"}, user, "builder:1")


def test_an_answer_for_rules_that_changed_meanwhile_is_not_kept(gold: Segment, user: User) -> None:
    asked = sizing.measure_segment(gold, user)
    segments.save(gold, {}, user, version=1)
    assert done(asked).size == 3
    gold.refresh_from_db()
    assert gold.size is None


def test_a_newer_question_supersedes_the_one_before(gold: Segment, user: User) -> None:
    first = sizing.measure(gold.audience, EMEA, user, "builder:1")
    other = sizing.measure(gold.audience, EMEA, user, "builder:2")
    second = sizing.measure(gold.audience, {}, user, "builder:1")
    assert [done(one).state for one in (first, second, other)] == ["superseded", "done", "done"]


def test_work_stops_where_nobody_waits_any_more(gold: Segment, user: User, monkeypatch: Any) -> None:
    """The engine's process is killed, and what it would have found is not written."""
    monkeypatch.setattr(measuring, "LOOK", 0)
    asked = sizing.measure(gold.audience, EMEA, user, "builder:1")
    stopped = threading.Event()
    whole = asking.ask

    def endless(sql: str, **options: Any) -> Any:
        sizing.cancel(asked)
        try:
            return whole(
                f"SELECT count(*) FROM {', '.join(f'shop.orders t{n}' for n in range(9))}", **options
            )
        except measuring._NobodyWaits:
            stopped.set()
            raise

    monkeypatch.setattr(asking, "ask", endless)
    answer = done(asked)
    assert stopped.is_set()
    assert (answer.state, answer.size) == ("superseded", None)


def test_a_key_that_comes_twice_is_no_size(gold: Segment, user: User, shop: Write) -> None:
    shop("customers", f"{CUSTOMERS} UNION ALL SELECT 3, 'again', 'EMEA', 1")
    answer = done(sizing.measure_segment(gold, user))
    assert (answer.state, answer.size) == ("failed", None)
    assert answer.error_message.startswith("4 rows were found for 3 customers: a key comes more than once.")


def test_a_lost_column_is_named(gold: Segment, user: User, shop: Write) -> None:
    shop("customers", "SELECT 1 AS id, 'u1' AS login, 1 AS age")
    answer = done(sizing.measure_segment(gold, user))
    assert (answer.state, answer.error_message.split(",")[0]) == (
        "failed", "Table shop.customers has no column region any more"
    )  # fmt: skip


def test_a_worker_that_died_is_noticed(gold: Segment, user: User) -> None:
    asked = sizing.measure_segment(gold, user)
    long_ago = timezone.now() - timedelta(minutes=5)
    Measurement.objects.filter(pk=asked.pk).update(state="running", beaten_at=long_ago)
    answer = sizing.look(asked.pk)
    assert (answer.state, answer.error_action) == ("failed", "Count again.")


def test_old_answers_go(gold: Segment, user: User) -> None:
    old = done(sizing.measure_segment(gold, user))
    Measurement.objects.filter(pk=old.pk).update(asked_at=timezone.now() - timedelta(hours=2))
    sizing.measure_segment(gold, user)
    assert not Measurement.objects.filter(pk=old.pk).exists()


def test_what_a_killed_process_left_is_removed(gold: Segment, user: User, data_dir: Path) -> None:
    left, fresh = (data_dir / "spool" / f"answer-{name}.parquet.part" for name in ("old", "new"))
    left.parent.mkdir(exist_ok=True)
    for path in (left, fresh):
        path.touch()
    os.utime(left, (0, 0))
    done(sizing.measure_segment(gold, user))
    assert [path.name for path in (data_dir / "spool").glob("answer-*")] == [fresh.name]
