"""Begin a sign-in, look whether it has ended, stop waiting for it."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from integrations import vault
from integrations.authentications.oauth import region
from integrations.authentications.oauth.places import Place, place
from integrations.authentications.oauth.strategy import SignInStrategy, backend
from integrations.models import SignIn
from integrations.oauth import Refusal

KEPT = timedelta(days=1)  # how long a sign-in that has ended can still be looked at


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    at = place(request, request.POST.get("dialog", ""))
    if at.oauth.missing():
        return region.answer(request, at, None)
    sign_in = _begun(request, at)
    if request.htmx:  # type: ignore[attr-defined]
        return region.answer(request, at, sign_in)
    return redirect(at.with_query(sign_in=sign_in.state))  # without JavaScript: the dialog's own page


@never_cache
@require_safe
def status(request: HttpRequest, state: str) -> HttpResponse:
    """204 while it goes on: htmx then leaves the page as it is."""
    sign_in = _own(request, state)
    if sign_in.outcome in {SignIn.Outcome.WAITING, SignIn.Outcome.ANSWERED}:
        return HttpResponse(status=204)
    return region.answer(request, place(request, sign_in.dialog), sign_in)


@require_POST
def stop(request: HttpRequest, state: str) -> HttpResponse:
    """From now on the state is worth nothing, whatever still happens in the popup."""
    sign_in = _own(request, state)
    if sign_in.claim():
        sign_in.refuse(Refusal.STOPPED)
    sign_in.refresh_from_db()
    if request.htmx:  # type: ignore[attr-defined]
        return region.answer(request, place(request, sign_in.dialog), sign_in)
    return redirect(sign_in.dialog)


def _begun(request: HttpRequest, at: Place) -> SignIn:
    assert request.user.is_authenticated  # LoginRequiredMiddleware
    plan = at.oauth.plan(request.POST.get("plan", ""))
    if at.mode == "reconnect" and at.authentication:
        plan = at.oauth.plan(str(at.authentication.keys.get(at.oauth.plan_key, ""))) or plan
    if plan is None:
        raise Http404("No such account plan.")
    sign_in = SignIn(
        owner=request.user,
        connector=at.connector.tile.key,
        plan=plan.key,
        dialog=at.address,
        reconnects=at.mode == "reconnect",
        authentication=at.authentication if at.mode == "reconnect" else None,
    )
    SignIn.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    behind = backend(request, sign_in)
    behind.prepare_auth(user=request.user)
    sign_in.address, sign_in.state = behind.auth_url(), behind.get_association_state()
    strategy = behind.strategy
    assert isinstance(strategy, SignInStrategy)
    sign_in.sealed = vault.seal(strategy.kept)
    sign_in.save()
    return sign_in


def _own(request: HttpRequest, state: str) -> SignIn:
    sign_in = region.sign_in_of(request, state)
    if sign_in is None:
        raise Http404("No such sign-in.")
    return sign_in
