"""What an owner or an administrator does to a saved authentication: edit, reconnect, test, delete."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from integrations import registry
from integrations.authentications import drafts, health, usage
from integrations.authentications.forms import NameForm
from integrations.authentications.oauth import dialogs
from integrations.authentications.permissions import editable
from integrations.authentications.steps import finished, next_url
from integrations.errors import DeliveryError
from integrations.models import Authentication

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and credentials in one form; a blank secret keeps the stored one."""
    authentication = editable(request, pk)
    if registry.get(authentication.connector).oauth:
        return dialogs.edit(request)
    return _edit(request, authentication, heading="Edit Authentication", insist=False)


@require_http_methods(METHODS)
def reconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """The same form, saved only when the destination accepts it. The id stays, so dependants work on."""
    authentication = editable(request, pk)
    if registry.get(authentication.connector).oauth:
        return dialogs.reconnect(request)
    return _edit(request, authentication, heading="Reconnect", insist=True)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Anybody may test what anybody may use."""
    authentication = get_object_or_404(Authentication.objects.saved(), pk=pk)
    say = messages.error if health.test(authentication) else messages.info
    say(request, f"{authentication}: {authentication.health_message}")
    return _to_list(request)


@require_http_methods(METHODS)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    authentication = editable(request, pk)
    users = usage.named(pk)
    if request.method == "POST" and not users:
        authentication.delete()
        messages.info(request, f"{authentication.name} is deleted")
        return _to_list(request)
    context = {
        "authentication": authentication,
        "connector": registry.get(authentication.connector),
        "users": users,
        "dialog_size": "sm",
        "back_url": reverse("authentications"),
    }
    return render(
        request, "integrations/delete.html", context, status=409 if request.method == "POST" else 200
    )


def _edit(
    request: HttpRequest, authentication: Authentication, *, heading: str, insist: bool
) -> HttpResponse:
    if request.method != "POST":
        forms = NameForm(instance=authentication), drafts.credentials_form(authentication)
        return _edit_page(request, authentication, forms, heading=heading)
    named = NameForm(request.POST, instance=Authentication.objects.get(pk=authentication.pk))
    form = drafts.credentials_form(authentication, request.POST, request.FILES)
    if not (named.is_valid() & form.is_valid()):
        return _edit_page(request, authentication, (named, form), heading=heading, status=422)
    testing, trial = request.POST.get("action") == "test", None
    if testing or insist:
        # Tried on a copy: what was only tested, or is refused, is not stored.
        trial, refusal = _trial(authentication, form)
        if refusal:
            drafts.put_beside_field(form, refusal)
        if testing or refusal:
            status = 422 if refusal else 200
            both = (named, form)
            return _edit_page(request, authentication, both, heading=heading, trial=trial, status=status)
    authentication.name = named.cleaned_data["name"]
    drafts.keep(authentication, form)
    authentication.save(update_fields=["name", "updated_at"])
    if trial:
        health.adopt(authentication, trial)
    elif authentication.health not in health.ACCEPTED:
        health.test(authentication)
    messages.info(request, f"{authentication.name} is saved")
    return finished(request, authentication.pk)


def _trial(authentication: Authentication, form: Any) -> tuple[Authentication, DeliveryError | None]:
    trial = Authentication(connector=authentication.connector, keys=form.settings())
    trial.seal(form.secrets())
    return trial, health.probe(trial)


def _edit_page(
    request: HttpRequest,
    authentication: Authentication,
    forms: tuple[Any, Any],
    *,
    heading: str,
    trial: Authentication | None = None,
    status: int = 200,
) -> HttpResponse:
    named, form = forms
    context = {
        "authentication": authentication,
        "tested": None if form.errors else trial or authentication,
        "connector": registry.get(authentication.connector),
        "named": named,
        "form": form,
        "heading": heading,
        "uses": usage.of_many([authentication.pk])[authentication.pk],
        "back_url": next_url(request) or reverse("authentications"),
    }
    return render(request, "integrations/edit.html", context, status=status)


def _to_list(request: HttpRequest) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(reverse("authentications"))
    return redirect("authentications")
