"""The authentication of an activation: one that is saved, or a new connection. A dialog, and a page of its own."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from activations import details
from activations.models import Activation
from activations.views import studio
from activations.views.wizard import editable
from console.workbench.views.drafts import number
from integrations import registry
from integrations.exports import choices
from integrations.models import Authentication


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    activation = editable(request, pk)
    data = request.POST if request.method == "POST" else request.GET
    asked = request.method == "POST" and "find" not in data  # "find": the search, without JavaScript
    if asked and (answer := _chosen(request, activation)):
        return answer
    now = details.of(activation).authentication
    text = data.get("q", "")
    found = choices.search(request.user, text)
    context = {
        "activation": activation,
        "q": text,
        "found": found,
        "connectors": registry.connectors(),
        "chosen": number(data.get("authentication", "")) or (now.pk if now else None),
        "way": data.get("way") or ("existing" if found.total else "new"),
        "missing": asked,
        "dialog_size": "md",
        "back_url": reverse("activation_details", args=[pk]),
        "here": reverse("activation_choose", args=[pk]),
    }
    if request.htmx.target == "auth-list":  # type: ignore[attr-defined]
        return render(request, "workbench/_choices.html", context)
    return render(request, "audience/activation_choose.html", context, status=422 if asked else 200)


def _chosen(request: HttpRequest, activation: Activation) -> HttpResponse | None:
    """None where nothing that can be used was chosen."""
    data, here = request.POST, reverse("activation_choose", args=[activation.pk])
    if data.get("way") == "new":
        key = data.get("connector", "")
        if key not in [each.tile.key for each in registry.connectors()]:
            return None
        return redirect(f"{reverse('authentication_new')}?{urlencode({'connector': key, 'next': here})}")
    usable = Authentication.objects.saved().exclude(health__in=choices.BROKEN)
    authentication = usable.filter(pk=number(data.get("authentication", "")) or 0).first()
    if authentication is None:
        return None
    details.choose(activation, authentication)
    return studio.onward(request, reverse("activation_details", args=[activation.pk]))
