"""The part of a dialog where an account is connected: what it shows, at every moment of a sign-in."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from integrations.authentications.oauth import approval, refusals
from integrations.authentications.oauth.accounts import AccountForm
from integrations.authentications.oauth.places import Place
from integrations.models import SignIn

VARIANTS = ("direct", "admin")


def context(
    request: HttpRequest, place: Place, sign_in: SignIn | None = None, form: AccountForm | None = None
) -> dict[str, Any]:
    oauth, data = place.oauth, request.POST if request.method == "POST" else request.GET
    variant = data.get("variant") or place.query("variant")
    if form is None:
        form = account_form(request, place, _chosen(place, sign_in, data.get("connection", "")))
    connected = sign_in is not None and sign_in.outcome == SignIn.Outcome.CONNECTED
    granted = approval.of(request.user, place.connector)
    return {
        "place": place,
        "connector": place.connector,
        "oauth": oauth,
        "variant": variant if variant in VARIANTS else VARIANTS[0],
        "account_form": form,
        "sign_in": sign_in,
        "waiting": sign_in is not None and sign_in.outcome == SignIn.Outcome.WAITING,
        "connected": sign_in.authentication if connected and sign_in else None,
        "told": refusals.of(sign_in, oauth) if sign_in else None,
        "plan": data.get("plan") or (sign_in.plan if sign_in else oauth.plans[0].key),
        "approval": granted,
        "approval_link": approval.link(request.user, place.connector),
        "approval_days": approval.LINK_DAYS,
        "missing": oauth.missing(),
        "needed": oauth.settings,
        "registration": oauth.registration(),
        "redirects": [f"{settings.BASE_URL}{reverse(name)}" for name in ("oauth_callback", "oauth_approved")],
        "home": settings.BASE_URL,
        "back_url": place.back_url,
        "admin_address": place.with_query(variant="admin"),
        "may_go_on": connected if place.mode == "reconnect" else form.has_accounts,
    }


def answer(request: HttpRequest, place: Place, sign_in: SignIn | None) -> HttpResponse:
    """The region alone, with the dialog's footer beside it: what htmx swaps in."""
    return render(request, "integrations/_connect.html", context(request, place, sign_in) | {"is_part": True})


def account_form(request: HttpRequest, place: Place, chosen: Any = None, data: Any = None) -> AccountForm:
    return AccountForm(
        data,
        user=request.user,
        connector=place.connector.tile.key,
        current=place.authentication,
        initial={"connection": chosen},
    )


def _chosen(place: Place, sign_in: SignIn | None, posted: str) -> Any:
    """The account that was just connected; else the one that was selected; else the dialog's own."""
    if sign_in is not None and sign_in.outcome == SignIn.Outcome.CONNECTED and not sign_in.reconnects:
        return sign_in.authentication_id
    return posted or (place.authentication.pk if place.authentication else None)


def sign_in_of(request: HttpRequest, state: str) -> SignIn | None:
    """The user's own, or none."""
    assert request.user.is_authenticated  # LoginRequiredMiddleware
    found = SignIn.objects.filter(state=state, owner=request.user) if state else SignIn.objects.none()
    return found.select_related("authentication").first()
