"""The Output Mapping panel."""

import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from activations import activating, details, output_mapping, previewing
from activations.errors import Problem
from activations.models import Activation
from activations.typed import is_look, version
from activations.views import finishing, looking, mapping_rows
from activations.views.wizard import editable, onward, page, steps
from console.workbench.permissions import signed_in
from integrations.exports import preview
from integrations.exports.preview import PreviewResult

DETAILS = "Fill in Details to see what will be written."


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    activation = editable(request, pk)
    if request.method != "POST":
        return page(request, activation, "mapping", **_whole(request, activation))
    if "act" in request.POST:
        return _act(request, activation)
    activation = activating.keep(activation, "mapping", output_mapping.typed(request.POST))
    return onward(request, activation) or _checked(request, activation)


@require_POST
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps what is typed; answers with the rows that would be sent, and each row's error in its place."""
    activation = editable(request, pk)
    typed = output_mapping.typed(request.POST)
    if is_look(request.POST, activation, "mapping"):
        activation = activating.suppose(activation, "mapping", typed)
    else:
        activation = activating.keep(activation, "mapping", typed, version=version(request.POST))
    again = request.POST.get("again") == "yes"
    context = {
        "activation": activation,
        "oob": True,
        "steps": steps(activation, signed_in(request), "mapping"),
        **_whole(request, activation, again=again),
    }
    return render(request, "audience/_mapping_answer.html", context)


def _act(request: HttpRequest, activation: Activation) -> HttpResponse:
    """A button of the editor. Without JavaScript the page is loaded anew; either way what was typed is kept."""
    raw, focus, said = output_mapping.act(
        output_mapping.typed(request.POST),
        output_mapping.of(activation),
        request.POST["act"],
        request.POST.getlist("add"),
    )
    activation = activating.keep(activation, "mapping", raw)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("activation_mapping", activation.pk)
    editor = _editor(activation, _placed(_problems(activation)))
    context = {"activation": activation, "focus": focus, "said": said, **editor}
    response = render(request, "audience/_mapping_editor.html", context)
    return trigger_client_event(response, "mapping:changed", after="settle")


def _checked(request: HttpRequest, activation: Activation) -> HttpResponse:
    if _problems(activation):
        return page(request, activation, "mapping", status=422, **_whole(request, activation, asked=True))
    if request.POST.get("then") == "save":
        return finishing.finish(request, activation)
    return redirect("activation_schedule", activation.pk)


def _whole(
    request: HttpRequest, activation: Activation, *, again: bool = False, asked: bool = False
) -> dict[str, Any]:
    """The editor and the preview under it. `asked`: also what is wrong only because nothing is chosen yet."""
    problems = _problems(activation)
    shown = _shown(request, activation, problems, again=again)
    return {**shown, **_editor(activation, problems if asked else _placed(problems))}


def _problems(activation: Activation) -> list[Problem]:
    return output_mapping.problems(output_mapping.of(activation), previewing.available(activation))


def _placed(problems: list[Problem]) -> list[Problem]:
    """Those of a row or a field."""
    return [one for one in problems if one.path]


def _editor(activation: Activation, problems: list[Problem]) -> dict[str, Any]:
    return mapping_rows.editor(activation, output_mapping.of(activation), problems)


def _shown(
    request: HttpRequest, activation: Activation, problems: list[Problem], *, again: bool
) -> dict[str, Any]:
    look = looking.at(activation, signed_in(request), again=again)
    stream, places = look.stream, sorted({one.path for one in _placed(problems)})
    header = previewing.header(stream, look.raw, places) if stream else []
    return {
        "look": look,
        "header": header,
        "rows": [list(zip(row, header, strict=True)) for row in previewing.table(stream)] if stream else [],
        **_written(activation, look),
    }


def _written(activation: Activation, look: looking.Look) -> dict[str, Any]:
    """The connector's own answer, through its real writer; nothing before Details are filled in."""
    made = details.of(activation)
    if made.authentication is None:
        return {"written": PreviewResult(waiting=DETAILS)}
    form = made.form
    if form is None or look.stream is None:
        return {"form": form, "written": PreviewResult(waiting="" if form else DETAILS)}
    return {
        "form": form,
        "authentication": made.authentication,
        "written": preview.render(made.authentication, form, look.stream, int(time.time())),
    }
