"""The Queries list, and what its rows offer: duplicate and delete."""

from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from console.workbench import queries
from console.workbench.models import Job, Query
from console.workbench.permissions import may_edit, require_edit, signed_in

PER_PAGE = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    text = request.GET.get("q", "").strip()
    everything = Query.objects.all()
    matching = _matching(everything, text)
    uses = request.GET.get("authentication", "")
    if uses.isdecimal() and len(uses) < 19:
        matching = matching.filter(export_authentication=int(uses))
    page = Paginator(matching, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": text,
        "uses": uses,
        "page": page,
        "rows": _rows(page, user),
        "total": everything.count() if text or uses else page.paginator.count,
    }
    partial = request.htmx.target == "query-list"  # type: ignore[attr-defined]
    return render(request, "workbench/_query_list.html" if partial else "workbench/queries.html", context)


@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    query = get_object_or_404(Query.objects.select_related("export_authentication"), pk=pk)
    return redirect("query", queries.duplicate(query, signed_in(request)).pk)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    query = get_object_or_404(Query.objects.select_related("owner"), pk=pk)
    require_edit(signed_in(request), query)
    running = Job.objects.unfinished().filter(query=query).order_by("-id").first()
    if request.method != "POST" or running:
        context = {
            "query": query,
            "running": running,
            "jobs": query.jobs.count(),
            "back_url": "/workbench/queries/",
        }
        status = 422 if request.method == "POST" else 200
        return render(request, "workbench/query_delete.html", context, status=status)
    query.delete()
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect("/workbench/queries/")
    return redirect("queries")


def _matching(found: QuerySet[Query], text: str) -> QuerySet[Query]:
    if not text:
        return found
    return found.filter(
        Q(name__icontains=text)
        | Q(database__icontains=text)
        | Q(owner__name__icontains=text)
        | Q(owner__email__icontains=text)
        | Q(export_authentication__name__icontains=text)
    )


def _rows(page: Page[Query], user: object) -> list[dict[str, object]]:
    """One dictionary per query of this page, with its last run; three SQL queries whatever the size."""
    latest = Job.objects.filter(query=OuterRef("pk"), kind=Job.Kind.QUERY).order_by("-id").values("id")[:1]
    ids = [query.pk for query in page]
    found = (
        Query.objects.filter(pk__in=ids)
        .select_related("owner", "export_authentication", "schedule")
        .defer("sql")
        .annotate(last_job=Subquery(latest))
    )
    by_id = {query.pk: query for query in found}
    shown = Job.objects.select_related("export").defer("sql", "translated_sql", "result_schema")
    jobs = shown.in_bulk([query.last_job for query in by_id.values() if query.last_job])
    return [
        {"query": by_id[pk], "last": jobs.get(by_id[pk].last_job), "editable": may_edit(user, by_id[pk])}  # type: ignore[arg-type]
        for pk in ids
        if pk in by_id
    ]
