"""What a signed-in account keeps, and the test that says which drive it reaches."""

import time

from django import forms

from integrations.connector import Identity, Keys
from integrations.connectors.one_drive import cloud
from integrations.connectors.one_drive.client import Client
from integrations.errors import CredentialsError
from integrations.fields import SecretField, SettingsForm

WAIT_SECONDS = 15  # somebody looks at the page meanwhile
DRIVES = {"personal": "personal", "business": "business", "documentLibrary": "business"}


class AuthenticationForm(SettingsForm):
    """The dialog signs in instead; command lines may give a refresh token, as the documents describe."""

    account_type = forms.ChoiceField(
        label="OneDrive Account Plan",
        choices=[("business", "Business"), ("personal", "Personal")],
        initial="business",
        widget=forms.RadioSelect,
    )
    refresh_token = SecretField(
        label="Refresh token",
        help_text="Of this console's own app registration. Connecting an account in the dialog gives one, too.",
    )


def check(credentials: Keys) -> Identity:
    """Raises `DeliveryError`. Names what was not granted: nothing is found out later, in the night."""
    client = Client(credentials, patience=WAIT_SECONDS)
    began = time.monotonic()
    me, drive = client.me(), client.my_drive()
    took = round((time.monotonic() - began) * 1000)
    plan = str(credentials.get("account_type") or DRIVES.get(str(drive.get("driveType")), "business"))
    lacking = _lacking(str(credentials.get("scope") or ""), plan)
    if "Files.ReadWrite.All" in lacking:
        raise CredentialsError(
            "Files.ReadWrite.All was not granted, so files can't be read, created or updated.",
            action="Reconnect and accept all permissions.",
        )
    address = str(me.get("mail") or me.get("userPrincipalName") or me.get("id"))
    limits = f"\n{', '.join(lacking)} was not granted: SharePoint sites can't be reached." if lacking else ""
    return Identity(
        account=address,
        detail=plan.capitalize(),
        message=f"{me.get('displayName') or address} on OneDrive {plan.capitalize()}, answered in {took:,} ms."
        f"{_room(drive)}{limits}",
        milliseconds=took,
        facts={"user_id": str(me.get("id")), "account_type": plan},
    )


def _lacking(scope: str, plan: str) -> list[str]:
    """Scope names are case-insensitive and may carry Graph's address. No scope known: nothing can be said."""
    granted = {name.rpartition("/")[2].lower() for name in scope.split()}
    asked = cloud.BUSINESS if plan == "business" else cloud.PERSONAL
    needed = [name for name in asked if name in {"Files.ReadWrite.All", "Sites.ReadWrite.All"}]
    return [name for name in needed if granted and name.lower() not in granted]


def _room(drive: Keys) -> str:
    quota = drive.get("quota") or {}
    if quota.get("state") == "exceeded":
        return "\nThe drive is full: uploads will be refused."
    left = quota.get("remaining")
    return f"\n{int(left) / 1e9:,.1f} GB free." if isinstance(left, int) else ""
