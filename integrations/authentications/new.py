"""New Authentication: Credentials, Continue, Name, Create Connection. The draft is a row."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from integrations import registry
from integrations.authentications import drafts, health
from integrations.authentications.forms import NameForm
from integrations.authentications.oauth import dialogs
from integrations.authentications.permissions import own_draft
from integrations.authentications.steps import finished, next_url, onward
from integrations.fields import SettingsForm
from integrations.models import Authentication

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
def credentials(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # LoginRequiredMiddleware
    key = request.GET.get("connector", "")
    if not key:
        return redirect("catalog")
    if key not in [connector.tile.key for connector in registry.connectors()]:
        raise Http404(f"There is no integration {key}.")
    if registry.get(key).oauth:
        return dialogs.new(request)
    return _credentials(request, Authentication(connector=key, owner=request.user))


@require_http_methods(METHODS)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The same step, once what was typed is kept as a draft."""
    authentication = own_draft(request, pk)
    if registry.get(authentication.connector).oauth:
        return dialogs.new(request)
    return _credentials(request, authentication)


@require_http_methods(METHODS)
def name(request: HttpRequest, pk: int) -> HttpResponse:
    authentication = own_draft(request, pk)
    if request.method != "POST":
        return _name_page(request, authentication, NameForm(instance=authentication))
    form = NameForm(request.POST, instance=authentication)
    if not form.is_valid():
        return _name_page(request, authentication, form, status=422)
    saved = form.save()
    messages.info(request, f"{saved.name} is created")
    return finished(request, saved.pk)


def _credentials(request: HttpRequest, authentication: Authentication) -> HttpResponse:
    if request.method != "POST":
        return _credentials_page(request, authentication, drafts.credentials_form(authentication))
    form = drafts.credentials_form(authentication, request.POST)
    if not form.is_valid():
        return _credentials_page(request, authentication, form, status=422)
    drafts.keep(authentication, form)
    if request.POST.get("action") == "test":
        health.test(authentication)
        return onward(request, "authentication_draft", authentication.pk)
    if authentication.health == Authentication.Health.UNKNOWN:
        health.test(authentication)
    return onward(request, "authentication_name", authentication.pk)


def _credentials_page(
    request: HttpRequest, authentication: Authentication, form: SettingsForm, *, status: int = 200
) -> HttpResponse:
    context = _context(request, authentication) | {"form": form, "step": 1, "back_url": _leave(request)}
    return render(request, "integrations/credentials.html", context, status=status)


def _name_page(
    request: HttpRequest, authentication: Authentication, form: NameForm, *, status: int = 200
) -> HttpResponse:
    context = _context(request, authentication) | {"form": form, "step": 2, "back_url": _leave(request)}
    # A refused name must not reach the template as the draft's own.
    authentication.name = None
    return render(request, "integrations/name.html", context, status=status)


def _context(request: HttpRequest, authentication: Authentication) -> dict[str, Any]:
    return {
        "authentication": authentication,
        "connector": registry.get(authentication.connector),
        "next": next_url(request),
        "heading": "New Authentication",
    }


def _leave(request: HttpRequest) -> str:
    return next_url(request) or reverse("catalog")
