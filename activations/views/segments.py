"""A segment's page, and what its menu offers: new, rename, move, duplicate, delete, open as query."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activations import folders, permissions, queries, segments, sizing, tree_rows
from activations.errors import Invalid, Refused, Stale
from activations.models import Segment
from activations.rules import RulesError
from activations.sql import Lost
from activations.sql.writing import TYPE
from activations.tree_forms import NameForm, NewForm, PlaceForm
from activations.views import segment_page, studio
from console.workbench.permissions import signed_in
from console.workbench.queries import Draft
from console.workbench.views import editor
from console.workbench.views.drafts import number

asked = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    segment = studio.segment(pk)
    context = studio.frame(request, segment.audience, segment) | segment_page.context(request, segment)
    return studio.page(request, "segment", context)


@asked
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """A name and a folder; then its rules. It begins as everybody."""
    audience = studio.audience(pk)
    places = list(tree_rows.places(folders.tree(audience)))
    posted = request.POST if request.method == "POST" else None
    form = NewForm(posted, places=places, initial={"folder": request.GET.get("folder", "")})
    if posted is not None and form.is_valid():
        folder = studio.folder_in(audience, form.cleaned_data["folder"] or None)
        try:
            made = segments.create(audience, form.cleaned_data["name"], {}, signed_in(request), folder=folder)
            return studio.onward(request, reverse("segment_rules", args=[made.pk]))
        except Refused as refused:
            form.refuse(refused)
    context = {"form": form, "audience": audience, "heading": "New segment", "verb": "Create segment"}
    back = reverse("audience", args=[pk])
    return _ask(request, {**context, "back_url": back}, posted is not None)


@asked
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    segment = _editable(request, pk)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": segment.name})
    if form.is_valid():
        before = segment.name
        try:
            segments.rename(segment, form.cleaned_data["name"], signed_in(request))
            return studio.onward(request, reverse("segment", args=[pk]))
        except Refused as refused:
            segment.name = before
            form.refuse(refused)
    return _ask_of(request, segment, form, "Rename segment", "Rename")


@asked
def move(request: HttpRequest, pk: int) -> HttpResponse:
    segment = _editable(request, pk)
    places = list(tree_rows.places(folders.tree(segment.audience)))
    posted = request.POST if request.method == "POST" else None
    form = PlaceForm(posted, places=places, initial={"folder": segment.folder_id or ""})
    if form.is_valid():
        folder = studio.folder_in(segment.audience, form.cleaned_data["folder"] or None)
        try:
            segments.move(segment, folder, signed_in(request))
            return studio.onward(request, reverse("segment", args=[pk]))
        except Refused as refused:  # a segment of that name is there
            form.add_error("folder", str(refused))
    return _ask_of(request, segment, form, "Move to folder", "Move")


@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect("segment", segments.duplicate(studio.segment(pk), signed_in(request)).pk)


@asked
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    segment = _editable(request, pk)
    back = reverse("segment", args=[pk])
    context = {"segment": segment, "back_url": back, "dialog_size": "sm"}
    if request.method != "POST":
        return studio.page(request, "segment_delete", context)
    try:
        segments.delete(segment)
    except Refused as refused:
        return studio.page(request, "segment_delete", {**context, "refused": refused}, status=422)
    return studio.onward(request, reverse("audience", args=[segment.audience_id]))


@require_safe
def as_query(request: HttpRequest, pk: int) -> HttpResponse:
    """The query editor with the segment's SQL, not saved as a query."""
    segment = studio.segment(pk)
    try:
        sql = queries.segment_sql(segment)
    except (RulesError, Lost) as error:
        messages.error(request, str(error))
        return redirect("segment", pk)
    draft = Draft(segment.name, segment.audience.master_database, TYPE, sql)
    return editor.page(request, None, draft)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules as they were before the last save."""
    segment, user = _editable(request, pk), signed_in(request)
    try:
        saved = segments.undo(segment, user, version=number(request.POST.get("version", "")) or 0)
        sizing.measure_segment(saved, user)
        messages.success(request, f"The rules of {saved} are as they were before.")
    except (Refused, Stale, Invalid) as error:
        messages.error(request, str(error))
    return redirect("segment", pk)


@require_POST
def count(request: HttpRequest, pk: int) -> HttpResponse:
    """Count now."""
    segment = studio.segment(pk)
    try:
        sizing.measure_segment(segment, signed_in(request))
    except RulesError as error:
        messages.error(request, str(error))
    return live(request, pk) if request.htmx else redirect("segment", pk)  # type: ignore[attr-defined]


def live(request: HttpRequest, pk: int) -> HttpResponse:
    """Size and sample alone, which the page asks for while somebody counts."""
    return render(request, "audience/_segment_live.html", segment_page.live(studio.segment(pk)))


def _editable(request: HttpRequest, pk: int) -> Segment:
    segment = studio.segment(pk)
    permissions.require_edit(signed_in(request), segment)
    return segment


def _ask_of(
    request: HttpRequest, segment: Segment, form: NameForm | PlaceForm, heading: str, verb: str
) -> HttpResponse:
    context = {
        "form": form, "audience": segment.audience, "subject": segment.name, "heading": heading, "verb": verb,
        "back_url": reverse("segment", args=[segment.pk]),
    }  # fmt: skip
    return _ask(request, context, request.method == "POST")


def _ask(request: HttpRequest, context: dict[str, Any], refused: bool) -> HttpResponse:
    return studio.page(request, "ask", {"dialog_size": "sm", **context}, status=422 if refused else 200)
