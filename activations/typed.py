"""What a panel has as it was typed: a form's values as JSON in the draft's row, and back."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from activations.models import Activation

LEFT = {
    "csrfmiddlewaretoken",
    "then",
    "act",
    "add",
    "view",
    "dock",
    "version",
    "confirm",
    "look",
    "again",
}  # not what was typed


def kept(data: QueryDict) -> dict[str, list[str]]:
    """Every value of every field."""
    return {name: [str(value) for value in values] for name, values in data.lists() if name not in LEFT}


def posted(values: Any) -> QueryDict:
    """As the form posted it."""
    data = QueryDict(mutable=True)
    for name, listed in values.items() if isinstance(values, Mapping) else ():
        data.setlist(name, list(map(str, listed)) if isinstance(listed, list) else [str(listed)])
    return data


def is_look(data: QueryDict, activation: Activation, panel: str) -> bool:
    """Whether a page only looks, as it does when it is opened. Of a saved activation that is no change."""
    return "look" in data and not activation.is_draft and panel not in activation.draft


def version(data: QueryDict) -> int | None:
    """Of the activation when the page was opened."""
    asked = data.get("version", "")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else None
