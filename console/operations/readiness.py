"""What `/readyz` looks at. A check answers with one sentence, or raises with one."""

import logging
import shutil
from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from console.operations import heartbeats, queue, timekeeping
from console.operations.models import Heartbeat
from console.warehouse import storage
from integrations.formats import gpg

log = logging.getLogger(__name__)
FREE_BYTES = 512 * 1024 * 1024  # below this a result or a spool file would soon not fit


class NotReady(Exception):
    """`str(error)` says what is missing and what to do."""


class Check(NamedTuple):
    name: str
    ok: bool
    detail: str


def checks() -> list[Check]:
    """Every check, in the order in which a cause comes before its effects."""
    return [_run(name, look) for name, look in CHECKS.items()]


def notes() -> dict[str, str]:
    """What is missing and only some people need."""
    return {
        "gpg": gpg.program()
        or "Not installed. Exports with PGP encryption need it: install the package gnupg."
    }


def _run(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except NotReady as missing:
        return Check(name, False, str(missing))
    except Exception as error:  # whatever a database or an object store raises is the answer
        log.warning("/readyz: %s", name, exc_info=True)
        return Check(name, False, f"{type(error).__name__}. The web server's log has more.")


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


_migrated = False  # a migration that is applied stays applied while this process lives


def _migrations() -> str:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            raise NotReady(f"{len(waiting)} not applied. Run `manage.py migrate`.")
        _migrated = True
    return "applied"


def _workers() -> str:
    alive, expected = heartbeats.workers()
    if not alive:
        raise NotReady(f"0 of {expected} alive. Start `manage.py qcluster`.")
    return f"{alive} of {expected} alive"


def _watch() -> str:
    if not heartbeats.alive(Heartbeat.Kind.WATCH):
        raise NotReady("Not running. Start `manage.py watch`.")
    return "alive"


def _scheduler() -> str:
    late = timekeeping.lateness()
    if late > timekeeping.LATE:
        raise NotReady(f"A schedule is {late.total_seconds():,.0f} s late. Restart `manage.py watch`.")
    coming = timekeeping.next_start()
    return f"next start {coming:%Y-%m-%d %H:%M:%S} UTC" if coming else "no schedule is active"


def _queue() -> str:
    if queue.is_stuck():
        raise NotReady("Jobs wait while workers are idle. Restart `manage.py qcluster`.")
    return f"{queue.waiting()} waiting"


def _disk() -> str:
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < FREE_BYTES:
        raise NotReady(f"{free:,} bytes free in SENDOFF_DATA_DIR; {FREE_BYTES:,} are needed. Make room.")
    return f"{free:,} bytes free"


def _warehouse() -> str:
    databases = len(storage.databases())
    return f"{databases} database{'' if databases == 1 else 's'}"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "workers": _workers,
    "watch": _watch,
    "scheduler": _scheduler,
    "queue": _queue,
    "disk": _disk,
    "warehouse": _warehouse,
}
