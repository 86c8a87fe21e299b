"""Export Results: Choose Integration, Next, the settings, Done. Each step has its own address."""

import time
from collections.abc import Mapping
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
from console.workbench.views.drafts import number
from integrations import registry, tokens
from integrations.errors import DeliveryError, Kind
from integrations.exports import choices, forms, preview
from integrations.fields import SettingsForm
from integrations.models import Authentication
from integrations.rows import RowStream


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    query = editable(request, pk)
    data = request.POST if request.method == "POST" else request.GET
    missing = request.method == "POST" and "find" not in data  # "find": the search, without JavaScript
    if missing:
        onward = _onward(
            query, data.get("way", ""), data.get("authentication", ""), data.get("connector", "")
        )
        if onward:
            return redirect(onward)
    text = data.get("q", "")
    found = choices.search(request.user, text)
    context = {
        "query": query,
        "q": text,
        "found": found,
        "connectors": registry.connectors(),
        "chosen": number(data.get("authentication", "")) or query.export_authentication_id,
        "way": data.get("way") or ("existing" if found.total else "new"),
        "missing": missing,
        "dialog_size": "md",
        "back_url": reverse("query", args=[pk]),
        "here": reverse("query_export", args=[pk]),
    }
    if request.htmx.target == "auth-list":  # type: ignore[attr-defined]
        return render(request, "workbench/_choices.html", context)
    return render(request, "workbench/export_choose.html", context, status=422 if missing else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, pk: int, authentication_id: int) -> HttpResponse:
    query = editable(request, pk)
    authentication = get_object_or_404(Authentication.objects.saved(), pk=authentication_id)
    if request.method != "POST":
        stored = query.export_settings if query.export_authentication_id == authentication_id else {}
        return settings_page(request, query, authentication, forms.build(authentication, stored=stored))
    form = forms.build(authentication, data=request.POST)
    question = to_confirm(form, authentication, last_rows(query))
    if not form.is_valid() or (question and request.POST.get("confirm") != question):
        return settings_page(request, query, authentication, form, question=question, status=422)
    query.export_authentication, query.export_settings = authentication, form.settings()
    query.save(update_fields=["export_authentication", "export_settings"])
    return _back_to_editor(request, query, f"Results of {query.name} go to {authentication.name}")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    query = editable(request, pk)
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
    chosen = number(authentication)
    if chosen is None or not usable.filter(pk=chosen).exists():
        return ""
    return reverse("query_export_settings", args=[query.pk, chosen])


def to_confirm(form: SettingsForm, authentication: Authentication, rows: RowStream | None) -> str:
    """What has to be agreed to before Done, word for word. A wrong setting becomes an error of its field instead."""
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


def settings_page(
    request: HttpRequest,
    query: Query,
    authentication: Authentication,
    form: SettingsForm,
    *,
    question: str = "",
    status: int = 200,
    looked: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """`looked`: the preview's context, where it was asked for without JavaScript."""
    context: dict[str, Any] = {
        "query": query,
        "authentication": authentication,
        "connector": registry.get(authentication.connector),
        "form": form,
        "question": question,
        "last": last_job(query),
        "dialog_size": "xl",
        "back_url": reverse("query", args=[query.pk]),
        "settings_url": reverse("query_export_settings", args=[query.pk, authentication.pk]),
        **(looked or {}),
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


def last_job(query: Query) -> Job | None:
    return query.jobs.exclude(result_path="").order_by("-id").first()


def last_rows(query: Query) -> RowStream | None:
    job = last_job(query)
    try:
        return results.stream(job) if job else None
    except results.ResultGone:
        return None


def editable(request: HttpRequest, pk: int) -> Query:
    query = get_object_or_404(Query.objects.select_related("owner", "export_authentication"), pk=pk)
    require_edit(signed_in(request), query)
    return query
