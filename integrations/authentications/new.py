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
from integrations.errors import DeliveryError
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
    form = drafts.credentials_form(authentication, request.POST, request.FILES)
    if not form.is_valid():
        drafts.keep_secrets(authentication, form)
        return _refused_page(request, authentication, None)
    drafts.keep(authentication, form)
    action = request.POST.get("action")
    if action == "test" or (action != "anyway" and authentication.health not in health.ACCEPTED):
        refusal = health.test(authentication)
        if refusal:
            return _refused_page(request, authentication, refusal)
    step = "authentication_draft" if action == "test" else "authentication_name"
    return onward(request, step, authentication.pk)


def _refused_page(
    request: HttpRequest, authentication: Authentication, refusal: DeliveryError | None
) -> HttpResponse:
    """422: what was typed, with the form's own errors or what the destination said, beside the field."""
    form = drafts.credentials_form(authentication, request.POST, request.FILES)
    if form.is_valid() and refusal:
        drafts.put_beside_field(form, refusal)
    return _credentials_page(request, authentication, form, refusal=refusal, status=422)


def _credentials_page(
    request: HttpRequest,
    authentication: Authentication,
    form: SettingsForm,
    *,
    refusal: DeliveryError | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _context(request, authentication) | {"form": form, "step": 1, "back_url": _leave(request)}
    if authentication.pk:  # kept as a draft meanwhile: the next answer belongs there
        draft = reverse("authentication_draft", args=[authentication.pk])
        context["form_action"] = f"{draft}?{request.GET.urlencode()}" if request.GET else draft
    context |= {"refusal": refusal, "tested": None if form.errors else authentication}
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
