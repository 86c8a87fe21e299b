"""The ledger in the database: intent before the first byte, receipts as they come, every retry."""

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations.connector import Chunk, Receipt, RetryPolicy
from integrations.delivery.guard import Guard
from integrations.errors import RefusedError, TemporaryError
from integrations.models import Attempt, Export, ExportEvent, Part

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
        self.guard.heed()
        digest = hashlib.sha256(chunk.data).hexdigest()
        with self._held():
            part, _ = Part.objects.get_or_create(
                export=self.export,
                index=chunk.index,
                defaults={"rows": chunk.rows, "bytes": len(chunk.data), "sha256": digest},
            )
        if part.sha256 != digest:
            raise RefusedError(
                f"Part {chunk.index + 1} came out differently than before the interruption.",
                action="Nothing more was sent. Run the export again.",
            )
        if part.status != Part.Status.ACKNOWLEDGED:
            return None
        return Receipt(part.index, part.rows - part.rows_rejected, part.rows_rejected, part.remote_id)

    def acknowledge(self, receipt: Receipt, sent: int) -> None:
        with self._held():
            fresh = (
                Part.objects.filter(export=self.export, index=receipt.index)
                .exclude(status=Part.Status.ACKNOWLEDGED)
                .update(
                    status=Part.Status.ACKNOWLEDGED,
                    rows_rejected=receipt.rows_rejected,
                    remote_id=receipt.remote_id,
                    acknowledged_at=timezone.now(),
                )
            )
            if fresh:
                self._update(
                    rows_delivered=F("rows_delivered") + receipt.rows_accepted,
                    rows_rejected=F("rows_rejected") + receipt.rows_rejected,
                    bytes_sent=F("bytes_sent") + sent,
                )

    def restart(self) -> None:
        with self._held():
            self.export.parts.all().delete()
            self._update(rows_delivered=0, rows_rejected=0, bytes_sent=0)

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

    def _update(self, **fields: Any) -> None:
        Export.objects.filter(pk=self.export_id).update(**fields)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """A transaction in which the claim is ours, or `Lost`."""
        with transaction.atomic():
            self.guard.hold()
            yield
