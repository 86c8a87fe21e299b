"""New Authentication, Edit and Reconnect where an account takes the place of typed secrets."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.authentications import health, usage
from integrations.authentications.forms import NameForm
from integrations.authentications.oauth import accounts, region
from integrations.authentications.oauth.accounts import AccountForm
from integrations.authentications.oauth.places import Place, place
from integrations.authentications.steps import finished, next_url, onward
from integrations.errors import DeliveryError
from integrations.models import Authentication


def new(request: HttpRequest) -> HttpResponse:
    at = place(request, request.get_full_path())
    if request.method != "POST" or request.POST.get("action") == "show":
        return _page(request, at)
    form = region.account_form(request, at, data=request.POST)
    if not form.is_valid():
        return _page(request, at, form=form, status=422)
    draft = accounts.draft_with(form.chosen)
    if refusal := health.test(draft):
        form.add_error("connection", health.in_words(refusal))
        return _page(request, at, form=form, status=422)
    return onward(request, "authentication_name", draft.pk)


def reconnect(request: HttpRequest) -> HttpResponse:
    """The tokens were exchanged when the sign-in ended; this only leaves the dialog."""
    at = place(request, request.get_full_path())
    assert at.authentication is not None
    if request.method != "POST" or request.POST.get("action") == "show":
        return _page(request, at)
    if refusal := health.test(at.authentication):
        return _page(request, at, refusal=refusal, status=422)
    messages.info(request, f"{at.authentication.name} is connected again")
    return finished(request, at.authentication.pk)


def edit(request: HttpRequest) -> HttpResponse:
    at = place(request, request.get_full_path())
    row = at.authentication
    assert row is not None
    if request.method != "POST" or request.POST.get("action") == "show":
        return _page(request, at, named=NameForm(instance=row))
    named = NameForm(request.POST, instance=Authentication.objects.get(pk=row.pk))
    form = region.account_form(request, at, data=request.POST)
    if not (named.is_valid() & form.is_valid()):
        return _page(request, at, form=form, named=named, status=422)
    _change(row, form, named.cleaned_data["name"])
    messages.info(request, f"{named.cleaned_data['name']} is saved")
    return finished(request, row.pk)


@transaction.atomic
def _change(row: Authentication, form: AccountForm, name: str) -> None:
    """Under both rows' locks, so that a token renewed meanwhile is neither lost nor brought back."""
    locked = Authentication.objects.select_for_update()
    row = locked.get(pk=row.pk)
    row.name = name
    if form.chosen.pk != row.pk:
        accounts.take_account(row, locked.get(pk=form.chosen.pk))
    row.save()


def _page(
    request: HttpRequest,
    at: Place,
    *,
    form: AccountForm | None = None,
    named: NameForm | None = None,
    refusal: DeliveryError | None = None,
    status: int = 200,
) -> HttpResponse:
    sign_in = region.sign_in_of(request, request.GET.get("sign_in", ""))
    context = region.context(request, at, sign_in, form) | {"refusal": refusal}
    if request.htmx.target == "connect":  # type: ignore[attr-defined]
        return render(request, "integrations/_connect.html", context | {"is_part": True}, status=status)
    return render(request, "integrations/connect.html", context | _frame(request, at, named), status=status)


def _frame(request: HttpRequest, at: Place, named: NameForm | None) -> dict[str, Any]:
    headings = {"new": "New Authentication", "edit": "Edit Authentication", "reconnect": "Reconnect"}
    row = at.authentication
    return {
        "heading": headings[at.mode],
        "step": 1,
        "named": named,
        "uses": usage.of_many([row.pk])[row.pk] if row and at.mode != "new" else [],
        "authentication": row,
        "dialog_size": "md",
        "next": next_url(request),
    }
