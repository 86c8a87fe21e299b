"""The schedule picker: in a popover over the editor, and as a page at its own address."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import reswap, trigger_client_event

from console.accounts.models import User
from console.workbench import schedule_saving
from console.workbench.models import Query, Schedule
from console.workbench.permissions import may_edit, require_edit, signed_in
from console.workbench.schedule_form import ScheduleForm, fingerprint, read_back
from console.workbench.schedule_words import label


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    query, user = _query(pk), signed_in(request)
    if request.method != "POST":
        return _page(request, query, _form(query, user))
    require_edit(user, query)
    form = _form(query, user, request.POST)
    if request.POST.get("then") == "look":  # without JavaScript the runs are asked for by a button
        return _page(request, query, form)
    if not form.is_valid():
        return _page(request, query, form, status=422)
    try:
        saved = schedule_saving.save(query, form, user)
    except schedule_saving.StaleSchedule as stale:
        return _stale(request, query, user, stale)
    return _saved(request, query, saved)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the rule in the form means, and its errors, each to be put in its place. Every picker asks here."""
    form = ScheduleForm(request.POST, home=signed_in(request).time_zone)
    context = {"form": form, "readout": read_back(form), "oob": True}
    return render(request, "workbench/_schedule_answer.html", context)


def _form(query: Query, user: User, data: Any = None) -> ScheduleForm:
    return ScheduleForm(data, schedule=schedule_of(query), home=user.time_zone)


def schedule_of(query: Query) -> Schedule | None:
    return getattr(query, "schedule", None)


def _page(
    request: HttpRequest, query: Query, form: ScheduleForm, *, status: int = 200, changed: str = ""
) -> HttpResponse:
    editable = may_edit(signed_in(request), query)
    if not editable:
        for field in form.fields.values():
            field.disabled = True
    readout = read_back(form)
    context = {
        "query": query, "schedule": schedule_of(query), "form": form, "readout": readout,
        "editable": editable, "changed": changed, "back_url": reverse("query", args=[query.pk]),
    }  # fmt: skip
    return render(request, "workbench/schedule_picker.html", context, status=status)


def _stale(
    request: HttpRequest, query: Query, user: User, stale: schedule_saving.StaleSchedule
) -> HttpResponse:
    """409: what is there now, and what was chosen, still in its fields. Apply then replaces what is there."""
    data = request.POST.copy()
    data["seen"] = fingerprint(stale.current)
    now = label(stale.current.cron) if stale.current else label("")
    zone = f" in {stale.current.zone}" if stale.current and stale.current.cron else ""
    return _page(request, _query(query.pk), _form(query, user, data), status=409, changed=f"{now}{zone}")


def _saved(request: HttpRequest, query: Query, saved: Schedule | None) -> HttpResponse:
    words = f"{query.name} has no schedule"
    if saved and saved.cron:
        words = f"{query.name} is scheduled: {label(saved.cron)}, {saved.zone}"
    if not request.htmx:  # type: ignore[attr-defined]
        messages.info(request, words)
        return redirect("query", query.pk)
    context = {"query": _query(query.pk), "editable": True, "oob": True}
    response = reswap(render(request, "workbench/_schedule_button.html", context), "none")
    return trigger_client_event(response, "schedule:applied", {"text": words}, after="settle")


def _query(pk: int) -> Query:
    return get_object_or_404(Query.objects.select_related("owner", "schedule", "schedule__paused_by"), pk=pk)
