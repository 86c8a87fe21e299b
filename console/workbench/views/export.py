"""Export Results: Choose Integration, Next, the settings with their preview, Done. Each step has its own address."""

import time
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from console.workbench import results
from console.workbench.models import Job, Query
from console.workbench.permissions import require_edit, signed_in
from integrations import registry, tokens
from integrations.errors import DeliveryError, Kind
from integrations.exports import choices, forms, preview
from integrations.fields import SettingsForm
from integrations.models import Authentication
from integrations.rows import RowStream

NO_ROWS = RowStream((), 0, lambda: iter(()))


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    query = _editable(request, pk)
    data = request.POST if request.method == "POST" else request.GET
    if request.method == "POST":
        onward = _onward(
            query, data.get("way", ""), data.get("authentication", ""), data.get("connector", "")
        )
        if onward:
            return redirect(onward)
    text = data.get("q", "")
    context = {
        "query": query,
        "q": text,
        "found": choices.search(request.user, text),
        "connectors": registry.connectors(),
        "chosen": _number(data.get("authentication", "")) or query.export_authentication_id,
        "way": data.get("way", "existing"),
        "missing": request.method == "POST",
        "dialog_size": "md",
        "back_url": reverse("query", args=[pk]),
        "here": reverse("query_export", args=[pk]),
    }
    if request.htmx.target == "auth-list":  # type: ignore[attr-defined]
        return render(request, "workbench/_choices.html", context)
    status = 422 if request.method == "POST" else 200
    return render(request, "workbench/export_choose.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int, authentication_id: int) -> HttpResponse:
    query = _editable(request, pk)
    authentication = get_object_or_404(Authentication.objects.saved(), pk=authentication_id)
    if request.method != "POST":
        stored = query.export_settings if query.export_authentication_id == authentication_id else {}
        return _settings_page(request, query, authentication, forms.build(authentication, stored=stored))
    form = forms.build(authentication, data=request.POST)
    question = _question(form, authentication, _last_rows(query) or NO_ROWS)
    if not form.is_valid() or (question and request.POST.get("confirm") != "yes"):
        return _settings_page(request, query, authentication, form, question=question, status=422)
    query.export_authentication, query.export_settings = authentication, form.settings()
    query.save(update_fields=["export_authentication", "export_settings"])
    return _back_to_editor(request, query, f"Results of {query.name} go to {authentication.name}")


@require_POST
def show_preview(request: HttpRequest, pk: int, authentication_id: int) -> HttpResponse:
    """What would be written with the settings as they stand in the dialog."""
    query = _editable(request, pk)
    authentication = get_object_or_404(Authentication.objects.saved(), pk=authentication_id)
    form = forms.build(authentication, data=request.POST)
    result = preview.render(authentication, form, _last_rows(query), int(time.time()))
    return render(request, "integrations/_schema_preview.html", {"preview": result})


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    query = _editable(request, pk)
    query.export_authentication, query.export_settings = None, {}
    query.save(update_fields=["export_authentication", "export_settings"])
    return _back_to_editor(request, query, f"Results of {query.name} are no longer exported")


def _onward(query: Query, way: str, authentication: str, connector: str) -> str:
    """The next step's address; "" where nothing that can be used was chosen."""
    if way == "new":
        if connector not in [each.tile.key for each in registry.connectors()]:
            return ""
        back = reverse("query_export", args=[query.pk])
        return reverse("authentication_new") + "?" + urlencode({"connector": connector, "next": back})
    usable = Authentication.objects.saved().exclude(health__in=choices.BROKEN)
    number = _number(authentication)
    if number is None or not usable.filter(pk=number).exists():
        return ""
    return reverse("query_export_settings", args=[query.pk, number])


def _question(form: SettingsForm, authentication: Authentication, rows: RowStream) -> str:
    """What a person has to agree to before Done. A wrong setting becomes an error of its field instead."""
    error = _precheck(form, authentication)
    if error is None:
        checked = preview.render(authentication, form, rows, int(time.time()))
        if checked.error is None:
            return checked.confirm
        error = checked.error
    if error.kind == Kind.SETTINGS:
        form.add_error(error.field if error.field in form.fields else None, f"{error} {error.action}".strip())
        return ""
    return f"{error} {error.action} These settings are not checked. Save them as they are?"


def _precheck(form: SettingsForm, authentication: Authentication) -> DeliveryError | None:
    if not form.is_valid():
        return None
    try:
        registry.get(authentication.connector).precheck(tokens.credentials(authentication), form.settings())
    except DeliveryError as error:
        return error
    return None


def _settings_page(
    request: HttpRequest,
    query: Query,
    authentication: Authentication,
    form: SettingsForm,
    *,
    question: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "query": query,
        "authentication": authentication,
        "connector": registry.get(authentication.connector),
        "form": form,
        "question": question,
        "last": _last_job(query),
        "dialog_size": "xl",
        "back_url": reverse("query", args=[query.pk]),
    }
    return render(request, "workbench/export_settings.html", context, status=status)


def _back_to_editor(request: HttpRequest, query: Query, words: str) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        messages.info(request, words)
        return redirect("query", query.pk)
    context = {"query": query, "editable": True, "oob": True}
    response = render(request, "workbench/_export_button.html", context)
    trigger_client_event(response, "dialog:close")
    return trigger_client_event(response, "toast", {"title": words})


def _last_job(query: Query) -> Job | None:
    return query.jobs.exclude(result_path="").order_by("-id").first()


def _last_rows(query: Query) -> RowStream | None:
    job = _last_job(query)
    try:
        return results.stream(job) if job else None
    except results.ResultGone:
        return None


def _editable(request: HttpRequest, pk: int) -> Query:
    query = get_object_or_404(Query.objects.select_related("owner", "export_authentication"), pk=pk)
    require_edit(signed_in(request), query)
    return query


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
