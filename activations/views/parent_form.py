"""Defining a parent segment. Each edit posts the whole form, and the server draws it anew."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from activations import checking, definitions, parents, permissions, refreshing
from activations.builder import paths
from activations.defining import drawing, editing, typing_in
from activations.defining.typing_in import Typed
from activations.definitions import Definition, DefinitionError
from activations.errors import Problem, Refused, Stale
from activations.models import ParentSegment
from activations.views import studio
from console.workbench import schema, zones
from console.workbench.permissions import signed_in
from console.workbench.schedule_form import CHOICES
from console.workbench.schedules import CronError
from console.workbench.views.drafts import number

asked = require_http_methods(["GET", "HEAD", "POST"])


@asked
def new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, None, typing_in.empty(signed_in(request).time_zone), [])
    return _posted(request, None)


@asked
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    audience = studio.audience(pk)
    permissions.require_edit(signed_in(request), audience)
    if request.method == "POST":
        return _posted(request, audience)
    typed = typing_in.from_definition(parents.definition_of(audience))
    typing_in.settle(typed)
    return _page(request, audience, typed, _read(typed)[1])


def _posted(request: HttpRequest, audience: ParentSegment | None) -> HttpResponse:
    typed = typing_in.from_form([(name, str(value)) for name, value in request.POST.items()])
    action = request.POST.get("do", "redraw")
    focus = paths.element(editing.apply(typed, action))
    typing_in.settle(typed)
    made, problems = _read(typed)
    if action != "save":
        return _page(request, audience, typed, drawing.waiting(typed, problems), focus=focus)
    if made is None or any(problem.stops for problem in problems):
        return _page(request, audience, typed, problems, status=422)
    return _save(request, audience, typed, made)


def _save(
    request: HttpRequest, audience: ParentSegment | None, typed: Typed, made: Definition
) -> HttpResponse:
    user, version = signed_in(request), number(request.POST.get("version", "")) or 0
    try:
        saved = (
            parents.save(audience, made, user, version=version) if audience else parents.create(made, user)
        )
    except Refused as refused:
        return _page(request, audience, typed, [Problem(refused.field, str(refused))], status=422)
    except Stale as stale:
        return _page(request, audience, typed, [], status=409, stale=stale.current)
    parents.ask_refresh(saved)
    messages.success(request, f"{saved} is saved. Its profiles are being counted.")
    return studio.onward(request, reverse("audience", args=[saved.pk]))


def _read(typed: Typed) -> tuple[Definition | None, list[Problem]]:
    """The definition, where it is whole, and what is wrong with it, in itself or by the warehouse."""
    raw, places = typing_in.to_raw(typed)
    try:
        made = definitions.read(raw)
    except DefinitionError as error:
        return None, typing_in.placed(error.problems, places)
    return made, typing_in.placed(checking.check(made), places)


def _page(
    request: HttpRequest,
    audience: ParentSegment | None,
    typed: Typed,
    problems: list[Problem],
    *,
    status: int = 200,
    focus: str = "",
    stale: ParentSegment | None = None,
) -> HttpResponse:
    tables = [f"{database}.{table}" for database, held in schema.names().items() for table in held]
    version = (
        stale.version if stale else request.POST.get("version") or (audience.version if audience else "")
    )
    context: dict[str, Any] = {
        "audience": audience,
        "form": drawing.draw(typed, problems),
        "tables": tables,
        "zones": zones.choices(signed_in(request).time_zone, typed["zone"]),
        "refresh_zones": zones.choices(signed_in(request).time_zone, typed["refresh_zone"]),
        "choices": [(key.removeprefix("@"), words) for key, words, _ in CHOICES],
        "version": version,
        "stale": stale,
        "refused": status == 422,
        "problems": problems,
        "focus": focus,
        "next": _next(typed),
        "unsaved": request.method == "POST",
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "audience/_parent_form.html", context, status=status)
    return studio.page(request, "parent_form", context, status)


def _next(typed: Typed) -> Any:
    """When the rule refreshes next; None without one, or while it can't be read."""
    cron = typing_in.CHOICES.get(typed["refresh_choice"], typed["refresh_cron"].strip())
    try:
        return refreshing.next_due(cron, typed["refresh_zone"] or "UTC", timezone.now())
    except (CronError, OSError, ValueError, KeyError):  # what is wrong with it stands beside its field
        return None
