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
    """`data` (a POST) gives a bound form; else an unbound one that shows `stored` over the defaults.

    A default that the authentication knows better, such as the account's plan, is taken from there.
    """
    form = registry.get(authentication.connector).export_form
    if data is not None:
        return form(data)
    known = {name: value for name, value in authentication.keys.items() if name in form.base_fields}
    return form.shown({**known, **(stored or {})})
