"""The outbox: claims, waits, giving up, deaths, and Send again. The mail server is a real one on loopback."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from console.notices import outbox, sending
from console.notices.models import Attempt, Dispatch, Notice, State
from console.notices.telling import Report, tell
from console.workbench.telling import subject_of
from tests.notices.conftest import only_dispatch

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def failed(query: Any) -> Any:
    """Tells that the query failed."""

    def make(**fields: Any) -> Notice:
        fields.setdefault("event", "job:1")
        found = tell(Report(subject=subject_of(query), name=query.name, state=State.FAILED, link="/workbench/jobs/1/",
                            message="The table is gone.", action="Create it again.", **fields))  # fmt: skip
        assert found is not None
        return found

    return make


def come_due(dispatch: Dispatch, **fields: Any) -> Dispatch:
    past = timezone.now() - timedelta(seconds=1)
    Dispatch.objects.filter(pk=dispatch.pk).update(next_try_at=past, **fields)
    dispatch.refresh_from_db()
    return dispatch


def test_a_mail_is_sent_once_however_often_the_bell_rings(mail, wants, failed):
    wants(on_failure=True)
    failed()
    dispatch = only_dispatch()
    for _ in range(3):
        sending.send(dispatch.pk)
    assert len(mail.mails) == 1
    dispatch.refresh_from_db()
    assert (dispatch.status, dispatch.answer) == ("sent", "250 2.0.0 Ok: queued as 0001")
    assert dispatch.next_try_at is None
    assert [(one.number, one.ok, one.answer) for one in dispatch.attempts.all()] == [
        (1, True, dispatch.answer)
    ]


def test_a_claim_is_one_workers_alone(wants, failed):
    wants(on_failure=True)
    failed()
    assert Dispatch.objects.claim(only_dispatch().pk) is not None
    assert Dispatch.objects.claim(only_dispatch().pk) is None


def test_the_attempt_is_in_the_log_before_anything_leaves(wants, failed, monkeypatch):
    seen = []

    def carry(dispatch: Dispatch) -> str:
        seen.append(Attempt.objects.get().ok)
        return "250 Ok"

    monkeypatch.setattr(sending, "carry", carry)
    wants(on_failure=True)
    failed()
    sending.send(only_dispatch().pk)
    assert seen == [None]


def test_a_refusal_for_a_time_waits_longer_each_time_and_then_gives_up(mail, wants, failed):
    wants(on_failure=True, emails=["full@example.com"])
    failed()
    waits = []
    for _ in range(sending.TRIES):
        before = timezone.now()
        sending.send(only_dispatch().pk)
        dispatch = only_dispatch()
        if dispatch.next_try_at:
            waits.append(dispatch.next_try_at - before)
            come_due(dispatch)
    assert [wait >= step for wait, step in zip(waits, sending.DELAYS, strict=True)] == [True] * len(
        sending.DELAYS
    )
    assert waits == sorted(waits)
    dispatch = only_dispatch()
    assert dispatch.status == "failed"
    assert dispatch.answer == "127.0.0.1 refused mail to full@example.com: 452 4.2.2 Mailbox full."
    assert dispatch.attempts.count() == sending.TRIES
    sending.send(dispatch.pk)
    assert dispatch.attempts.count() == sending.TRIES


def test_a_greylisted_mail_arrives_at_the_second_try(mail, wants, failed):
    wants(on_failure=True, emails=["grey@example.com"])
    failed()
    sending.send(only_dispatch().pk)
    assert only_dispatch().status == "waiting"
    sending.send(only_dispatch().pk)  # its time has not come
    assert only_dispatch().attempts.count() == 1
    sending.send(come_due(only_dispatch()).pk)
    assert only_dispatch().status == "sent"
    assert len(mail.mails) == 1


def test_an_unknown_address_is_not_tried_again_and_keeps_nobody_waiting(mail, wants, failed):
    wants(on_failure=True, emails=["nobody@example.com", "mika@example.com"])
    failed()
    for dispatch in Dispatch.objects.all():
        sending.send(dispatch.pk)
    assert [(one.status, one.tries) for one in Dispatch.objects.all()] == [("failed", 1), ("sent", 1)]
    refused = Dispatch.objects.get(status="failed")
    assert refused.answer == (
        "127.0.0.1 refused mail to nobody@example.com: 550 5.1.1 User unknown. Correct the address."
    )


def test_after_a_death_it_goes_to_the_next_worker_and_the_log_says_so(mail, wants, failed):
    wants(on_failure=True)
    failed()
    dispatch = only_dispatch()
    assert Dispatch.objects.claim(dispatch.pk)  # and the worker is killed
    sending.send(dispatch.pk)
    assert not mail.mails
    past = timezone.now() - timedelta(seconds=1)
    come_due(dispatch, lease_until=past, rung_at=past - timedelta(seconds=1))
    OrmQ.objects.all().delete()
    assert outbox.ring_due() == 1
    assert OrmQ.objects.count() == 1
    sending.send(dispatch.pk)
    assert len(mail.mails) == 1
    assert [one.ok for one in dispatch.attempts.all()] == [None, True]


def test_a_worker_thought_dead_can_not_change_the_outcome(mail, wants, failed):
    wants(on_failure=True)
    failed()
    stale = Dispatch.objects.claim(only_dispatch().pk)
    assert stale
    come_due(stale, lease_until=timezone.now() - timedelta(seconds=1))
    sending.send(stale.pk)
    stale.give_up("too late")
    assert only_dispatch().status == "sent"
    assert stale.attempts.get(number=1).answer == "too late"


def test_one_over_which_workers_die_is_given_up(wants, failed):
    wants(on_failure=True)
    failed()
    for _ in range(sending.TRIES):
        assert Dispatch.objects.claim(only_dispatch().pk)
        come_due(only_dispatch(), lease_until=timezone.now() - timedelta(seconds=1))
    sending.send(only_dispatch().pk)
    assert only_dispatch().status == "failed"
    assert "workers died over it" in only_dispatch().answer


def test_the_watch_rings_what_is_due_and_nothing_else(wants, failed):
    wants(on_failure=True)
    failed()
    assert outbox.ring_due() == 0  # rung when it was written
    later = timezone.now() + timedelta(hours=1)
    Dispatch.objects.update(next_try_at=later)
    assert outbox.ring_due() == 0
    come_due(only_dispatch(), rung_at=timezone.now() - timedelta(seconds=30))
    assert outbox.ring_due() == 1  # its time came after the last ring
    assert outbox.ring_due() == 0
    Dispatch.objects.update(rung_at=timezone.now() - timedelta(seconds=90))
    assert outbox.ring_due() == 1  # the queue has lost it


def test_send_again_sends_what_was_sent_or_given_up_and_not_what_waits(mail, wants, failed):
    wants(on_failure=True)
    failed()
    dispatch = only_dispatch()
    assert outbox.send_again(dispatch) is False
    sending.send(dispatch.pk)
    assert outbox.send_again(dispatch) is True
    sending.send(dispatch.pk)
    assert len(mail.mails) == 2
    assert mail.mails[0]["Message-ID"] == mail.mails[1]["Message-ID"]
    assert only_dispatch().tries == 1


def test_an_error_inside_is_tried_again_and_named_in_the_log(wants, failed, monkeypatch, caplog):
    monkeypatch.setattr("console.notices.mailbox.keep", lambda data: 1 / 0)
    wants(on_failure=True)
    failed()
    sending.send(only_dispatch().pk)
    dispatch = only_dispatch()
    assert dispatch.status == "waiting"
    assert dispatch.answer == (
        f"Sending stopped on an error inside Sendoff. Look for notice {dispatch.pk} in the worker's log."
    )
    assert "ZeroDivisionError" in caplog.text


def test_old_notices_go_with_all_that_belongs_to_them(mail, wants, failed):
    wants(on_failure=True)
    failed()
    sending.send(only_dispatch().pk)
    outbox.remove_old()
    assert Notice.objects.count() == 1
    Notice.objects.update(created_at=timezone.now() - timedelta(days=91))
    outbox.remove_old()
    assert not Notice.objects.exists()
    assert not Attempt.objects.exists()


def test_where_all_workers_are_busy_the_watch_sends(mail, wants, failed):
    wants(on_failure=True)
    failed()
    assert sending.help_out() == 0  # a worker may still take it
    Dispatch.objects.update(rung_at=timezone.now() - timedelta(seconds=20))
    assert sending.help_out() == 1
    assert sending.help_out() == 0
    assert len(mail.mails) == 1
