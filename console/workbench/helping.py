"""Workers that wait for a destination take the imports that wait for a worker.

Where the destination is this console, an export waits for the import it has started. As many exports at once as
there are workers would leave none for their imports, and wait for ever.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from console.workbench.lease import Lease
from console.workbench.models import Job

EVERY = 1.0  # seconds between two looks
PATIENCE = timedelta(seconds=1)  # an import is left so long to a worker that is free


class HelpingGuard:
    """The `integrations.delivery.guard.Guard` of an export: its lease, and some work for others while it waits."""

    def __init__(self, lease: Lease, work: Callable[[int], None]) -> None:
        self.lease, self.work = lease, work
        self._looked = time.monotonic()

    def heed(self) -> None:
        self.lease.heed()
        if self._may_look():
            self._looked = time.monotonic()
            for job_id in _waiting():
                self.work(job_id)
                self.lease.heed()

    def hold(self) -> None:
        self.lease.hold()

    def _may_look(self) -> bool:
        """Not in the midst of a transaction, nor in a thread that only uploads."""
        due = time.monotonic() - self._looked >= EVERY
        return (
            due and threading.current_thread() is threading.main_thread() and not connection.in_atomic_block
        )


def _waiting() -> list[int]:
    imports = Job.objects.claimable().filter(
        kind=Job.Kind.BULK_IMPORT, created_at__lt=timezone.now() - PATIENCE
    )
    return list(imports.order_by("id").values_list("pk", flat=True)[:1])
