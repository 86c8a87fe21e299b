"""The ledger: what it has committed is there after any death, and nothing is counted twice."""

import pytest

from integrations.connector import Chunk, Receipt, RejectedRow, RetryPolicy
from integrations.delivery import rejected
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


def rejected_row(number, reason="Email is not valid.", code="515"):
    return RejectedRow(number, "Email", f"value {number}", reason, code)


def numbered(index, first, last):
    return Chunk(index, f"bytes {index}".encode(), last - first + 1, tuple(range(first, last + 1)))


def test_several_parts_are_intended_and_acknowledged_together(ledger, export):
    chunks = [numbered(index, 10 * index + 1, 10 * index + 10) for index in range(3)]
    assert ledger.intend_all(chunks) == [None, None, None]
    ledger.acknowledge_all([
        (Receipt(0, 10), 5), (Receipt(1, 8, 2, rejected=(rejected_row(11), rejected_row(15))), 6), (Receipt(2, 10), 7),
    ])  # fmt: skip
    export.refresh_from_db()
    assert (export.rows_delivered, export.rows_rejected, export.bytes_sent) == (28, 2, 18)
    assert ledger.intend_all(chunks)[1] == Receipt(1, 8, 2)
    assert [(part.first_row, part.last_row) for part in export.parts.all()] == [(1, 10), (11, 20), (21, 30)]


def test_a_receipt_for_a_part_nobody_meant_to_send_counts_nothing(ledger, export):
    ledger.acknowledge_all([(Receipt(7, 10), 5)])
    export.refresh_from_db()
    assert (export.rows_delivered, export.parts.count()) == (0, 0)


def test_rejected_rows_are_kept_with_their_part_and_counted_by_reason(ledger, export):
    ledger.intend_all([numbered(0, 1, 10), numbered(1, 11, 20)])
    for _ in range(2):  # a repeated receipt changes nothing
        ledger.acknowledge(Receipt(0, 9, 1, rejected=(rejected_row(4),)), 5)
        ledger.acknowledge(
            Receipt(1, 8, 2, rejected=(rejected_row(19), rejected_row(11, "Phone is not valid.", "516"))), 5
        )
    export.refresh_from_db()
    assert export.reject_reasons == {"Email is not valid.": 2, "Phone is not valid.": 1}
    assert list(rejected.listed(export)) == [
        rejected_row(4), rejected_row(11, "Phone is not valid.", "516"), rejected_row(19),
    ]  # fmt: skip
    assert [row.row for row in rejected.listed(export, start=1, limit=1)] == [11]
    assert list(rejected.rejected_numbers(export)) == [4, 11, 19]
    assert rejected.how_many(export) == 3


def test_reasons_beyond_the_limit_are_counted_together(ledger, export, monkeypatch):
    monkeypatch.setattr(rejected, "REASONS", 2)
    ledger.intend(numbered(0, 1, 10))
    rows = tuple(rejected_row(number, f"Reason {number}.") for number in range(1, 6))
    ledger.acknowledge(Receipt(0, 5, 5, rejected=rows), 5)
    export.refresh_from_db()
    assert export.reject_reasons == {"Reason 1.": 1, "Reason 2.": 1, "Other reasons": 3}


def test_rows_of_neighbouring_parts_are_put_in_order(ledger, export):
    ledger.intend_all([numbered(0, 1, 10), numbered(1, 11, 20)])
    ledger.acknowledge(Receipt(0, 9, 2, rejected=(rejected_row(3), rejected_row(14))), 5)
    ledger.acknowledge(Receipt(1, 9, 1, rejected=(rejected_row(12),)), 5)
    assert [row.row for row in rejected.in_order(export)] == [3, 12, 14]


def test_an_unanswered_part_is_known_to_the_next_worker(ledger, export, claim):
    ledger.intend_all([numbered(0, 1, 10), numbered(1, 11, 20), numbered(2, 21, 30)])
    ledger.acknowledge(Receipt(0, 10), 5)
    again = DatabaseLedger(export, claim, RetryPolicy())
    assert again.unanswered() == {1, 2}
    again.acknowledge(Receipt(1, 0, rows_in_doubt=10), 0)
    assert again.unanswered() == {2}


def test_a_part_in_doubt_is_closed_and_its_rows_are_known(ledger, export):
    ledger.intend_all([numbered(0, 1, 10), numbered(1, 11, 20)])
    ledger.acknowledge(Receipt(0, 9, 1, rejected=(rejected_row(12),)), 5)  # fell into the part before its own
    ledger.acknowledge(Receipt(1, 0, 0, rows_in_doubt=9), 0)
    export.refresh_from_db()
    assert (export.rows_delivered, export.rows_rejected, export.rows_in_doubt) == (9, 1, 9)
    assert export.parts.get(index=1).status == Part.Status.IN_DOUBT
    assert list(rejected.doubtful_numbers(export)) == [11, 13, 14, 15, 16, 17, 18, 19, 20]
    assert ledger.intend(numbered(1, 11, 20)) == Receipt(1, 1, 0, rows_in_doubt=9)


def test_what_was_never_sent_is_withdrawn(ledger, export):
    ledger.intend_all([numbered(0, 1, 10), numbered(1, 11, 20)])
    ledger.acknowledge(Receipt(0, 10), 5)
    ledger.withdraw([0, 1])
    assert [part.index for part in export.parts.all()] == [0], "an acknowledged part stays"
    assert ledger.unanswered() == frozenset()


def test_rows_that_stop_a_run_are_reported(ledger, export):
    ledger.report([rejected_row(2), rejected_row(9)], 12_345)
    ledger.report([rejected_row(2)], 12_345)
    export.refresh_from_db()
    assert (export.rows_at_fault, export.rows_rejected) == (12_345, 0)
    assert list(rejected.listed(export)) == [rejected_row(2)]
    assert list(rejected.rejected_numbers(export)) == []


def test_a_restart_forgets_what_was_rejected(ledger, export):
    ledger.intend(numbered(0, 1, 10))
    ledger.acknowledge(Receipt(0, 9, 1, rejected=(rejected_row(4),)), 5)
    ledger.restart()
    export.refresh_from_db()
    assert (export.rows_rejected, export.reject_reasons, rejected.how_many(export)) == (0, {}, 0)


def test_a_jittered_wait_is_never_longer_than_the_whole():
    policy = RetryPolicy(initial_ms=1_000, max_ms=4_000, jitter=0.5)
    waits = [policy.wait_ms(3) for _ in range(100)]
    assert all(2_000 <= wait <= 4_000 for wait in waits)
    assert RetryPolicy(initial_ms=1_000).wait_ms(2) == 2_000
