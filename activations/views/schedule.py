"""The Schedule panel: when it runs, who hears of it, and Create."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from activations import timing
from activations.views import finishing
from activations.views.timing_panel import panel, shown
from activations.views.wizard import editable, onward
from console.workbench.permissions import signed_in


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    activation, user = editable(request, pk), signed_in(request)
    if request.method != "POST":
        return panel(request, activation, timing.of(activation, user))
    activation = timing.keep(activation, request.POST)
    if request.POST.get("then") == "look":  # without JavaScript the runs are asked for by a button
        return panel(request, activation, timing.of(activation, user))
    return onward(request, activation) or finishing.finish(request, activation)


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps what is chosen, and answers with what the rule means and the errors, each to be put in its place."""
    activation = timing.keep(editable(request, pk), request.POST)
    context = {"activation": activation, "oob": True,
               **shown(request, activation, timing.of(activation, signed_in(request)))}  # fmt: skip
    return render(request, "audience/_schedule_answer.html", context)
