"""The rule builder. Each edit posts the whole form, and the server draws the rules anew; nothing is kept in between."""

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from activations import naming, permissions, segments, sizing, sources
from activations.builder import drawing, editing, paths, shown, typing_in
from activations.builder.typing_in import Node
from activations.errors import Problem, Refused, Stale
from activations.models import Measurement, Segment
from activations.rules import RulesError, parse, resolve, to_json
from activations.views import builder_look, studio
from console.workbench.permissions import signed_in
from console.workbench.views.drafts import number

SAVE, COPY, CHECK, REDRAW, LOOK, UNDO = "save", "copy", "check", "redraw", "look", "undo"


@dataclass
class Work:
    """What one request is about: the rules as typed, what they mean, and what stands against it."""

    segment: Segment
    typed: Node
    version: int
    before: str = ""  # the rules before the last edit, as JSON; "" where there is none
    focus: str = ""  # the id of the rule to go on with
    stale: Segment | None = None

    def __post_init__(self) -> None:
        self.vocabulary = sources.vocabulary(self.segment.audience, self.segment)
        self.rules: dict[str, Any] | None = None  # canonical JSON, where they can be used
        self.problems: tuple[Problem, ...] = ()

    def read(self) -> None:
        try:
            found = parse(typing_in.to_json(self.typed, self.vocabulary), self.vocabulary)
            resolve(found, self.vocabulary)
            self.rules, self.problems = to_json(found), ()
        except RulesError as error:
            self.rules, self.problems = None, error.problems


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    segment = studio.segment(pk)
    if request.method != "POST":
        work = Work(segment, typing_in.from_json(segment.rules), segment.version)
        return _page(request, work, every=True)
    action = request.POST.get("do", CHECK)
    work = _posted(request, segment)
    if action in (SAVE, COPY):
        if action == SAVE:
            permissions.require_edit(signed_in(request), segment)
        return _save(request, work, action)
    if action == LOOK:
        work.read()
        return render(request, "audience/_rules_answer.html", _context(request, work, every=False))
    _apply(work, action)
    return _page(request, work, every=action == CHECK)


@require_safe
def size(request: HttpRequest, pk: int, measurement: int) -> HttpResponse:
    """How far the counting is, of this page's own question."""
    segment = studio.segment(pk)
    mine = Measurement.objects.filter(asker=builder_look.asker(segment, signed_in(request)))
    found = get_object_or_404(mine, pk=measurement)
    context = builder_look.of_measurement(segment, sizing.look(found.pk))
    return render(request, "audience/_rules_look.html", {"segment": segment, **context})


def _posted(request: HttpRequest, segment: Segment) -> Work:
    typed = typing_in.from_form([(name, str(value)) for name, value in request.POST.items()])
    work = Work(
        segment, typed, number(request.POST.get("version", "")) or 0,
        request.POST.get("before", ""),
    )  # fmt: skip
    editing.settle(typed, work.vocabulary)
    return work


def _apply(work: Work, action: str) -> None:
    if action == UNDO:
        work.before, work.typed = json.dumps(work.typed), _undone(work)
        return
    if action in (CHECK, REDRAW, ""):
        return
    before = json.dumps(work.typed)
    work.focus = paths.element(editing.apply(work.typed, action, work.vocabulary)) or "root"
    if before != json.dumps(work.typed):
        work.before = before


def _undone(work: Work) -> Node:
    """As before the last edit; before the first one of this page, as before the last save."""
    try:
        return typing_in.from_form(_flat(json.loads(work.before)))
    except (ValueError, TypeError, RecursionError):
        previous = work.segment.previous_rules
        return work.typed if previous is None else typing_in.from_json(previous)


def _flat(raw: Any, path: str = "") -> list[tuple[str, str]]:
    """A tree as the fields of a form, so that what comes back from the browser is read in one way only."""
    parts = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    if isinstance(raw, str):
        return [(path, raw)]
    return [field for key, below in parts for field in _flat(below, f"{path}.{key}".lstrip("."))]


def _save(request: HttpRequest, work: Work, action: str) -> HttpResponse:
    user, segment = signed_in(request), work.segment
    work.read()
    if work.rules is None:
        return _page(request, work, every=True, status=422)
    try:
        if action == COPY:
            beside = Segment.objects.filter(audience=segment.audience_id, folder=segment.folder_id)
            name = naming.copy_of(segment.name, beside.values_list("name", flat=True))
            saved = segments.create(segment.audience, name, work.rules, user, folder=segment.folder)
        else:
            saved = segments.save(segment, work.rules, user, version=work.version)
    except Stale as stale:
        work.stale = stale.current
        return _page(request, work, every=True, status=409)
    except RulesError as error:  # somebody deleted a segment between reading and saving
        work.problems = error.problems
        return _page(request, work, every=True, status=422)
    except Refused as refused:
        work.problems = (Problem("", str(refused)),)
        return _page(request, work, every=True, status=422)
    if not saved.size_is_current:
        sizing.measure_segment(saved, user)
    return studio.onward(request, reverse("segment", args=[saved.pk]))


def _page(request: HttpRequest, work: Work, *, every: bool, status: int = 200) -> HttpResponse:
    """The builder alone for htmx, else its page. `every`: also what is missing in fields nobody filled in yet."""
    if not (status == 422 and work.problems):
        work.read()
    context = {"audience": work.segment.audience, **_context(request, work, every=every)}
    context["refused"] = status == 422
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "audience/_builder.html", context, status=status)
    return studio.page(request, "segment_rules", context, status)


def _context(request: HttpRequest, work: Work, *, every: bool) -> dict[str, Any]:
    problems, empty = (list(work.problems), 0) if every else drawing.waiting(work.typed, work.problems)
    known = drawing.names(work.segment.audience, work.vocabulary, work.segment)
    user = signed_in(request)
    return {
        "segment": work.segment,
        "root": (root := drawing.draw(work.typed, known, problems)),
        "slots": shown.slots(root),
        "problems": problems,
        "focus": work.focus,
        "version": work.stale.version if work.stale else work.version,
        "stale": work.stale,
        "before": work.before,
        "may_undo": bool(work.before) or work.segment.previous_rules is not None,
        "unsaved": work.rules != work.segment.rules and request.method == "POST",
        "editable": permissions.may_edit(user, work.segment),
        "behaviors": bool(work.vocabulary.behaviors),
        **builder_look.context(work.segment, work.rules, user, empty=empty, wrong=len(problems),
                               ask=request.method == "POST"),
    }  # fmt: skip
