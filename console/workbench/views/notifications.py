"""Notifications of a query: a dialog, and a page at the same address."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from console.notices import post, trial
from console.notices.forms import NotificationsForm
from console.notices.models import Dispatch, Preferences
from console.workbench.models import Query
from console.workbench.permissions import signed_in
from console.workbench.telling import subject_of
from console.workbench.views.export import editable


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    query = editable(request, pk)
    stored = Preferences.objects.filter(subject=subject_of(query)).first()
    if request.method != "POST":
        return _page(request, query, NotificationsForm.of(stored, email=signed_in(request).email))
    form = NotificationsForm.of(stored, data=request.POST)
    testing = request.POST.get("action") == "test"
    if form.is_valid() and testing:
        form.require_recipient()
    if not form.is_valid():
        return _page(request, query, form, status=422)
    return _test(request, query, form) if testing else _save(request, query, form)


def _save(request: HttpRequest, query: Query, form: NotificationsForm) -> HttpResponse:
    form.save(subject_of(query))
    words = f"Notifications of {query.name} are saved"
    if not request.htmx:  # type: ignore[attr-defined]
        messages.info(request, words)
        return redirect("query", query.pk)
    response = trigger_client_event(HttpResponse(status=204), "dialog:close")
    return trigger_client_event(response, "toast", {"title": words})


def _test(request: HttpRequest, query: Query, form: NotificationsForm) -> HttpResponse:
    tested = trial.send_test(
        subject=subject_of(query),
        name=query.name,
        link=reverse("query", args=[query.pk]),
        by=str(signed_in(request)),
        emails=form.cleaned_data["emails"],
        hook=form.hook,
    )
    return _page(request, query, form, tested=tested)


def _page(
    request: HttpRequest,
    query: Query,
    form: NotificationsForm,
    *,
    tested: Sequence[Dispatch] = (),
    status: int = 200,
) -> HttpResponse:
    if form.is_bound and not request.htmx:  # type: ignore[attr-defined]  # else the dialog keeps what was typed
        form.ask_for_secrets_again()
    context = {
        "query": query,
        "subject": subject_of(query),
        "form": form,
        "in_mailbox": not post.has_server(),
        "dialog_size": "md",
        "back_url": reverse("query", args=[query.pk]),
        "form_action": reverse("query_notifications", args=[query.pk]),
        "tested": tested,
        "tested_well": all(one.status == Dispatch.Status.SENT for one in tested),
        "unsaved": form.is_bound,
    }
    return render(request, "workbench/notifications.html", context, status=status)
