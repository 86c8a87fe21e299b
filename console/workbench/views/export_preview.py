"""Beside the settings of an export: what would be written, and whether one field is right."""

import time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from console.accounts.models import User
from console.workbench import jobs
from console.workbench.models import Job, Query
from console.workbench.permissions import signed_in
from console.workbench.views.export import editable, last_job, last_rows, settings_page
from integrations.exports import forms, preview
from integrations.fields import AidField
from integrations.models import Authentication


@require_POST
def show(request: HttpRequest, pk: int, authentication_id: int) -> HttpResponse:
    """What would be written with the settings as they stand. `run` first makes the result that is looked at."""
    query = editable(request, pk)
    authentication = get_object_or_404(Authentication.objects.saved(), pk=authentication_id)
    form = forms.build(authentication, data=request.POST)
    if request.POST.get("run") and not last_job(query):
        _run(query, signed_in(request))
    context = {
        "query": query,
        "authentication": authentication,
        "form": form,
        "preview": preview.render(authentication, form, last_rows(query), int(time.time())),
        "last": last_job(query),
        **_run_so_far(query),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "workbench/_export_preview.html", context)
    return settings_page(request, query, authentication, form, looked=context)


@require_POST
def validate(request: HttpRequest, pk: int, authentication_id: int) -> HttpResponse:
    """One field with its errors, as soon as it was changed. The destination is asked at Done."""
    editable(request, pk)
    authentication = get_object_or_404(Authentication.objects.saved(), pk=authentication_id)
    form = forms.build(authentication, data=request.POST)
    name = request.GET.get("field", "")
    if name not in form.fields:
        raise Http404(f"There is no field {name}.")
    form.is_valid()
    context = {"field": form[name], "authentication": authentication}
    response = render(request, "integrations/_field.html", context)
    if form.aided and isinstance(form.fields[name], AidField):
        trigger_client_event(response, "settings:fill", form.aided)
    return response


def _run(query: Query, user: User) -> None:
    """Runs the saved SQL for its columns: nothing is exported, because where to is being decided here."""
    if not Job.objects.unfinished().filter(query=query).exists():
        jobs.submit_sql(user=user, database=query.database, type=query.type, sql=query.sql, query=query)


def _run_so_far(query: Query) -> dict[str, Any]:
    """Where there is no result to look at: the run that will make one, or the one that failed."""
    last = query.jobs.filter(kind=Job.Kind.QUERY).order_by("-id").first()
    if last is None:
        return {"going": None, "failed": None}
    return {
        "going": None if last.is_finished else last,
        "failed": last if last.is_finished and not last.result_path else None,
    }
