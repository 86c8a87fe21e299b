"""The query editor: open, save, save as new, restore, format. Every form also posts without JavaScript."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from console.warehouse.engine.interface import SqlError
from console.workbench import queries, schema
from console.workbench.forms import EditorForm
from console.workbench.models import EngineType, Job, Query
from console.workbench.pane import pane
from console.workbench.permissions import may_edit, may_kill, require_edit, signed_in
from console.workbench.queries import Draft, Stale
from console.workbench.sql_format import pretty
from console.workbench.views import drafts

ONWARD = {"export": "query_export", "schedule": "query_schedule"}


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    job = drafts.asked_job(request)
    return page(request, None, drafts.of_nothing(request, job), job=job)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    query = _query(pk)
    asked = drafts.asked_job(request)
    last = query.jobs.filter(kind=Job.Kind.QUERY).select_related("export", "user", "export_authentication")
    return page(request, query, drafts.of_query(request, query, asked), job=asked or last.first())


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = EditorForm(request.POST)
    if not form.is_valid():
        return _refused(request, None, form)
    query = queries.create(form.draft(), user)
    shown = drafts.number(request.POST.get("job", ""))
    if shown:
        queries.adopt(query, shown, user)
    if request.POST.get("then") in ONWARD:
        return _onward(request, query)
    address = reverse("query", args=[query.pk]) + (f"?job={shown}" if shown else "")
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method != "POST":  # the address of the conflict dialog, reloaded
        return redirect("query", pk)
    query, user = _query(pk), signed_in(request)
    require_edit(user, query)
    form = EditorForm(request.POST, query=query)
    if not form.is_valid():
        return _refused(request, query, form)
    try:
        saved = queries.save(query, form.draft(), user, version=form.cleaned_data["version"] or 0)
    except Stale as stale:
        return _conflict(request, stale.current, form.draft())
    if request.POST.get("then") in ONWARD:
        return _onward(request, saved)
    if not request.htmx or request.htmx.target != "ed-head":  # type: ignore[attr-defined]
        address = reverse("query", args=[pk])
        return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]
    response = render(request, "workbench/_editor_head.html", _head(saved, Draft.of(saved), user))
    return trigger_client_event(response, "query:saved")


@require_POST
def format_sql(request: HttpRequest) -> HttpResponse:
    """The SQL, laid out: as text for the editor, or the whole page where there is no JavaScript."""
    draft = drafts.typed(request)
    if "text/plain" in request.headers.get("Accept", ""):
        try:
            return HttpResponse(pretty(draft.sql, draft.type), content_type="text/plain; charset=utf-8")
        except SqlError as error:
            return JsonResponse(
                {"message": str(error), "line": error.line, "column": error.column}, status=422
            )
    number = drafts.number(request.POST.get("query", ""))
    query, job = _query(number) if number else None, drafts.asked_job(request)
    try:
        draft = Draft(draft.name, draft.database, draft.type, pretty(draft.sql, draft.type))
    except SqlError as error:
        return page(request, query, draft, job=job, status=422, failure=str(error))
    return page(request, query, draft, job=job)


@require_safe
def versions(request: HttpRequest, pk: int) -> HttpResponse:
    query = _query(pk)
    saves = query.versions.select_related("saved_by")[:50]
    return render(request, "workbench/query_versions.html", {"query": query, "versions": saves})


@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """The schema browser's tables, for the database that was chosen."""
    return render(
        request, "workbench/_schema_tree.html", {"tables": schema.tables(request.GET.get("database", ""))}
    )


@require_safe
def completion(request: HttpRequest) -> JsonResponse:
    """What the editor completes: {"schema": {database: {table: [column]}}, "functions": {type: [name]}}."""
    return JsonResponse({"schema": schema.names(), "functions": schema.functions()})


def page(
    request: HttpRequest,
    query: Query | None,
    draft: Draft,
    *,
    job: Job | None = None,
    form: EditorForm | None = None,
    status: int = 200,
    failure: str = "",
) -> HttpResponse:
    """The whole editor page with `draft` in it, saved or not."""
    databases = schema.databases()
    chosen = draft.database or (databases[0] if databases else "")
    context: dict[str, Any] = {
        **_head(query, draft, signed_in(request), form),
        **pane(job, request.GET.get("tab", "")),
        "as_run": "&edit=job" if drafts.shows_run(request) else "",
        "killable": job is not None and may_kill(signed_in(request), job),
        "rail": True,
        "databases": databases if chosen in databases or not chosen else [chosen, *databases],
        "database": chosen,
        "types": EngineType.choices,
        "tables": schema.tables(chosen),
        "failure": failure,
    }
    return render(request, "workbench/editor.html", context, status=status)


def _head(query: Query | None, draft: Draft, user: object, form: EditorForm | None = None) -> dict[str, Any]:
    saved = Draft.of(query) if query else Draft("", "", EngineType.PRESTO, "")
    return {
        "query": query,
        "draft": draft,
        "form": form,
        "unsaved": draft != saved and bool(query or draft.sql),
        "editable": query is None or may_edit(user, query),  # type: ignore[arg-type]
    }


def _refused(request: HttpRequest, query: Query | None, form: EditorForm) -> HttpResponse:
    draft = drafts.typed(request)
    if request.htmx:  # type: ignore[attr-defined]
        context = _head(query, draft, signed_in(request), form)
        return render(request, "workbench/_editor_head.html", context, status=422)
    return page(request, query, draft, job=drafts.asked_job(request), form=form, status=422)


def _conflict(request: HttpRequest, current: Query, mine: Draft) -> HttpResponse:
    """409: who saved, when, both versions, and three ways on. Nothing that was typed is lost."""
    context = {"query": current, "mine": mine, "rail": True, "dialog_size": "lg"}
    response = render(request, "workbench/query_conflict.html", context, status=409)
    if request.htmx:  # type: ignore[attr-defined]
        response["HX-Retarget"], response["HX-Reswap"] = "#dlg", "innerHTML"
    return response


def _onward(request: HttpRequest, query: Query) -> HttpResponse:
    """It was saved in order to be exported or scheduled: there."""
    then = request.POST["then"]
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(f"{reverse('query', args=[query.pk])}?{then}=choose")
    return redirect(ONWARD[then], query.pk)


def _query(pk: int) -> Query:
    return get_object_or_404(
        Query.objects.select_related("owner", "saved_by", "export_authentication", "schedule"), pk=pk
    )
