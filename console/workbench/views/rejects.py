"""Rows that an export did not deliver: listed, downloaded, sent again."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from console.workbench import jobs, rejects, results
from console.workbench.permissions import signed_in
from console.workbench.views.drafts import number
from console.workbench.views.jobs import page
from console.workbench.views.runs import find
from integrations.delivery import rejected

PER_PAGE = 100


@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """All of them with their reasons, a page at a time."""
    job = find(pk)
    found = rejects.summary(job)
    if job.export is None or found is None:
        raise Http404("No row of this job was rejected.")
    start = min(number(request.GET.get("from", "")) or 0, found.kept)
    context = {
        "job": job,
        "export": job.export,
        "rejects": found,
        "rows": list(rejected.listed(job.export, start, PER_PAGE)),
        "first": start + 1,
        "last": min(start + PER_PAGE, found.kept),
        "earlier": max(0, start - PER_PAGE) if start else None,
        "later": start + PER_PAGE if start + PER_PAGE < found.kept else None,
    }
    return render(request, "workbench/job_rejected.html", context)


@require_safe
def download(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    job = find(pk)
    if job.export is None or not rejected.how_many(job.export):
        raise Http404("No rejected rows of this job are kept.")
    try:
        results.stream(job)
    except results.ResultGone as gone:
        raise Http404(str(gone)) from gone
    response = StreamingHttpResponse(rejects.write_csv(job), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="job-{job.pk}-rejected.csv"'
    return response


@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """A new job with these rows alone."""
    job = find(pk)
    try:
        again = jobs.send_again(job, signed_in(request), doubt=request.POST.get("rows") == "doubt")
    except jobs.JobRefused as refused:
        return page(request, job, refused=str(refused), status=422)
    address = reverse("job", args=[again.pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]
