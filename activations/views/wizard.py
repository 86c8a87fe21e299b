"""Create Activation: what its three panels have in common, how it begins and how it is left."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from activations import activating, details, output_mapping, previewing, timing
from activations.models import Activation, Segment
from activations.permissions import require_edit
from activations.views import studio
from console.accounts.models import User
from console.workbench.permissions import signed_in
from integrations import registry

PANELS = {"details": "Details", "mapping": "Output Mapping", "schedule": "Schedule"}


@dataclass(frozen=True)
class Step:
    number: int
    panel: str
    title: str
    words: tuple[str, ...]
    done: bool
    current: bool


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Goes on with the draft that was left, or begins one."""
    segment = get_object_or_404(Segment.objects.select_related("audience"), pk=pk)
    if request.method != "POST":
        return render(request, "audience/activation_new.html", {"segment": segment, **_places(segment)})
    draft = activating.begin(segment, signed_in(request))
    return studio.onward(request, reverse("activation_details", args=[draft.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    activation = editable(request, pk)
    back = reverse("segment", args=[activation.segment_id])
    if not activation.is_draft:
        back = reverse("activation", args=[pk])
    if request.method != "POST":
        context = {"activation": activation, "back_url": reverse("activation_details", args=[pk])}
        return render(request, "audience/activation_cancel.html", context)
    activating.discard(activation)
    return studio.onward(request, back)


def editable(request: HttpRequest, pk: int) -> Activation:
    """Raises PermissionDenied where it belongs to somebody else."""
    related = ("segment__audience", "authentication", "schedule__paused_by", "owner", "saved_by", "paused_by")
    activation = get_object_or_404(Activation.objects.select_related(*related), pk=pk)
    require_edit(signed_in(request), activation)
    return activation


def onward(request: HttpRequest, activation: Activation) -> HttpResponse | None:
    """To the panel whose button was pressed; None for the button that checks this one."""
    then = request.POST.get("then", "")
    if then == "choose":
        return redirect("activation_choose", activation.pk)
    return redirect(f"activation_{then}", activation.pk) if then in PANELS else None


def page(
    request: HttpRequest, activation: Activation, panel: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    shown = {
        "activation": activation,
        "segment": activation.segment,
        "steps": steps(activation, signed_in(request), panel),
        "panel": panel,
        "rail": True,
        "verb": "Create" if activation.is_draft else "Save",
        "task": "Create Activation" if activation.is_draft else "Edit Activation",
        **_places(activation.segment),
        **context,
    }
    return render(request, f"audience/activation_{panel}.html", shown, status=status)


def steps(activation: Activation, user: User, current: str) -> list[Step]:
    made, raw, told = details.of(activation), output_mapping.of(activation), timing.of(activation, user)
    available = previewing.available(activation)
    words = output_mapping.words(raw, available)
    found = (
        ("details", _details_words(made), details.is_done(made)),
        ("mapping", (words or "Nothing chosen yet",), not output_mapping.problems(raw, available)),
        ("schedule", (timing.words(activation, told),), _is_timed(activation, told)),
    )
    return [
        Step(number, panel, PANELS[panel], said, done and panel != current, panel == current)
        for number, (panel, said, done) in enumerate(found, 1)
    ]


def _is_timed(activation: Activation, told: timing.Timing) -> bool:
    return not activation.is_draft if not told.form.is_bound else told.is_valid()


def _details_words(made: details.Details) -> tuple[str, ...]:
    if made.authentication is None:
        return (made.name,) if made.name else ("Not filled in yet",)
    where = f"{registry.get(made.authentication.connector).tile.name}, {made.authentication}"
    return tuple(part for part in (made.name, where) if part)


def _places(segment: Segment) -> dict[str, Any]:
    return {
        "segment_url": reverse("segment", args=[segment.pk]),
        "audience": segment.audience,
        "audience_url": reverse("audience", args=[segment.audience_id]),
    }
