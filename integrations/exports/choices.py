"""Choose Integration: which saved authentications a user may pick, and which part of them the search met."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integrations import registry
from integrations.connector import Connector
from integrations.models import Authentication

BROKEN = {Authentication.Health.RECONNECT}


@dataclass(frozen=True)
class Choice:
    authentication: Authentication
    connector: Connector
    name: SafeString  # with <mark class="hit"> around what the search met
    integration: SafeString
    account: SafeString


@dataclass(frozen=True)
class Choices:
    usable: tuple[Choice, ...]
    unusable: tuple[Choice, ...]  # shown below the list, with Reconnect
    total: int  # saved authentications, whatever the search


def search(user: Any, text: str = "") -> Choices:
    """Those whose name, integration or account holds `text`; the last used first. Everybody may use all."""
    saved = (
        Authentication.objects.saved()
        .filter(connector__in=[connector.tile.key for connector in registry.connectors()])
        .order_by(F("last_used_at").desc(nulls_last=True), "name")
    )
    everything = [_choice(authentication, text.strip()) for authentication in saved]
    met = [choice for choice in everything if _meets(choice, text.strip())]
    return Choices(
        usable=tuple(choice for choice in met if choice.authentication.health not in BROKEN),
        unusable=tuple(choice for choice in met if choice.authentication.health in BROKEN),
        total=len(everything),
    )


def mark(value: str, text: str) -> SafeString:
    """`value`, escaped, with every occurrence of `text` marked, whatever its case."""
    return format_html_join("", "{}", ((piece,) for piece in _pieces(value, text)))


def _pieces(value: str, text: str) -> Iterable[str]:
    low, needle, at = value.lower(), text.lower(), 0
    if not needle or len(low) != len(value):
        yield value
        return
    while (found := low.find(needle, at)) >= 0:
        yield value[at:found]
        yield format_html('<mark class="hit">{}</mark>', value[found : found + len(needle)])
        at = found + len(needle)
    yield value[at:]


def _choice(authentication: Authentication, text: str) -> Choice:
    connector = registry.get(authentication.connector)
    return Choice(
        authentication,
        connector,
        mark(str(authentication), text),
        mark(connector.tile.name, text),
        mark(authentication.account, text),
    )


def _meets(choice: Choice, text: str) -> bool:
    haystack = (str(choice.authentication), choice.connector.tile.name, choice.authentication.account)
    return any(text.lower() in value.lower() for value in haystack)
