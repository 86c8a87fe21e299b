"""A worker's hold on a job: beats while it lasts, notices a kill, and knows when it is lost."""

import threading
import time
from datetime import timedelta
from types import TracebackType

from django.conf import settings
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from console.workbench.models import Job
from integrations.errors import Lost, Stopped

LOOK = 0.4  # seconds between two looks at kill_requested_at


class Lease:
    """Use as a context manager around the work; it is the `integrations.delivery.guard.Guard` of an export."""

    def __init__(self, job: Job) -> None:
        self.pk, self.fence = job.pk, job.fence
        self._killed = threading.Event()
        self._lost = threading.Event()
        self._done = threading.Event()
        self._beaten = time.monotonic()
        if job.kill_requested_at:
            self._killed.set()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{job.pk}", daemon=True)

    def __enter__(self) -> "Lease":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def heed(self) -> None:
        if self._lost.is_set():
            raise Lost
        if self._killed.is_set():
            raise Stopped

    def hold(self) -> None:
        """Called inside a transaction; the row stays locked to its end (SQLite: BEGIN IMMEDIATE locks all)."""
        fence = Job.objects.select_for_update().values_list("fence", flat=True).get(pk=self.pk)
        if fence != self.fence:
            self._lost.set()
            raise Lost

    def _beat(self) -> None:
        try:
            while not self._done.wait(LOOK):
                self._look()
        finally:
            connection.close()

    def _look(self) -> None:
        third = settings.LEASE_SECONDS / 3
        try:
            close_old_connections()
            now = time.monotonic()
            if now - self._beaten >= third:
                self._extend(now)
            if Job.objects.filter(pk=self.pk).exclude(kill_requested_at=None).exists():
                self._killed.set()
        except OperationalError:
            # The database is away. What we hold runs out by our own clock as it does by everybody's.
            if time.monotonic() - self._beaten > settings.LEASE_SECONDS:
                self._lost.set()

    def _extend(self, now: float) -> None:
        until = timezone.now() + timedelta(seconds=settings.LEASE_SECONDS)
        held = Job.objects.unfinished().filter(pk=self.pk, fence=self.fence).update(lease_until=until)
        if held:
            self._beaten = now
        elif not self._done.is_set():
            self._lost.set()
