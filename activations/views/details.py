"""The Details panel."""

import time
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from activations import details, questions
from activations.details import Details
from activations.models import Activation
from activations.typed import version
from activations.views import finishing, looking
from activations.views.wizard import editable, onward, page, steps
from console.workbench.permissions import signed_in
from integrations.exports import forms, preview
from integrations.fields import AidField, SettingsForm


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    activation = editable(request, pk)
    if request.method != "POST":
        made = details.of(activation)
        return _page(request, activation, made, details.shown(made))
    activation = details.keep(activation, request.POST, agreed=request.POST.get("confirm", ""))
    return onward(request, activation) or _checked(request, activation)


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps what is typed, and shows what would be written with it."""
    activation = editable(request, pk)
    activation = details.keep(
        activation, request.POST, agreed=details.of(activation).agreed, version=version(request.POST)
    )
    made = details.of(activation)
    context = {
        "activation": activation,
        "oob": True,
        "steps": steps(activation, signed_in(request), "details"),
    }
    form = made.form
    if made.authentication is None or form is None:
        return render(request, "audience/_steps.html", context)
    look = looking.at(activation, signed_in(request))
    context |= {
        "form": form,
        "look": look,
        "preview": preview.render(made.authentication, form, look.stream, int(time.time())),
    }
    return render(request, "audience/_details_preview.html", context)


@require_POST
def validate(request: HttpRequest, pk: int) -> HttpResponse:
    """One field with its errors, as soon as it was changed."""
    made = details.of(editable(request, pk))
    if made.authentication is None:
        raise Http404("No authentication is chosen.")
    form = forms.build(made.authentication, data=request.POST)
    name = request.GET.get("field", "")
    if name not in form.fields:
        raise Http404(f"There is no field {name}.")
    form.is_valid()
    context = {"field": form[name], "authentication": made.authentication}
    response = render(request, "integrations/_field.html", context)
    if form.aided and isinstance(form.fields[name], AidField):
        trigger_client_event(response, "settings:fill", form.aided)
    return response


def _checked(request: HttpRequest, activation: Activation) -> HttpResponse:
    made = details.of(activation)
    found = questions.check(made, looking.at(activation, signed_in(request)).stream)
    if not found.is_settled:
        context = {"wrong": found.wrong, "question": found.question}
        return _page(request, activation, made, found.form, status=422, **context)
    if request.POST.get("then") == "save":
        return finishing.finish(request, activation)
    return redirect("activation_mapping", activation.pk)


def _page(
    request: HttpRequest,
    activation: Activation,
    made: Details,
    form: SettingsForm | None,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    return page(request, activation, "details", status=status, made=made, authentication=made.authentication,
                form=form, **context)  # fmt: skip
