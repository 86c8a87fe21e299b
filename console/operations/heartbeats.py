"""Workers and the watch say that they live; everybody who asks counts the recent ones."""

import logging
import os
import socket
import threading
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from console.operations.models import Heartbeat

log = logging.getLogger(__name__)
EVERY = 5.0  # seconds between two beats of one process
SILENT = timedelta(seconds=20)  # after this a process counts as dead
FORGET = timedelta(hours=1)
_last_turn = 0.0


def beat(kind: str) -> None:
    """Writes this process's row and drops those of processes that have long been silent."""
    now = timezone.now()
    process = f"{socket.gethostname()}:{os.getpid()}"
    Heartbeat.objects.update_or_create(process=process, defaults={"kind": kind, "at": now})
    Heartbeat.objects.filter(at__lt=now - FORGET).delete()


def alive(kind: str) -> int:
    return Heartbeat.objects.filter(kind=kind, at__gte=timezone.now() - SILENT).count()


def workers() -> tuple[int, int]:
    """(alive, expected). One that was just replaced may still count, so no more than expected are alive."""
    return min(alive(Heartbeat.Kind.WORKER), settings.WORKERS), settings.WORKERS


def scheduler() -> bool:
    """The watch starts what is due."""
    return alive(Heartbeat.Kind.WATCH) > 0


def worker_spawned(**_: Any) -> None:
    """In a worker process that the queue has just forked: beat until the process ends."""
    threading.Thread(target=_keep_beating, name="heartbeat", daemon=True).start()


def watch_turned(**_: Any) -> None:
    """At every turn of the watch's loop, so that a loop that hangs counts as dead."""
    global _last_turn
    if time.monotonic() - _last_turn >= EVERY:
        beat(Heartbeat.Kind.WATCH)
        _last_turn = time.monotonic()


def _keep_beating() -> None:
    while True:
        try:
            beat(Heartbeat.Kind.WORKER)
        except DatabaseError:
            log.warning("the heartbeat could not be written; the next one is in %s s", EVERY)
            connection.close()
        time.sleep(EVERY)
