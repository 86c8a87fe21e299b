"""The job page with its live parts, and what can be done with a job."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from console.workbench import cli, joblog, jobs, origins, progress, rejects, results
from console.workbench.history import bars
from console.workbench.models import Job
from console.workbench.permissions import may_kill, require_kill, signed_in
from console.workbench.views.runs import STOP_POLLING, find


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, find(pk))


def page(request: HttpRequest, job: Job, *, refused: str = "", status: int = 200) -> HttpResponse:
    context = _live(job, request) | joblog.log(job) | {"refused": refused, "command": cli.command(job)}
    return render(request, "workbench/job.html", context, status=status)


@require_safe
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The parts that change, and the log lines after the ones the page has."""
    job = find(pk)
    context = _live(job, request) | joblog.log(job, _after(request))
    return render(
        request, "workbench/_job_progress.html", context, status=STOP_POLLING if job.is_finished else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def kill(request: HttpRequest, pk: int) -> HttpResponse:
    job = find(pk)
    require_kill(signed_in(request), job)
    if request.method != "POST":
        return render(request, "workbench/job_kill.html", {"job": job, "back_url": reverse("job", args=[pk])})
    jobs.kill(job, signed_in(request))
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Trigger": "dialog:close"})
    return redirect("job", pk)


@require_POST
def export_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A new job that delivers the stored result; `confirmed_empty` agrees to a Replace by no rows."""
    job = find(pk)
    try:
        again = jobs.export_again(
            job, signed_in(request), confirmed_empty=request.POST.get("confirmed_empty") == "yes"
        )
    except jobs.JobRefused as refused:
        return page(request, job, refused=str(refused), status=422)
    address = reverse("job", args=[again.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


@require_safe
def result_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    job = find(pk)
    try:
        results.stream(job)
    except results.ResultGone as gone:
        raise Http404(str(gone)) from gone
    response = StreamingHttpResponse(results.write_csv(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(job)}.csv"'
    return response


@require_safe
def download_log(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    job = find(pk)
    response = StreamingHttpResponse(_log_text(job), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="job-{job.pk}.log"'
    return response


def _live(job: Job, request: HttpRequest) -> dict[str, Any]:
    runs = progress.history(job)
    return {
        "job": job,
        "maker": origins.maker(job),
        "export": job.export,
        "stages": progress.stages(job),
        "seconds": progress.elapsed(job),
        "usual": progress.usual(runs),
        "runs": bars(runs),
        "attempts": job.export.attempts.all() if job.export else (),
        "retries": progress.retry_policy(job),
        "warnings": joblog.warnings(job),
        "rejects": rejects.summary(job),
        "has_rows": bool(results.source(job).result_path),
        "kept_until": _kept_until(results.source(job)),
        "killable": may_kill(signed_in(request), job),
    }


def _kept_until(source: Job) -> datetime | None:
    """When the stored result is removed; None where there is none."""
    if not source.result_path or source.finished_at is None:
        return None
    return timezone.localtime(source.finished_at) + timedelta(days=settings.RESULT_DAYS)


def _after(request: HttpRequest) -> tuple[int, int]:
    first, _, second = request.GET.get("after", "").partition(".")
    return (int(first), int(second)) if first.isdecimal() and second.isdecimal() else (0, 0)


def _file_name(job: Job) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in job.query_name)
    return f"{kept}-{job.pk}" if kept.strip("_") else f"job-{job.pk}"


def _log_text(job: Job) -> Iterator[bytes]:
    for line in joblog.log_lines(job):
        yield f"{line.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {line.level:<4} {line.message}\n".encode()
