"""From typed credentials to a saved row. Secrets go in and are sealed; none comes back out to the browser."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations import registry
from integrations.authentications.health import in_words
from integrations.errors import DeliveryError
from integrations.fields import SettingsForm
from integrations.models import Authentication

DRAFTS_LIVE = timedelta(days=1)


def credentials_form(authentication: Authentication, data: Any = None, files: Any = None) -> SettingsForm:
    """Bound to `data` and uploaded `files`, or showing what is stored. A stored secret shows as Unchanged."""
    form = registry.get(authentication.connector).authentication_form
    if data is not None:
        return form(data, files=files, stored_secrets=authentication.secrets())
    return form.shown(authentication.keys, stored_secrets=authentication.secrets())


def keep(authentication: Authentication, form: SettingsForm) -> None:
    """Saves a valid form's values. What a test found out about the former ones no longer counts."""
    keys, secrets = form.settings(), form.secrets()
    if authentication.pk and (keys, secrets) == (authentication.keys, authentication.secrets()):
        return
    authentication.keys = keys
    authentication.seal(secrets)
    _save_untested(authentication)


def keep_secrets(authentication: Authentication, form: SettingsForm) -> None:
    """Of an invalid form: what is right about the secrets, so that nobody has to paste a key twice."""
    secrets = form.secrets()
    if any(secrets.values()) and secrets != authentication.secrets():
        authentication.seal(secrets)
        _save_untested(authentication)


def put_beside_field(form: SettingsForm, refusal: DeliveryError) -> None:
    """The destination's refusal as an error of the field it is about, else of the first one."""
    form.add_error(
        refusal.field if refusal.field in form.fields else next(iter(form.fields)), in_words(refusal)
    )


def _save_untested(authentication: Authentication) -> None:
    authentication.health, authentication.health_message = Authentication.Health.UNKNOWN, ""
    authentication.health_checked_at = authentication.health_ms = None
    with transaction.atomic():
        drop_old()
        authentication.save()


def drop_old() -> None:
    Authentication.objects.filter(name=None, created_at__lt=timezone.now() - DRAFTS_LIVE).delete()
