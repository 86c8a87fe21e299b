"""Run from the editor, and the result pane that follows it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from console.accounts.models import User
from console.workbench import jobs
from console.workbench.forms import RunForm
from console.workbench.models import Job, Query
from console.workbench.pane import pane
from console.workbench.permissions import may_kill, signed_in
from console.workbench.queries import Draft
from console.workbench.views import drafts, editor

STOP_POLLING = 286


@require_POST
def run_new(request: HttpRequest) -> HttpResponse:
    return _run(request, None)


@require_POST
def run(request: HttpRequest, pk: int) -> HttpResponse:
    return _run(
        request, get_object_or_404(Query.objects.select_related("export_authentication", "owner"), pk=pk)
    )


@require_safe
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """The result pane of one job. While it is unfinished the pane asks for itself again."""
    job = find(pk)
    tab = request.GET.get("tab", "results")
    context = pane(job, tab) | {"query": job.query, "killable": may_kill(signed_in(request), job)}
    status = STOP_POLLING if job.is_finished else 200
    if request.GET.get("have") == "rows" and tab == "results" and context["has_rows"]:
        context["only_line"] = True
        response = render(request, "workbench/_status_line.html", context, status=status)
        response["HX-Retarget"] = "#run-status"
        return response
    return render(request, "workbench/_run.html", context, status=status)


def find(pk: int) -> Job:
    jobs_ = Job.objects.select_related(
        "export", "user", "query", "source", "killed_by", "export_authentication"
    )
    return get_object_or_404(jobs_, pk=pk)


def _run(request: HttpRequest, query: Query | None) -> HttpResponse:
    """Runs what stands in the editor, saved or not. The export goes where the saved query says."""
    user = signed_in(request)
    form = RunForm(request.POST, query=query)
    if not form.is_valid():
        return _refused(request, query, form)
    job = _submit(form.draft(), query, user)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "workbench/_run.html", pane(job) | {"query": query, "killable": True})
    address = reverse("query", args=[query.pk]) if query else reverse("query_new")
    return redirect(f"{address}?job={job.pk}&edit=job")


def _submit(draft: Draft, query: Query | None, user: User) -> Job:
    fields = {}
    if query and query.export_authentication:
        fields = {
            "export_authentication": query.export_authentication,
            "export_settings": query.export_settings,
        }
    return jobs.submit_sql(
        user=user, database=draft.database, type=draft.type, sql=draft.sql, query=query, **fields
    )


def _refused(request: HttpRequest, query: Query | None, form: RunForm) -> HttpResponse:
    reasons = [str(error) for errors in form.errors.values() for error in errors]
    if request.htmx:  # type: ignore[attr-defined]
        context = pane(None) | {"query": query, "failure": " ".join(reasons)}
        return render(request, "workbench/_run.html", context, status=422)
    draft, job = drafts.typed(request), drafts.asked_job(request)
    return editor.page(request, query, draft, job=job, status=422, failure=" ".join(reasons))
