"""The editor's result pane: the first rows, the log or the runs of one job, and the status line."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from console.workbench import joblog, results
from console.workbench.models import Job
from console.workbench.progress import RUNS, history, sql_seconds

SHOWN_ROWS = 100
BRISK = timedelta(seconds=5)  # most queries are done by then, and somebody is watching


def pane(job: Job | None, tab: str = "") -> dict[str, Any]:
    """The editor's result pane: one of three tabs, and the status line."""
    if job is None:
        return {"job": None, "tab": "results"}
    tab = tab if tab in {"results", "log", "runs"} else "results"
    context: dict[str, Any] = {
        "job": job,
        "tab": tab,
        "seconds": sql_seconds(job),
        "has_rows": has_rows(job),
        "run_count": _run_count(job),
        "brisk": timezone.now() - job.created_at < BRISK,
    }
    if tab == "log":
        return context | joblog.log(job)
    if tab == "runs":
        return context | {"runs": history(job)[::-1]}
    return context | grid(job)


def _run_count(job: Job) -> int:
    """How many the tab Runs lists."""
    if job.query_id is None:
        return 0
    return Job.objects.filter(query_id=job.query_id, kind=job.kind, pk__lte=job.pk)[:RUNS].count()


def has_rows(job: Job) -> bool:
    return bool(results.source(job).result_path)


def grid(job: Job) -> dict[str, Any]:
    """The first rows with their columns; `gone` says why there are none to show."""
    if not has_rows(job):
        return {"gone": "removed" if job.rows is not None and not job.written_table else ""}
    try:
        return {
            "columns": results.columns(job),
            "rows": results.first_rows(job, SHOWN_ROWS),
            "shown": SHOWN_ROWS,
        }
    except results.ResultGone as gone:
        return {"gone": str(gone)}
