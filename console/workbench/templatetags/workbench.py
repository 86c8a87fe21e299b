"""What the workbench's templates need beyond the frame's tags: {% load workbench %}."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from console.shell import drawing
from console.workbench import progress
from console.workbench.models import Job
from integrations import registry
from integrations.exports import choices

register = template.Library()


@register.filter
def marked(value: str, text: str) -> SafeString:
    """{{ query.name|marked:q }}: what the search met is marked."""
    return choices.mark(value, text.strip())


@register.filter
def connector(key: str) -> Any:
    """The connector of a stored key; None where this build has none."""
    try:
        return registry.get(key)
    except KeyError:
        return None


@register.filter
def clock(moment: datetime | None) -> str:
    """06:00:20, in the reader's time zone."""
    return f"{timezone.localtime(moment):%H:%M:%S}" if moment else ""


@register.filter
def utc(moment: datetime | None) -> str:
    """06:00:20.118 UTC's clock: what logs show."""
    return f"{moment.astimezone(UTC):%H:%M:%S.%f}"[:-3] if moment else ""


@register.filter
def stopwatch(seconds: float | None) -> str:
    """00:21, 1:02:03."""
    if seconds is None:
        return "00:00"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


@register.filter
def took(seconds: float | None) -> str:
    return progress.seconds(seconds) if seconds is not None else ""


@register.filter
def seconds_of(job: Job) -> float | None:
    return progress.elapsed(job)


@register.filter
def sentence(job: Job) -> str:
    """One sentence for a live region; it changes with the stage, and with each tenth of an export."""
    if job.is_finished:
        return _ended(job)
    export = job.export
    if job.stage == Job.Stage.EXPORTING and export and export.rows_total:
        tenths = 10 * export.rows_delivered // export.rows_total
        return f"Job {job.pk}: exporting, {tenths * 10} percent."
    return f"Job {job.pk}: {job.get_stage_display().lower()}."


@register.simple_tag
def word(job: Job) -> SafeString:
    """The job's status word with its shape; a kill that was asked for says so."""
    if job.kill_requested_at and not job.is_finished:
        return drawing.status("running", "Killing")
    if job.status == Job.Status.RUNNING:
        return drawing.status("running", job.get_stage_display())
    return drawing.status("rejected" if job.has_rejected_rows else job.status, job.outcome)


def _ended(job: Job) -> str:
    if job.has_rejected_rows and job.export:
        return f"Job {job.pk} is done with rejected rows: {job.export.rows_rejected:,} of {job.export.rows_total:,}."
    if job.status == Job.Status.SUCCESS:
        rows = f", {job.rows:,} rows" if job.rows is not None else ""
        return f"Job {job.pk} is done{rows}."
    return (
        f"Job {job.pk} was killed."
        if job.status == Job.Status.KILLED
        else f"Job {job.pk} failed. {job.error_message}"
    )
