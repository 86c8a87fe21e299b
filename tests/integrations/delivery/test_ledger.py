"""The ledger: what it has committed is there after any death, and nothing is counted twice."""

import pytest

from integrations.connector import Chunk, Receipt, RetryPolicy
from integrations.delivery.ledger import DatabaseLedger
from integrations.errors import Lost, RefusedError, Stopped, TemporaryError
from integrations.models import Export, Part
from tests.factories import make_authentication

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


class Claim:
    """A guard whose claim can be killed or lost."""

    killed = lost = False

    def heed(self):
        if self.lost:
            raise Lost
        if self.killed:
            raise Stopped

    def hold(self):
        if self.lost:
            raise Lost


@pytest.fixture
def claim():
    return Claim()


@pytest.fixture
def export():
    authentication = make_authentication()
    return Export.objects.create(
        authentication=authentication,
        authentication_name=str(authentication),
        connector="treasure_data",
        result_path="1-1.parquet",
        default_time=1_700_000_000,
        rows_total=5,
    )


@pytest.fixture
def ledger(export, claim):
    return DatabaseLedger(export, claim, RetryPolicy(max_retries=3, initial_ms=1, max_ms=2))


def test_intent_is_there_before_anything_is_sent(ledger, export):
    assert ledger.intend(Chunk(0, b"bytes", 2)) is None
    part = Part.objects.get(export=export)
    assert (part.index, part.rows, part.bytes, part.status) == (0, 2, 5, Part.Status.INTENT)


def test_an_accepted_part_is_known_to_the_next_worker(ledger, export, claim):
    ledger.intend(Chunk(0, b"bytes", 2))
    ledger.acknowledge(Receipt(0, 2, remote_id="part-0"), 5)
    again = DatabaseLedger(export, claim, RetryPolicy())
    assert again.intend(Chunk(0, b"bytes", 2)) == Receipt(0, 2, 0, "part-0")


def test_a_receipt_counts_once(ledger, export):
    ledger.intend(Chunk(0, b"bytes", 2))
    for _ in range(2):
        ledger.acknowledge(Receipt(0, 1, 1), 5)
    export.refresh_from_db()
    assert (export.rows_delivered, export.rows_rejected, export.bytes_sent) == (1, 1, 5)


def test_other_bytes_under_the_same_number_are_refused(ledger):
    ledger.intend(Chunk(0, b"bytes", 2))
    with pytest.raises(RefusedError, match="Part 1 came out differently"):
        ledger.intend(Chunk(0, b"other", 2))


def test_memory_is_committed_before_remember_returns(ledger, export, claim):
    ledger.remember(session="s1")
    ledger.remember(phase="uploading")
    export.refresh_from_db()
    assert export.remote == {"session": "s1", "phase": "uploading"}
    assert DatabaseLedger(export, claim, RetryPolicy()).memory == export.remote


def test_after_a_kill_nothing_is_begun_but_what_happened_is_recorded(ledger, export, claim):
    ledger.intend(Chunk(0, b"bytes", 2))
    claim.killed = True
    with pytest.raises(Stopped):
        ledger.intend(Chunk(1, b"more", 2))
    ledger.acknowledge(Receipt(0, 2), 5)
    export.refresh_from_db()
    assert export.rows_delivered == 2
    assert export.parts.count() == 1


def test_a_worker_that_lost_its_claim_writes_nothing(ledger, export, claim):
    ledger.intend(Chunk(0, b"bytes", 2))
    claim.lost = True
    with pytest.raises(Lost):
        ledger.acknowledge(Receipt(0, 2), 5)
    with pytest.raises(Lost):
        ledger.remember(phase="committed")
    export.refresh_from_db()
    assert (export.rows_delivered, export.remote) == (0, {})
    assert export.parts.get().status == Part.Status.INTENT


def failing(times, error=None):
    """A call that fails so many times, then answers how often it was made."""
    calls = []

    def call():
        calls.append(1)
        if len(calls) <= times:
            raise error or TemporaryError("busy", response="503 Service Unavailable")
        return len(calls)

    return call


def test_a_temporary_failure_is_tried_again_and_every_try_is_kept(ledger, export):
    assert ledger.retry("PUT part-0", failing(2)) == 3
    export.refresh_from_db()
    assert (export.retries, export.waited_ms) == (2, 1 + 2)
    tries = [(a.number, a.response, a.wait_ms, a.ok) for a in export.attempts.all()]
    assert tries == [
        (1, "503 Service Unavailable", 1, False),
        (2, "503 Service Unavailable", 2, False),
        (3, "Accepted", None, True),
    ]
    assert [event.level for event in export.events.all()] == ["warn", "warn"]


def test_the_budget_is_one_for_the_whole_run(ledger, export):
    ledger.retry("PUT part-0", failing(2))
    with pytest.raises(TemporaryError):
        ledger.retry("PUT part-1", failing(2))
    assert Export.objects.get(pk=export.pk).retries == 3
    assert export.attempts.last().next_step == "Given up"


def test_the_other_sides_retry_after_is_honoured(ledger, export):
    ledger.retry("PUT part-0", failing(1, TemporaryError("slow down", retry_after=0.05)))
    assert export.attempts.first().wait_ms == 50


def test_a_kill_ends_a_wait(ledger, claim):
    def call():
        claim.killed = True
        raise TemporaryError("slow down", retry_after=3600)

    with pytest.raises(Stopped):
        ledger.retry("PUT part-0", call)
