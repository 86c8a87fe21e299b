"""The Details panel: the activation's name, its authentication, and that connector's export settings.

Its draft is {"name": "…", "authentication": 7, "settings": {"7": {field: [typed, …]}}, "agreed": "…"}: settings are
kept for each authentication that was tried, so that going back to one loses nothing.
"""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from activations import activating
from activations.models import Activation
from activations.typed import is_look, kept, posted
from integrations import registry
from integrations.exports import forms
from integrations.fields import SettingsForm
from integrations.models import Authentication

MINE = ("name",)  # beside the fields of the connector


@dataclass(frozen=True)
class Details:
    name: str
    authentication: Authentication | None
    typed: QueryDict | None  # the settings as they were posted; None where they are as they are stored
    stored: dict[str, Any] | None  # the saved settings; None where they are another authentication's
    agreed: str  # the question that was answered with yes

    @property
    def form(self) -> SettingsForm | None:
        """Bound, to be checked. None where nothing is known yet."""
        if self.authentication is None:
            return None
        if self.typed is not None:
            return forms.build(self.authentication, data=self.typed)
        if self.stored is not None:
            return registry.get(self.authentication.connector).export_form.from_keys(self.stored)
        return None


def of(activation: Activation) -> Details:
    """The draft over what is saved."""
    draft = activation.draft.get("details", {})
    authentication = activation.authentication
    if "authentication" in draft:
        authentication = Authentication.objects.saved().filter(pk=draft["authentication"] or 0).first()
    values = draft.get("settings", {}).get(str(authentication.pk)) if authentication else None
    typed = posted(values) if values is not None else None
    same = authentication is not None and authentication.pk == activation.authentication_id
    stored = activation.export_settings if same else None
    return Details(draft.get("name", activation.name), authentication, typed, stored, draft.get("agreed", ""))


def keep(
    activation: Activation, data: QueryDict, *, agreed: str = "", version: int | None = None
) -> Activation:
    """What was typed into the panel: the name, and settings for the authentication that is chosen now."""
    now = of(activation)
    draft = {**activation.draft.get("details", {}), "name": data.get("name", now.name), "agreed": agreed}
    values = {name: value for name, value in kept(data).items() if name not in MINE}
    if now.authentication is not None and values:
        draft["settings"] = {**draft.get("settings", {}), str(now.authentication.pk): values}
    if is_look(data, activation, "details"):
        return activating.suppose(activation, "details", draft)
    return activating.keep(activation, "details", draft, version=version)


def choose(activation: Activation, authentication: Authentication) -> Activation:
    draft = {**activation.draft.get("details", {}), "authentication": authentication.pk, "agreed": ""}
    return activating.keep(activation, "details", draft)


def shown(made: Details) -> SettingsForm | None:
    """The form for a page: what was typed or is stored, without errors, since nobody has asked for them yet."""
    if made.authentication is None:
        return None
    if made.typed is not None:
        fields = registry.get(made.authentication.connector).export_form.base_fields
        typed = {
            name: field.widget.value_from_datadict(made.typed, {}, name) for name, field in fields.items()
        }
        return forms.build(
            made.authentication, stored={name: value for name, value in typed.items() if value is not None}
        )
    return forms.build(made.authentication, stored=made.stored or {})


def settings_of(made: Details) -> dict[str, Any]:
    """What would be saved; where it is wrong, as it was typed, so that saving says what is wrong."""
    form = made.form
    if form is None:
        return {}
    if form.is_valid():
        return form.settings()
    return {name: form[name].value() for name in form.fields}


def is_done(made: Details) -> bool:
    form = made.form
    return bool(made.name.strip()) and form is not None and form.is_valid()
