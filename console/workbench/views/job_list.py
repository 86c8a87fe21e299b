"""The Jobs list: newest first, page by page from an id, so that it stays fast with any number of jobs."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.workbench.forms import JobFilter
from console.workbench.models import Job

PER_PAGE = 50
COUNTED = 1_000  # more are not counted: "1,000+"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    filters = JobFilter(request.GET)
    matching = filters.apply(Job.objects.all())
    before = request.GET.get("before", "")
    older = matching.filter(pk__lt=int(before)) if before.isdecimal() and len(before) < 19 else matching
    shown = (
        older.select_related("user", "query", "export")
        .defer("sql", "translated_sql", "result_schema", "export_settings")
        .order_by("-id")[: PER_PAGE + 1]
    )
    found = list(shown)
    jobs = found[:PER_PAGE]
    context = {
        "filters": filters,
        "filtered": any(request.GET.get(name) for name in filters.fields),
        "jobs": jobs,
        "live": any(not job.is_finished for job in jobs),
        "more": _query_string(request.GET, before=jobs[-1].pk) if len(found) > PER_PAGE else "",
        "first": _query_string(request.GET) if before else "",
        "counted": matching.order_by()[: COUNTED + 1].count(),
        "limit": COUNTED,
        "q": request.GET.get("q", ""),
        "here": "?" + _query_string(request.GET, before=before or None),
    }
    partial = request.htmx.target == "job-list"  # type: ignore[attr-defined]
    return render(request, "workbench/_job_list.html" if partial else "workbench/jobs.html", context)


def _query_string(given: QueryDict, *, before: int | str | None = None) -> str:
    kept = given.copy()
    kept.pop("before", None)
    if before is not None:
        kept["before"] = str(before)
    return kept.urlencode() or "q="
