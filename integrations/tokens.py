"""Access tokens: renewed once, whoever needs them, and committed before anybody uses them."""

import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations import registry
from integrations.connector import Keys
from integrations.errors import CredentialsError
from integrations.models import Authentication
from integrations.oauth import Credentials, Grant, NotSetUp, OAuth

EARLY = 120  # seconds before its end at which an access token counts as spent
Health = Authentication.Health


def credentials(authentication: Authentication) -> Keys:
    """What a connector's functions receive. Raises `DeliveryError` where a spent token can't be renewed."""
    values: Keys = authentication.credentials()
    oauth = registry.get(authentication.connector).oauth
    if oauth is None or authentication.pk is None:
        return values
    number = authentication.pk

    def renew(spent: str) -> Keys:
        return _renew(number, oauth, spent)

    if _is_spent(values):
        values = renew(str(values.get("access_token", "")))
    return Credentials(values, renew)


def keep(authentication: Authentication, grant: Grant) -> None:
    """Puts a grant onto the object. A refresh token that was not sent again never takes the old one's place."""
    secrets = authentication.secrets()
    fresh = {"access_token": grant.access_token}
    if grant.refresh_token:
        fresh["refresh_token"] = grant.refresh_token
    authentication.seal({**secrets, **fresh})
    scope = grant.scope or authentication.keys.get("scope", "")
    authentication.keys = {**authentication.keys, "expires_at": grant.expires_at, "scope": scope}


def _renew(pk: int, oauth: OAuth, spent: str) -> dict[str, Any]:
    try:
        return _renew_locked(pk, oauth, spent)
    except CredentialsError as error:
        _mark(Authentication.objects.filter(pk=pk), Health.RECONNECT, error)
        raise
    except NotSetUp as error:
        # Nobody's account is at fault, and every authentication of this connector has the same trouble.
        connector = Authentication.objects.values_list("connector", flat=True).get(pk=pk)
        _mark(Authentication.objects.saved().filter(connector=connector), Health.UNREACHABLE, error)
        raise


def _renew_locked(pk: int, oauth: OAuth, spent: str) -> dict[str, Any]:
    """Under the row's lock: the second worker finds the first one's token. `durable`: committed on return.

    On SQLite the lock is on the whole database, which is why `OAuth.renew` waits only briefly.
    """
    with transaction.atomic(durable=True):
        row = Authentication.objects.select_for_update().get(pk=pk)
        values = row.credentials()
        if values.get("access_token") not in ("", None, spent) and not _is_spent(values):
            return values
        keep(row, oauth.renew(values))
        row.save(update_fields=["keys", "sealed", "updated_at"])
    return row.credentials()


def _is_spent(values: Keys) -> bool:
    return not values.get("access_token") or float(values.get("expires_at") or 0) < time.time() + EARLY


def _mark(found: Any, health: str, error: CredentialsError | NotSetUp) -> None:
    message = " ".join(part for part in (str(error), error.action) if part)
    found.update(health=health, health_message=message, health_checked_at=timezone.now())
