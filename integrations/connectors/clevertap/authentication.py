"""Account ID, Account Passcode and Region, and the test that proves them."""

import re
import time

from django import forms
from django.core.exceptions import ValidationError

from integrations.connector import Identity, Keys
from integrations.connectors.clevertap.client import Client
from integrations.connectors.clevertap.regions import HOSTS, NAMES, REGIONS
from integrations.errors import DeliveryError, Kind
from integrations.fields import SecretField, SettingsForm

WAIT_SECONDS = 15  # somebody looks at the page meanwhile
HEADER = re.compile(r"[!-~]+")  # what an HTTP header can carry


class AuthenticationForm(SettingsForm):
    account_id = forms.CharField(
        label="Account ID",
        max_length=100,
        error_messages={"required": "Enter the Project ID of the CleverTap account."},
        help_text="The Project ID in the CleverTap dashboard under Settings › Project, such as 948-4KK-444Z.",
    )
    passcode = SecretField(
        label="Account Passcode",
        max_length=200,
        error_messages={"required": "Enter the passcode of the CleverTap account."},
        help_text="The Passcode in the CleverTap dashboard under Settings › Project.",
    )
    region = forms.ChoiceField(
        label="Region",
        choices=[("", "Choose the region"), *((code, f"{name} ({code})") for code, name, _ in REGIONS)],
        error_messages={"required": "Choose the region of the CleverTap account."},
        help_text="The Region in the CleverTap dashboard under Settings › Project. It is also the first part of "
        "the dashboard's address.",
    )

    def clean_account_id(self) -> str:
        return _one_word(self.cleaned_data["account_id"], "The Account ID")

    def clean_passcode(self) -> str:
        return _one_word(self.cleaned_data["passcode"], "The Account Passcode")


def check(credentials: Keys) -> Identity:
    """Raises `DeliveryError`. Stores nothing at CleverTap."""
    client = Client(credentials, patience=WAIT_SECONDS)
    began = time.monotonic()
    try:
        client.check()
    except DeliveryError as error:
        error.field = error.field or ("account_id" if error.kind == Kind.CREDENTIALS else "region")
        raise
    took = round((time.monotonic() - began) * 1000)
    region, account = str(credentials["region"]), str(credentials["account_id"])
    return Identity(
        account=f"{account} · {HOSTS[region]}",
        detail=f"region {NAMES[region]}",
        message=f"Account {account} in the region {NAMES[region]}, answered in {took:,} ms.\n"
        "A test profile was checked and not stored.",
        milliseconds=took,
        facts={"account": account, "region": region},
    )


def _one_word(text: str, what: str) -> str:
    text = text.strip()
    if text and not HEADER.fullmatch(text):
        raise ValidationError(
            f"{what} holds a space or a character that is no letter, digit or sign. Copy it again."
        )
    return text
