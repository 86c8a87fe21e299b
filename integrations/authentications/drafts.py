"""From typed credentials to a saved row. Secrets go in and are sealed; none comes back out to the browser."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations import registry
from integrations.fields import SettingsForm
from integrations.models import Authentication

DRAFTS_LIVE = timedelta(days=1)


def credentials_form(authentication: Authentication, data: Any = None) -> SettingsForm:
    """Bound to `data`, or showing what is stored. A stored secret shows as Unchanged."""
    form = registry.get(authentication.connector).authentication_form
    if data is not None:
        return form(data, stored_secrets=authentication.secrets())
    return form.shown(authentication.keys, stored_secrets=authentication.secrets())


def keep(authentication: Authentication, form: SettingsForm) -> None:
    """Saves a valid form's values. What a test found out about the former ones no longer counts."""
    keys, secrets = form.settings(), form.secrets()
    if authentication.pk and (keys, secrets) == (authentication.keys, authentication.secrets()):
        return
    authentication.keys = keys
    authentication.seal(secrets)
    authentication.health, authentication.health_message = Authentication.Health.UNKNOWN, ""
    authentication.health_checked_at = None
    with transaction.atomic():
        drop_old()
        authentication.save()


def drop_old() -> None:
    Authentication.objects.filter(name=None, created_at__lt=timezone.now() - DRAFTS_LIVE).delete()
