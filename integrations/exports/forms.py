"""The Export Results form of one authentication's connector."""

from collections.abc import Mapping
from typing import Any

from integrations import registry
from integrations.fields import SettingsForm
from integrations.models import Authentication


def build(
    authentication: Authentication,
    data: Mapping[str, Any] | None = None,
    stored: Mapping[str, Any] | None = None,
) -> SettingsForm:
    """`data` (a POST) gives a bound form; else an unbound one that shows `stored` over the defaults."""
    form = registry.get(authentication.connector).export_form
    if data is not None:
        return form(data)
    return form.shown(stored or {})
