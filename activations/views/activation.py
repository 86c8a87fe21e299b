"""One activation: what it sends where and when, its runs, and what people do with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activations import activating, output_mapping, previewing, runs, telling
from activations.errors import Problem, Refused
from activations.models import Activation
from activations.permissions import may_edit
from activations.string_builder import WORDS, StringType
from activations.views import studio
from activations.views.wizard import PANELS, editable
from console.notices.models import Preferences
from console.workbench import schedule_words
from console.workbench.permissions import signed_in
from console.workbench.slots import upcoming
from integrations import registry

RUNS = 30


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, find(pk))


def page(
    request: HttpRequest, activation: Activation, *, refused: str = "", status: int = 200
) -> HttpResponse:
    if activation.is_draft:
        return redirect("activation_details", activation.pk)
    schedule, available = activation.schedule, previewing.available(activation)
    context = {
        "activation": activation,
        "segment_url": reverse("segment", args=[activation.segment_id]),
        "audience_url": reverse("audience", args=[activation.segment.audience_id]),
        "changeable": may_edit(signed_in(request), activation),
        "refused": refused,
        "problems": [(one.message, *_mended(activation, one)) for one in runs.problems(activation)],
        "destination": _destination(activation),
        "connector": registry.get(activation.authentication.connector) if activation.authentication else None,
        "all_columns": activation.mapping.get("all_columns"),
        "columns": activation.mapping.get("columns", []),
        "strings": [
            (WORDS[StringType(one["type"])][0], one) for one in activation.mapping.get("strings", [])
        ],
        "words": output_mapping.words({**output_mapping.EMPTY, **activation.mapping}, available),
        "schedule": schedule,
        "coming": schedule_words.runs(upcoming(schedule, 1)) if schedule and schedule.cron else [],
        "wants": Preferences.objects.filter(subject=telling.subject_of(activation)).first(),
        "runs": activation.runs.select_related("job__export", "job__user")[:RUNS],
        "unsaved": bool(activation.draft),
    }
    return render(request, "audience/activation.html", context, status=status)


@require_POST
def run(request: HttpRequest, pk: int) -> HttpResponse:
    activation = find(pk)
    try:
        started = runs.run(activation, signed_in(request))
    except Refused as refused:
        return page(request, activation, refused=str(refused), status=422)
    return redirect("job", started.job_id)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    return _do(request, pk, lambda one: activating.pause(one, user), "is paused")


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    return _do(request, pk, lambda one: activating.resume(one, user), "goes on")


@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    activation = find(pk)
    copy = activating.duplicate(activation, signed_in(request))
    messages.info(request, f"{copy} is created. It has no schedule yet")
    return redirect("activation", copy.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    activation = editable(request, pk)
    back, refusal = reverse("activation", args=[pk]), ""
    if request.method == "POST":
        try:
            activating.delete(activation)
        except Refused as refused:
            refusal = str(refused)
        else:
            messages.info(request, f"{activation} is deleted")
            return studio.onward(request, reverse("activations"))
    context = {
        "activation": activation,
        "back_url": back,
        "refused": refusal,
        "jobs": activation.runs.count(),
    }
    return render(request, "audience/activation_delete.html", context, status=422 if refusal else 200)


def find(pk: int) -> Activation:
    related = ("segment__audience", "authentication", "schedule__paused_by", "owner", "paused_by")
    return get_object_or_404(Activation.objects.select_related(*related), pk=pk)


def _do(request: HttpRequest, pk: int, act: Callable[[Activation], Any], words: str) -> HttpResponse:
    activation = editable(request, pk)
    try:
        act(activation)
    except Refused as refused:
        return page(request, activation, refused=str(refused), status=422)
    messages.info(request, f"{activation} {words}")
    return redirect("activation", pk)


def _mended(activation: Activation, problem: Problem) -> tuple[str, str]:
    """Address and name of the place where it is mended; "" where the segment's page tells more."""
    if problem.path.startswith("rules"):
        return reverse("segment_rules", args=[activation.segment_id]), "rules"
    panel = "mapping" if problem.path.startswith(("columns", "strings", "all_columns")) else ""
    panel = "details" if problem.path.startswith("authentication") else panel
    return (reverse(f"activation_{panel}", args=[activation.pk]) if panel else "", PANELS.get(panel, ""))


def _destination(activation: Activation) -> list[tuple[str, str]]:
    """The export settings by their labels, those that say something."""
    if activation.authentication is None:
        return []
    form = registry.get(activation.authentication.connector).export_form.from_keys(activation.export_settings)
    shown = []
    for name, field in form.fields.items():
        value = activation.export_settings.get(name)
        if value in (None, "", False):
            continue
        choices = dict(getattr(field, "choices", ()))
        shown.append((str(field.label), "Yes" if value is True else str(choices.get(value, value))))
    return shown
