"""Past runs as bars for the small picture on the job page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from console.workbench.models import Job
from console.workbench.progress import elapsed, seconds

SLOW = 2  # times the middle run


@dataclass(frozen=True)
class Bar:
    status: str  # a job's status, or "slow"
    seconds: float
    label: str  # "Job 12, Nov 4, 06:00: Done, 2.4 s"


@dataclass(frozen=True)
class Bars:
    bars: list[Bar]
    words: str  # "28 finished, 1 slow, 1 failed"
    first: datetime | None = None
    last: datetime | None = None


def bars(runs: list[Job]) -> Bars:
    """`runs` is oldest first, as `progress.history` gives them."""
    times = sorted(elapsed(run) or 0 for run in runs if run.status == Job.Status.SUCCESS)
    limit = times[len(times) // 2] * SLOW + 1 if times else None
    made = [_bar(run, limit) for run in runs]
    if not runs:
        return Bars(made, _words(made))
    first, last = (timezone.localtime(run.created_at) for run in (runs[0], runs[-1]))
    return Bars(made, _words(made), first, last)


def _bar(run: Job, limit: float | None) -> Bar:
    took = elapsed(run) or 0
    slow = run.status == Job.Status.SUCCESS and limit is not None and took > limit
    began = timezone.localtime(run.created_at)
    label = f"Job {run.pk}, {began:%b} {began.day}, {began:%H:%M}: {run.outcome}, {seconds(took)}"
    return Bar("rejected" if run.has_rejected_rows else "slow" if slow else run.status, took, label)


def _words(made: list[Bar]) -> str:
    names = (
        ("success", "finished"),
        ("slow", "slow"),
        ("rejected", "with rejected rows"),
        ("error", "failed"),
        ("killed", "killed"),
    )
    counts = ((sum(bar.status == status for bar in made), name) for status, name in names)
    return ", ".join(f"{count} {name}" for count, name in counts if count)
