"""The folders of the tree. They belong to nobody: everybody who sees the tree may tidy it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from activations import folders, tree_rows
from activations.errors import Refused
from activations.models import Folder
from activations.tree_forms import NameForm, NewForm, PlaceForm
from activations.views import studio

asked = require_http_methods(["GET", "HEAD", "POST"])


@asked
def new(request: HttpRequest, pk: int) -> HttpResponse:
    audience = studio.audience(pk)
    places = list(tree_rows.places(folders.tree(audience)))
    posted = request.POST if request.method == "POST" else None
    form = NewForm(posted, places=places, initial={"folder": request.GET.get("folder", "")})

    def make() -> None:
        inside = studio.folder_in(audience, form.cleaned_data["folder"] or None)
        folders.create(audience, form.cleaned_data["name"], inside=inside)

    context = {"form": form, "audience": audience, "heading": "New folder", "verb": "Create folder"}
    return _answer(request, form, make, audience.pk, context)


@asked
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    folder = _folder(pk)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": folder.name})
    context = {"form": form, "audience": folder.audience, "subject": folder.name, "heading": "Rename folder"}
    return _answer(
        request, form, lambda: folders.rename(folder, form.cleaned_data["name"]), folder.audience_id,
        {**context, "verb": "Rename"},
    )  # fmt: skip


@asked
def move(request: HttpRequest, pk: int) -> HttpResponse:
    folder = _folder(pk)
    places = list(tree_rows.places(folders.tree(folder.audience), without=folder))
    posted = request.POST if request.method == "POST" else None
    form = PlaceForm(posted, places=places, initial={"folder": folder.folder_id or ""})

    def act() -> None:
        inside = studio.folder_in(folder.audience, form.cleaned_data["folder"] or None)
        folders.move(folder, inside)

    context = {"form": form, "audience": folder.audience, "subject": folder.name, "heading": "Move to folder"}
    return _answer(request, form, act, folder.audience_id, {**context, "verb": "Move"})


@asked
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    folder = _folder(pk)
    back = reverse("audience", args=[folder.audience_id])
    context = {"folder": folder, "audience": folder.audience, "back_url": back, "dialog_size": "sm"}
    if request.method == "POST":
        try:
            folders.delete(folder)
            return studio.onward(request, back)
        except Refused as refused:
            return studio.page(request, "folder_delete", {**context, "refused": refused}, status=422)
    return studio.page(request, "folder_delete", context)


def _answer(
    request: HttpRequest,
    form: NameForm | PlaceForm,
    act: Callable[[], object],
    audience: int,
    context: dict[str, object],
) -> HttpResponse:
    """The dialog, what was asked done, or the dialog again with what stands against it."""
    back = reverse("audience", args=[audience])
    if request.method == "POST" and form.is_valid():
        try:
            act()
            return studio.onward(request, back)
        except Refused as refused:
            form.refuse(refused)
    status = 422 if request.method == "POST" else 200
    return studio.page(request, "ask", {"back_url": back, "dialog_size": "sm", **context}, status)


def _folder(pk: int) -> Folder:
    return get_object_or_404(Folder.objects.select_related("audience", "folder"), pk=pk)
