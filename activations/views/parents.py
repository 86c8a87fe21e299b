"""Parent segments: the list, the page of one with its tree, refresh, delete."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activations import parents, permissions
from activations.errors import Refused
from activations.models import ParentSegment
from activations.views import studio
from console.workbench.permissions import signed_in


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    user, text = signed_in(request), request.GET.get("q", "").strip()
    everything = ParentSegment.objects.select_related("owner")
    found = everything.filter(name__icontains=text).annotate(size=Count("segments"))
    rows = [{"audience": one, "editable": permissions.may_edit(user, one)} for one in found]
    context = {"rail": False, "rows": rows, "q": text, "total": everything.count() if text else len(rows)}
    partial = request.htmx.target == "parent-list"  # type: ignore[attr-defined]
    return studio.page(request, "_parent_list" if partial else "parent_segments", context)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    audience = studio.audience(pk)
    return studio.page(request, "audience", studio.frame(request, audience) | _facts(request, audience))


@require_safe
def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is made of alone, which the page asks for while it is refreshed."""
    return render(request, "audience/_parent_facts.html", _facts(request, studio.audience(pk)))


@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Refresh now: everybody may, it changes nothing but the numbers."""
    audience = studio.audience(pk)
    if not audience.is_refreshing:
        parents.ask_refresh(audience)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "audience/_parent_facts.html", _facts(request, audience))
    messages.success(request, f"{audience} is being refreshed.")
    return redirect("audience", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    audience = studio.audience(pk)
    permissions.require_edit(signed_in(request), audience)
    context = {
        "audience": audience, "segments": audience.segments.count(), "dialog_size": "sm",
        "back_url": reverse("audience", args=[pk]),
    }  # fmt: skip
    if request.method != "POST":
        return studio.page(request, "parent_delete", context)
    try:
        parents.delete(audience)
    except Refused as refused:
        return studio.page(request, "parent_delete", {**context, "refused": refused}, status=422)
    return studio.onward(request, reverse("parent_segments"))


def _facts(request: HttpRequest, audience: ParentSegment) -> dict[str, object]:
    groups: dict[str, list[object]] = {}
    for one in audience.attributes.select_related("table"):
        groups.setdefault(one.group, []).append(one)
    return {
        "audience": audience,
        "problems": parents.problems_of(audience),
        "attribute_groups": list(groups.items()),
        "attribute_tables": list(audience.attribute_tables.all()),
        "behaviors": list(audience.behavior_tables.prefetch_related("columns")),
        "editable": permissions.may_edit(signed_in(request), audience),
    }
