"""The log of a job and of its export, merged by time."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Count, Max, QuerySet

from console.workbench.models import Job, JobEvent
from integrations.models import ExportEvent

SHOWN_LINES = 1_000


@dataclass(frozen=True)
class Line:
    """A line of the merged log."""

    at: datetime
    level: str
    message: str


def log_lines(job: Job, *, after: tuple[int, int] = (0, 0)) -> Iterator[Line]:
    """The job's and its export's lines by time, those after the two ids."""
    mine = job.events.filter(pk__gt=after[0]).iterator()
    theirs: Iterator[ExportEvent] = iter(())
    if job.export:
        theirs = job.export.events.filter(pk__gt=after[1]).iterator()
    return heapq.merge(map(_line, mine), map(_line, theirs), key=lambda line: line.at)


def last_ids(job: Job) -> tuple[int, int]:
    """The newest line of each of the two logs: what `log_lines(after=…)` starts behind."""
    return _last(job.events.all()), _last(job.export.events.all()) if job.export else 0


def log(job: Job, after: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """The log as the pages show it: the newest lines, whether some were left out, and where to go on."""
    ids, written = _extent(job) if after == (0, 0) else (last_ids(job), 0)
    older = max(0, written - SHOWN_LINES)
    lines = list(islice(log_lines(job, after=after), older, None))
    return {"lines": lines, "older": older, "log_ids": f"{ids[0]}.{ids[1]}"}


def warnings(job: Job) -> int:
    levels = {"level__in": ("warn", "err")}
    found = job.events.filter(**levels).count()
    return found + (job.export.events.filter(**levels).count() if job.export else 0)


def _line(event: JobEvent | ExportEvent) -> Line:
    return Line(event.at, event.level, event.message)


def _last(events: "QuerySet[JobEvent] | QuerySet[ExportEvent]") -> int:
    return events.order_by("-id").values_list("id", flat=True).first() or 0


def _extent(job: Job) -> tuple[tuple[int, int], int]:
    """`last_ids`, and how many lines there are: one question of each log."""
    logs = [job.events.all(), *([job.export.events.all()] if job.export else ())]
    found = [events.aggregate(last=Max("id"), lines=Count("id")) for events in logs]
    last = [one["last"] or 0 for one in found]
    return (last[0], last[1] if job.export else 0), sum(one["lines"] for one in found)
