"""API Key and API Hostname, and the test that says which kind of key it is."""

import re
import time
from typing import ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from integrations.connector import Identity, Keys
from integrations.connectors.treasure_data.client import Client
from integrations.errors import DeliveryError
from integrations.fields import SecretField, SettingsForm
from integrations.http import check_url

KEY_SHAPE = re.compile(r"(?:[1-9][0-9]*/)?[0-9a-f]{40}")
HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?|[0-9a-f:]+")
WAIT_SECONDS = 15  # somebody looks at the page meanwhile
# As the documents print them. The last may be a slip for api.ap02.treasuredata.com (decision record 0004).
SERVERS = (
    ("US", "api.treasuredata.com"),
    ("JP", "api.treasuredata.co.jp"),
    ("EU01", "api.eu01.treasuredata.com"),
    ("AP02 (Korea)", "api.api02.treasuredata.com"),
)


class AuthenticationForm(SettingsForm):
    aliases: ClassVar[dict[str, str]] = {"api_key": "apikey", "api_hostname": "endpoint", "host": "endpoint"}

    apikey = SecretField(
        label="API Key",
        error_messages={"required": "Paste the API key of the target account."},
        help_text="Use the write-only key of the target account. Copy it from My Settings › API Keys there. "
        "Replace needs the master key.",
    )
    endpoint = forms.CharField(
        label="API Hostname",
        required=False,
        max_length=255,
        help_text="Leave blank to use the default server for your region. Required when you write from one "
        "region to another. If the Korean server is not found as printed, enter api.ap02.treasuredata.com.",
    )

    def suggestions(self, name: str) -> list[tuple[str, str]]:
        return [*SERVERS, ("This console", settings.BASE_URL)] if name == "endpoint" else []

    def clean_apikey(self) -> str:
        key: str = self.cleaned_data["apikey"].strip()
        if key and not KEY_SHAPE.fullmatch(key):
            raise ValidationError(
                "This does not look like a Treasure Data API key. "
                "Copy the whole key: a number, a slash and 40 characters of 0-9 and a-f."
            )
        return key

    def clean_endpoint(self) -> str:
        text: str = self.cleaned_data["endpoint"].strip().rstrip("/")
        parts = urlsplit(text if "://" in text else f"https://{text}")
        if not text:
            return ""
        if not _is_plain_host(text):
            raise ValidationError(
                "Enter a host such as api.treasuredata.com, or an address such as https://host:8000."
            )
        try:
            check_url(parts.geturl())
        except DeliveryError as error:
            raise ValidationError(f"{error} {error.action}") from error
        return text


def check(credentials: Keys) -> Identity:
    """Raises `DeliveryError`. A key that may not even validate itself is a write-only key."""
    client = Client(credentials, patience=WAIT_SECONDS)
    began = time.monotonic()
    try:
        found = client.identity()
    except DeliveryError as error:
        error.field = error.field or ("apikey" if error.response[:3] in {"401", "403"} else "endpoint")
        raise
    took = round((time.monotonic() - began) * 1000)
    can = (
        "Append and Replace work with this key."
        if found.master
        else "Append works with this key. Replace needs the master key."
    )
    return Identity(
        account=f"{found.account} · {client.host}",
        detail=f"{found.kind} key",
        message=f"{found.kind.capitalize()} key for account {found.account}, answered in {took:,} ms.\n{can}",
        milliseconds=took,
        facts={"kind": found.kind, "account": found.account, "host": client.host},
    )


def _is_plain_host(text: str) -> bool:
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        _ = parts.port
    except ValueError:
        return False
    host = len(parts.hostname or "") < 254 and bool(HOST.fullmatch(parts.hostname or ""))
    bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    return host and bare and parts.scheme in {"http", "https"}
