"""The ledger in the database: intent before the first byte, receipts as they come, every retry."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from integrations.connector import Chunk, Receipt, RejectedRow, RetryPolicy
from integrations.delivery import rejected
from integrations.delivery.guard import Guard
from integrations.delivery.parts import CLOSED, alike, part_of, receipt_of
from integrations.errors import TemporaryError
from integrations.models import Attempt, Export, ExportEvent, Part, RejectedRows

SLICE = 0.2  # seconds between two looks at the guard while waiting


class DatabaseLedger:
    """`integrations.connector.Ledger` over the Export row and its parts, attempts and events."""

    def __init__(self, export: Export, guard: Guard, policy: RetryPolicy) -> None:
        self.export = export
        self.guard = guard
        self.policy = policy
        self.export_id: int = export.pk
        self.default_time = export.default_time
        self.rows_total = export.rows_total
        self.confirmed_empty = export.confirmed_empty
        self._memory: dict[str, Any] = dict(export.remote)

    @property
    def spool(self) -> Path:
        folder: Path = settings.SPOOL_DIR / f"export-{self.export_id}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def drop_spool(self) -> None:
        shutil.rmtree(settings.SPOOL_DIR / f"export-{self.export_id}", ignore_errors=True)

    @property
    def memory(self) -> Mapping[str, Any]:
        return self._memory

    def remember(self, **facts: Any) -> None:
        self._memory.update(facts)
        with self._held():
            self._update(remote=self._memory)

    def intend(self, chunk: Chunk) -> Receipt | None:
        """Commits that this part is about to be sent. Returns its receipt where it was accepted before."""
        return self.intend_all([chunk])[0]

    def intend_all(self, chunks: Sequence[Chunk]) -> list[Receipt | None]:
        self.guard.heed()
        with self._held():
            parts = {part.index: part for part in self._parts([chunk.index for chunk in chunks])}
            Part.objects.bulk_create(
                part_of(self.export, chunk) for chunk in chunks if chunk.index not in parts
            )
        return [receipt_of(parts.get(chunk.index), chunk.digest) for chunk in chunks]

    def acknowledge(self, receipt: Receipt, sent: int) -> None:
        self.acknowledge_all([(receipt, sent)])

    def acknowledge_all(self, answered: Sequence[tuple[Receipt, int]]) -> None:
        if not answered:
            return
        with self._held():
            parts = self._parts([receipt.index for receipt, _ in answered])
            meant = set(parts.exclude(status__in=CLOSED).values_list("index", flat=True))
            fresh = [(receipt, sent) for receipt, sent in answered if receipt.index in meant]
            for facts, indexes in alike([receipt for receipt, _ in fresh]).items():
                self._parts(indexes).update(**dict(facts), acknowledged_at=timezone.now())
            self._count([receipt for receipt, _ in fresh], sum(sent for _, sent in fresh))

    def unanswered(self) -> frozenset[int]:
        return frozenset(self.export.parts.filter(status=Part.Status.INTENT).values_list("index", flat=True))

    def withdraw(self, indexes: Sequence[int]) -> None:
        if indexes:
            with self._held():
                self._parts(indexes).filter(status=Part.Status.INTENT).delete()

    def report(self, rows: Sequence[RejectedRow], total: int) -> None:
        with self._held():
            rejected.keep(self.export, RejectedRows.AT_FAULT, rows)
            self._update(rows_at_fault=total)

    def restart(self) -> None:
        with self._held():
            self.export.parts.all().delete()
            self.export.rejected.all().delete()
            self._update(
                rows_delivered=0,
                rows_rejected=0,
                rows_in_doubt=0,
                rows_at_fault=0,
                bytes_sent=0,
                reject_reasons={},
            )

    def reject(self, rows: int) -> None:
        """Moves `rows` of the delivered ones to the rejected ones. The number is set, not added."""
        with self._held():
            self._update(rows_delivered=F("rows_delivered") + F("rows_rejected") - rows, rows_rejected=rows)

    def retry(self, request: str, call: Callable[[], Any]) -> Any:
        """Calls; on TemporaryError waits and calls again while the run's one budget lasts."""
        failures = 0
        while True:
            self.guard.heed()
            try:
                answer = call()
            except TemporaryError as error:
                failures += 1
                self._wait_out(request, error, failures)
            else:
                if failures:
                    self._attempt(request, failures + 1, "Accepted", ok=True, next_step="Next request")
                return answer

    def log(self, level: str, message: str) -> None:
        with self._held():
            ExportEvent.objects.create(export=self.export, at=timezone.now(), level=level, message=message)

    def heed(self) -> None:
        self.guard.heed()

    def _wait_out(self, request: str, error: TemporaryError, failures: int) -> None:
        response = error.response or str(error)
        spent = Export.objects.values_list("retries", flat=True).get(pk=self.export_id)
        if spent >= self.policy.max_retries:
            self._attempt(request, failures, response, next_step="Given up")
            raise error
        wait = self.policy.wait_ms(failures)
        if error.retry_after is not None:
            wait = max(wait, round(error.retry_after * 1000))
        with self._held():
            self._update(retries=F("retries") + 1, waited_ms=F("waited_ms") + wait)
        self._attempt(request, failures, response, wait_ms=wait, next_step="Same request again")
        self.log(
            "warn", f"{request}: {response}, retry {spent + 1} of {self.policy.max_retries} in {wait:,} ms"
        )
        self._sleep(wait / 1000)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.guard.heed()
            time.sleep(min(SLICE, left))

    def _attempt(
        self,
        request: str,
        number: int,
        response: str,
        *,
        ok: bool = False,
        wait_ms: int | None = None,
        next_step: str,
    ) -> None:
        with self._held():
            Attempt.objects.create(
                export=self.export,
                number=number,
                request=request,
                response=response,
                ok=ok,
                wait_ms=wait_ms,
                next_step=next_step,
            )

    def _parts(self, indexes: Sequence[int]) -> "QuerySet[Part]":
        return Part.objects.filter(export=self.export, index__in=indexes)

    def _count(self, receipts: Sequence[Receipt], sent: int) -> None:
        self._update(
            rows_delivered=F("rows_delivered") + sum(receipt.rows_accepted for receipt in receipts),
            rows_rejected=F("rows_rejected") + sum(receipt.rows_rejected for receipt in receipts),
            rows_in_doubt=F("rows_in_doubt") + sum(receipt.rows_in_doubt for receipt in receipts),
            bytes_sent=F("bytes_sent") + sent,
        )
        told = [receipt for receipt in receipts if receipt.rejected]
        for receipt in told:
            rejected.keep(self.export, receipt.index, receipt.rejected)
        if told:
            reasons = Export.objects.values_list("reject_reasons", flat=True).get(pk=self.export_id)
            self._update(reject_reasons=rejected.counted(reasons, told))

    def _update(self, **fields: Any) -> None:
        Export.objects.filter(pk=self.export_id).update(**fields)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """A transaction in which the claim is ours, or `Lost`."""
        with transaction.atomic():
            self.guard.hold()
            yield
