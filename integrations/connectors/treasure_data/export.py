"""The Export Results form, and what can be known to be wrong before anything is sent."""

import re
from typing import ClassVar

from django import forms
from django.core.exceptions import ValidationError

from integrations.connector import Keys
from integrations.connectors.treasure_data.client import Client
from integrations.errors import CredentialsError, SettingsError
from integrations.fields import SettingsForm

NAME = re.compile(r"[a-z0-9_]{3,255}")
NEEDS_MASTER = "This key cannot replace tables; use a master key."


class ExportForm(SettingsForm):
    sections: ClassVar[dict[str, list[str]]] = {
        "Destination": ["user_database_name", "user_table_name", "mode"],
        "Data": ["time", "file_split_size", "legacy"],
    }
    aliases: ClassVar[dict[str, str]] = {
        "database": "user_database_name",
        "database_name": "user_database_name",
        "table": "user_table_name",
        "table_name": "user_table_name",
        "legacy_mode": "legacy",
    }

    user_database_name = forms.CharField(
        label="Database name", max_length=256, help_text="The name of an existing database."
    )
    user_table_name = forms.CharField(
        label="Table name", max_length=256, help_text="A new table is created if the table does not exist."
    )
    mode = forms.ChoiceField(
        label="Mode",
        choices=[("append", "Append"), ("replace", "Replace")],
        initial="append",
        widget=forms.RadioSelect,
        help_text="Append adds the rows to the table. Replace exchanges all its rows for the result; "
        "it needs the master key.",
    )
    time = forms.IntegerField(
        label="Time",
        required=False,
        min_value=0,
        max_value=253_402_300_799,
        help_text="Unix seconds for the time column. Applied if there is no time column in the query result; "
        "blank takes the time of the export.",
    )
    file_split_size = forms.IntegerField(
        label="File split size (KB)",
        required=False,
        initial=16_384,
        help_text="A part is closed when it has reached this size, compressed. 16384 to 524288 (512 MB).",
    )
    legacy = forms.BooleanField(
        label="Legacy mode",
        required=False,
        help_text="Sends each part as a streaming import, as the older connector did, instead of all parts "
        "in one bulk import session. Appended rows then become visible part by part.",
    )

    def clean_user_database_name(self) -> str:
        return _name(self.cleaned_data["user_database_name"], "Database name")

    def clean_user_table_name(self) -> str:
        return _name(self.cleaned_data["user_table_name"], "Table name")

    def clean_file_split_size(self) -> int:
        size: int | None = self.cleaned_data["file_split_size"]
        if size is None:
            return 16_384
        if not 16_384 <= size <= 524_288:
            raise ValidationError("Enter 16384 to 524288 KB.")
        return size


def precheck(credentials: Keys, settings: Keys) -> None:
    """Refuses what can't work before anything is sent. Raises `DeliveryError`."""
    client = Client(credentials)
    if settings["mode"] == "replace" and not client.identity().master:
        raise SettingsError(
            NEEDS_MASTER, action="Put the master key into the authentication, or choose Append.", field="mode"
        )
    database = settings["user_database_name"]
    try:
        known = client.has_database(database)
    except CredentialsError as error:
        if error.response.startswith("403"):
            return  # a write-only key may not look; creating the table will tell
        raise
    if not known:
        raise no_database(database)


def no_database(name: str) -> SettingsError:
    return SettingsError(
        f"Database {name} does not exist.",
        action="Create it in the target account, or correct Database name.",
        field="user_database_name",
    )


def destination(credentials: Keys, settings: Keys) -> dict[str, str]:
    """What the job page shows about where the rows went."""
    return {
        "API Hostname": Client(credentials).host,
        "Database name": settings["user_database_name"],
        "Table name": settings["user_table_name"],
        "Mode": settings["mode"].capitalize(),
        **({"Legacy mode": "On"} if settings.get("legacy") else {}),
    }


def _name(value: str, label: str) -> str:
    if not NAME.fullmatch(value):
        raise ValidationError(f"{label} must be 3 to 255 lowercase letters, digits or _.")
    return value
