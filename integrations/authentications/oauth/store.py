"""The last step of social-auth's pipeline: tokens go into an Authentication, sealed, and nowhere else."""

from typing import Any

from django.db import transaction

from integrations import registry, tokens
from integrations.authentications import drafts
from integrations.authentications.oauth.strategy import SignInStrategy
from integrations.models import Authentication, SignIn
from integrations.oauth import Grant, Refusal, Refused


def store(
    strategy: SignInStrategy, uid: str, details: dict[str, Any], response: dict[str, Any], **_: Any
) -> None:
    """A new draft, or new tokens for the authentication that is being reconnected. Its id stays."""
    sign_in, oauth = strategy.sign_in, registry.get(strategy.sign_in.connector).oauth
    assert oauth is not None
    given = Grant.of(response)
    if not given.refresh_token:
        raise Refused(Refusal.REGISTRATION, "No refresh token was granted: offline_access is missing.")
    with transaction.atomic():
        row = _reconnected(sign_in, uid) if sign_in.reconnects else _draft(sign_in)
        row.keys = {**row.keys, oauth.plan_key: sign_in.plan, "user_id": uid}
        row.account, row.detail = str(details.get("email") or uid)[:255], sign_in.plan.capitalize()
        row.health, row.health_message = Authentication.Health.UNKNOWN, ""
        tokens.keep(row, given)
        row.save()
    sign_in.connect(row)


def _draft(sign_in: SignIn) -> Authentication:
    drafts.drop_old()
    return Authentication(connector=sign_in.connector, owner=sign_in.owner)


def _reconnected(sign_in: SignIn, uid: str) -> Authentication:
    """Another account has other folders: what depends on this one would send its files elsewhere."""
    assert sign_in.authentication_id is not None
    row = Authentication.objects.select_for_update().get(pk=sign_in.authentication_id)
    if row.keys.get("user_id") not in ("", None, uid):
        raise Refused(Refusal.OTHER_ACCOUNT, row.account)
    return row
