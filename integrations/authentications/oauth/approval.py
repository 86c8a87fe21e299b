"""Admin Pre-Approval: the link for an administrator, and its answer, whoever's browser brings it.

Nothing is allowed because of the answer: anybody could write its query. It only opens the next step, where
the user's own sign-in proves whether the approval is real.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from integrations import registry
from integrations.connector import Connector
from integrations.models import Approval
from integrations.redaction import redact

SALT = "integrations.admin-approval"
LINK_DAYS = 30


def link(user: Any, connector: Connector) -> str:
    """What an administrator opens. Signed, because it comes back in another browser than the user's."""
    assert connector.oauth is not None
    state = signing.dumps({"user": user.pk, "connector": connector.tile.key}, salt=SALT)
    return connector.oauth.approval_url(f"{settings.BASE_URL}{reverse('oauth_approved')}", state)


def of(user: Any, connector: Connector) -> Approval | None:
    return Approval.objects.filter(owner=user, connector=connector.tile.key).first()


@never_cache
@login_not_required  # an administrator of the other side may have no account here
@require_safe
def approved(request: HttpRequest) -> HttpResponse:
    query = request.GET
    try:
        asked = signing.loads(query.get("state", ""), salt=SALT, max_age=LINK_DAYS * 86_400)
        connector = registry.get(asked["connector"])
        owner = get_user_model().objects.get(pk=asked["user"])
    except (signing.BadSignature, KeyError, get_user_model().DoesNotExist):
        return render(request, "integrations/approved.html", {"is_unknown": True}, status=400)
    # `admin_consent=True` is there on a refusal, too: the error decides.
    words = redact(query.get("error_description", "").split("\r\n")[0])[:300] or query.get("error", "")[:100]
    granted = not query.get("error") and query.get("admin_consent", "").lower() == "true"
    Approval.objects.update_or_create(
        owner=owner,
        connector=connector.tile.key,
        defaults={
            "is_granted": granted,
            "tenant": query.get("tenant", "")[:100] if granted else "",
            "words": "" if granted else words,
        },
    )
    context = {
        "connector": connector,
        "is_granted": granted,
        "tenant": query.get("tenant", "")[:100],
        "words": words,
        "owner": owner,
    }
    return render(request, "integrations/approved.html", context)
