"""What the pages with the tree share: the parent segment, its tree, and the others to switch to."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django_htmx.http import HttpResponseClientRedirect

from activations import folders, tree_rows
from activations.models import Folder, ParentSegment, Segment


def audience(pk: int) -> ParentSegment:
    """404 where there is none."""
    return get_object_or_404(ParentSegment.objects.select_related("owner", "saved_by"), pk=pk)


def segment(pk: int) -> Segment:
    found = Segment.objects.select_related("audience", "folder", "owner", "saved_by")
    return get_object_or_404(found, pk=pk)


def folder_in(audience: ParentSegment, number: int | None) -> Folder | None:
    """The folder that a form names; None for the top, and for one that is gone."""
    return audience.folders.filter(pk=number or 0).first()


def frame(request: HttpRequest, audience: ParentSegment, chosen: Segment | None = None) -> dict[str, Any]:
    """The context of templates/audience/studio.html, in three queries."""
    text = request.GET.get("q", "").strip()
    rows = list(tree_rows.rows(folders.tree(audience), text, chosen.pk if chosen else None))
    return {
        "rail": True,
        "audience": audience,
        "audiences": ParentSegment.objects.values_list("pk", "name"),
        "chosen": chosen,
        "tree_rows": rows,
        "q": text,
    }


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"audience/{template}.html", {"rail": True, **context}, status=status)


def onward(request: HttpRequest, address: str) -> HttpResponse:
    """There, from a dialog and from a page."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]
