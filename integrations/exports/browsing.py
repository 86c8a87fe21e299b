"""Browse: the folders inside the one that the settings name, as they stand in the dialog."""

import json
from dataclasses import dataclass

from django.forms.boundfield import BoundField
from django.http import Http404

from integrations import registry, tokens
from integrations.errors import DeliveryError
from integrations.exports import forms
from integrations.models import Authentication


@dataclass(frozen=True)
class Step:
    name: str
    path: str
    vals: str  # JSON: what the form posts in the place of what stands in the field


@dataclass(frozen=True)
class Listing:
    """For `integrations/_browse.html`. Folders, or what has to be filled in first, or what went wrong."""

    way: tuple[Step, ...]  # from the top to where we are
    folders: tuple[Step, ...] = ()
    waiting: str = ""
    error: DeliveryError | None = None


def listing(authentication: Authentication, data: dict[str, str]) -> tuple[Listing, BoundField]:
    """Asks the destination. Raises Http404 where the connector has no folders."""
    connector = registry.get(authentication.connector)
    name = connector.export_form.browsed
    if connector.browse is None or not name:
        raise Http404(f"{connector.tile.name} has no folders to choose from.")
    path = "/" + str(data.get(name) or "").strip().strip("/")
    form = forms.build(authentication, {**data, name: path})
    way, field = _way(name, path), form[name]
    form.is_valid()
    missing = [str(form.fields[each].label) for each in (*form.browsed_with, name) if each in form.errors]
    if missing:
        return Listing(way, waiting=f"Fill in {' and '.join(missing)} first."), field
    settings = {each: value for each, value in form.cleaned_data.items() if not form.is_hidden_field(each)}
    try:
        names = connector.browse(tokens.credentials(authentication), settings)
    except DeliveryError as error:
        return Listing(way, error=error), field
    return Listing(way, tuple(_step(name, each, f"{path.rstrip('/')}/{each}") for each in names)), field


def _way(field: str, path: str) -> tuple[Step, ...]:
    segments = [each for each in path.split("/") if each]
    steps = [_step(field, each, "/" + "/".join(segments[: n + 1])) for n, each in enumerate(segments)]
    return (_step(field, "Top", "/"), *steps)


def _step(field: str, name: str, path: str) -> Step:
    return Step(name, path, json.dumps({field: path}))
