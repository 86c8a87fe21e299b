"""How a job stands, in words: stages, figures, the usual time. Reads rows, changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from console.workbench.models import Job
from integrations import registry
from integrations.connector import RetryPolicy
from integrations.models import Export

RUNS = 30
LEAST_RUNS = 3  # fewer finished runs say nothing about what is usual


@dataclass(frozen=True)
class Stage:
    name: str
    state: str  # "done", "on", "bad", "todo"
    meta: str
    percent: int | None = None
    at: datetime | None = None


def stages(job: Job) -> list[Stage]:
    names = [Job.Stage.QUEUED, *_work(job), Job.Stage.DONE]
    now = names.index(job.stage) if job.stage in names else 0
    return [_stage(job, name, place, now) for place, name in enumerate(names)]


def elapsed(job: Job) -> float | None:
    """Seconds since a worker took the job; None while it is queued."""
    if job.started_at is None:
        return None
    return max(((job.finished_at or timezone.now()) - job.started_at).total_seconds(), 0.0)


def sql_seconds(job: Job) -> float | None:
    if job.started_at is None:
        return None
    end = job.sql_finished_at or job.finished_at or timezone.now()
    return max((end - job.started_at).total_seconds(), 0.0)


def history(job: Job) -> list[Job]:
    """The last runs of the same query up to this one, oldest first."""
    if job.query_id is None:
        return []
    runs = Job.objects.filter(query_id=job.query_id, kind=job.kind, pk__lte=job.pk).select_related("export")
    return list(runs.defer("sql", "translated_sql", "result_schema").order_by("-id")[:RUNS])[::-1]


def usual(runs: list[Job]) -> tuple[float, float] | None:
    """Shortest and longest seconds of the finished runs without the extreme tenths; None where they are too few."""
    times = sorted(t for run in runs if run.status == Job.Status.SUCCESS and (t := elapsed(run)) is not None)
    if len(times) < LEAST_RUNS:
        return None
    cut = len(times) // 10
    return times[cut], times[-1 - cut]


def _work(job: Job) -> list[str]:
    exporting = [Job.Stage.EXPORTING] if job.export_authentication_id or job.export_id else []
    if job.kind == Job.Kind.EXPORT:
        return [Job.Stage.EXPORTING]
    return [Job.Stage.RUNNING, *exporting]


def _stage(job: Job, name: str, place: int, now: int) -> Stage:
    over = job.status == Job.Status.SUCCESS
    state = "done" if over or place < now else "todo" if place > now else "on"
    if place == now and job.status in {Job.Status.ERROR, Job.Status.KILLED}:
        state = "bad"
    at, meta = {
        Job.Stage.QUEUED: _queued, Job.Stage.RUNNING: _running, Job.Stage.EXPORTING: _exporting, Job.Stage.DONE: _done,
    }[Job.Stage(name)](job)  # fmt: skip
    label = (
        "Importing"
        if name == Job.Stage.RUNNING and job.kind == Job.Kind.BULK_IMPORT
        else Job.Stage(name).label
    )
    if name == Job.Stage.DONE and job.is_finished and not over:
        at, meta = None, "not reached"
    elif state == "todo" and name != Job.Stage.DONE:
        at, meta = None, "not reached" if job.is_finished else "waits"
    return Stage(label, state, meta, _percent(job, name) if state == "on" else None, at)


def _queued(job: Job) -> tuple[datetime | None, str]:
    if job.started_at is None:
        return job.created_at, "waits for a worker" if not job.is_finished else "ended before it began"
    return job.created_at, f"waited {seconds((job.started_at - job.created_at).total_seconds())}"


def _running(job: Job) -> tuple[datetime | None, str]:
    what = "import" if job.kind == Job.Kind.BULK_IMPORT else "query"
    took = seconds(sql_seconds(job) or 0)
    if job.sql_finished_at or job.status == Job.Status.SUCCESS:
        return job.started_at, f"{what} took {took}"
    return job.started_at, f"stopped after {took}" if job.is_finished else took


def _exporting(job: Job) -> tuple[datetime | None, str]:
    export = job.export
    if export is None or export.started_at is None:
        return job.sql_finished_at, "stopped before the upload" if job.is_finished else "prepares"
    parts = export.parts.filter(status="acknowledged").count()
    of = f" of {export.parts_total}" if export.parts_total else ""
    if export.finished_at:
        took = seconds((export.finished_at - export.started_at).total_seconds())
        word = "took" if export.status in {Export.Status.SUCCESS, Export.Status.REJECTED} else "stopped after"
        return export.started_at, f"{word} {took}"
    return export.started_at, f"part {parts + 1}{of}" if parts or export.bytes_sent else "begins"


def _done(job: Job) -> tuple[datetime | None, str]:
    if job.finished_at:
        return job.finished_at, f"after {seconds(elapsed(job) or 0)}"
    left = _seconds_left(job)
    return None, f"about {seconds(left)} left" if left else ""


def _seconds_left(job: Job) -> float | None:
    """From the rows that went out so far; None before there is anything to go by."""
    export = job.export
    if export is None or export.started_at is None or not export.rows_delivered or not export.rows_total:
        return None
    gone = (timezone.now() - export.started_at).total_seconds()
    return gone * (export.rows_total - export.rows_delivered) / export.rows_delivered


def _percent(job: Job, name: str) -> int | None:
    if name == Job.Stage.EXPORTING and job.export and job.export.rows_total:
        known = job.export.rows_delivered + job.export.rows_rejected + job.export.rows_in_doubt
        return min(100, 100 * known // job.export.rows_total)
    if name == Job.Stage.RUNNING and job.progress is not None:
        return min(100, int(100 * job.progress))
    return None


def seconds(value: float) -> str:
    """0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if value < 10:
        return f"{value:.1f} s"
    whole = timedelta(seconds=int(value)).seconds + timedelta(seconds=int(value)).days * 86_400
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def retry_policy(job: Job) -> RetryPolicy | None:
    """The retry budget of the job's export."""
    if job.export is None:
        return None
    try:
        return registry.get(job.export.connector).retries(job.export.settings)
    except KeyError:
        return None
