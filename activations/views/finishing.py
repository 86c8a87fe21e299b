"""Create and Save, pressed on whichever panel: everything is checked, and what is wrong is named with its panel."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from activations import creating, details, questions, timing
from activations.activating import ActivationError
from activations.errors import Refused, Stale
from activations.models import Activation
from activations.views import looking
from activations.views.timing_panel import Wrong, panel
from console.workbench.permissions import signed_in


def finish(request: HttpRequest, activation: Activation) -> HttpResponse:
    """Answers with the Schedule panel where something is wrong: it is where everything comes together."""
    user = signed_in(request)
    told = timing.bound(activation, user)
    if not told.is_valid():
        return panel(request, activation, told, status=422)
    if question := _unanswered(request, activation):
        return panel(request, activation, told, [Wrong(question, "details")], status=422)
    try:
        created = creating.finish(activation, told, user, version=_version(request, activation))
    except ActivationError as error:
        found = [Wrong(one.message, _panel(one.path)) for one in error.problems]
        return panel(request, activation, told, found, status=422)
    except Refused as refused:
        return panel(request, activation, told, [Wrong(str(refused), _panel(refused.field))], status=422)
    except Stale as stale:
        words = f"{stale} Press Save again to put what stands here in its place, or Cancel to take theirs."
        return panel(request, Activation.objects.get(pk=activation.pk), told, [Wrong(words)], status=409)
    done = "is created" if activation.is_draft else "is saved"
    messages.info(request, f"{created.activation} {done}")
    if created.refused:
        messages.error(request, f"It was not run: {created.refused}")
    return redirect("activation", activation.pk)


def _version(request: HttpRequest, activation: Activation) -> int:
    """The one that was there when the page was opened."""
    asked = request.POST.get("version", "")
    return int(asked) if asked.isdecimal() else activation.version


def _unanswered(request: HttpRequest, activation: Activation) -> str:
    found = questions.check(details.of(activation), looking.at(activation, signed_in(request)).stream)
    return found.question


def _panel(path: str) -> str:
    if path.startswith("mapping"):
        return "mapping"
    return "details" if path else ""
