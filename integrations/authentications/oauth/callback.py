"""Where the other side sends the popup back to, and the popup's last page."""

import logging
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from social_core.exceptions import SocialAuthBaseException

from integrations import redaction, registry
from integrations.authentications.oauth import refusals, region
from integrations.authentications.oauth.places import with_query
from integrations.authentications.oauth.strategy import backend
from integrations.models import SignIn
from integrations.oauth import Refusal, Refused

log = logging.getLogger(__name__)
LIVES = timedelta(minutes=30)
NOT_OURS = {"state_mismatch", "user_mismatch", "session_context_missing", "missing_parameter"}


@never_cache
@login_not_required  # the answer has to be told even to somebody whose session has ended meanwhile
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    redaction.guard([request.GET.get("code", "")])
    sign_in = SignIn.objects.filter(state=request.GET.get("state", "-")).first()
    if sign_in is None:
        return _page(request, None, Refusal.STATE)
    if not request.user.is_authenticated or request.user.pk != sign_in.owner_id:
        return _page(request, sign_in, Refusal.SIGNED_OUT)
    if not sign_in.claim():
        return _page(request, sign_in, sign_in.refusal or Refusal.STATE)
    if sign_in.created_at < timezone.now() - LIVES:
        sign_in.refuse(Refusal.EXPIRED)
    else:
        _complete(request, sign_in)
    return _open(redirect("oauth_done", sign_in.state))  # the code leaves the address bar


@never_cache
@require_safe
def done(request: HttpRequest, state: str) -> HttpResponse:
    sign_in = region.sign_in_of(request, state)
    if sign_in is None:
        raise Http404("No such sign-in.")
    return _page(request, sign_in, sign_in.refusal)


def _complete(request: HttpRequest, sign_in: SignIn) -> None:
    try:
        backend(request, sign_in).complete(user=request.user, request=request)
    except Refused as error:
        sign_in.refuse(error.refusal, str(error))
    except SocialAuthBaseException as error:
        log.warning("sign-in %s was refused: %s at %s", sign_in.pk, error.code, error.stage)
        kind = Refusal.TENANT if error.code == "authentication_disallowed" else Refusal.TEMPORARY
        sign_in.refuse(Refusal.STATE if error.code in NOT_OURS else kind)
    except BaseException:
        sign_in.refuse(Refusal.TEMPORARY)  # nobody waits for a sign-in that has ended
        raise


def _page(request: HttpRequest, sign_in: SignIn | None, refusal: str) -> HttpResponse:
    """Tells the dialog, which may be cut off from this window and then finds out by itself; and closes."""
    connector = registry.get(sign_in.connector) if sign_in else None
    told = None
    if refusal and connector and connector.oauth:
        told = refusals.tell(refusal, sign_in.words if sign_in else "", connector.oauth)
    context = {
        "sign_in": sign_in,
        "connector": connector,
        "told": told,
        "is_unknown": sign_in is None,
        "back": sign_in and with_query(sign_in.dialog, sign_in=sign_in.state),
    }
    status = 400 if refusal in {Refusal.STATE, Refusal.SIGNED_OUT} else 200
    return _open(render(request, "integrations/signed_in.html", context, status=status))


def _open(response: HttpResponse) -> HttpResponse:
    """Else the browser cuts the window off from the one that opened it, on its way back from the other side."""
    response.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return response
