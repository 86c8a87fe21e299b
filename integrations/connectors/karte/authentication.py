"""JSON Credential, pasted or uploaded, and the test that Google accepts it."""

import time
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from integrations.connector import Identity, Keys
from integrations.connectors.karte.client import Client
from integrations.connectors.karte.key_file import LONGEST, NO_KEY_FILE, KeyFile, KeyFileError
from integrations.fields import SecretField, SettingsForm

WAIT_SECONDS = 15  # somebody looks at the page meanwhile


class TextOrFile(forms.MultiWidget):
    """A text area and a file input below it, whichever is given; the file where both are. Renders no value."""

    template_name = "integrations/_text_or_file.html"
    use_fieldset = False

    def __init__(self) -> None:
        area = forms.Textarea(
            attrs={"rows": 6, "class": "mono", "spellcheck": "false", "autocomplete": "off"}
        )
        file = forms.FileInput(attrs={"accept": ".json,application/json"})
        super().__init__({"": area, "file": file})

    def decompress(self, value: Any) -> list[None]:
        return [None, None]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        uploaded = files.get(f"{name}_file") if files else None
        return data.get(name) if uploaded is None else _text(uploaded)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_file" not in (files or {})

    def use_required_attribute(self, initial: Any) -> bool:
        return False  # neither of the two is required by itself

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class AuthenticationForm(SettingsForm):
    json_keyfile = SecretField(
        label="JSON Credential",
        widget=TextOrFile,
        error_messages={"required": "Paste the JSON key of the service account, or choose its file."},
        help_text="The JSON key of a service account: paste the file's content, or choose the file. "
        "The account needs write permission for the destination bucket.",
    )

    def clean_json_keyfile(self) -> str:
        text: str = self.cleaned_data["json_keyfile"]
        if not text:
            return ""
        try:
            return KeyFile.read(text).dump()
        except KeyFileError as error:
            raise ValidationError(str(error)) from error


def check(credentials: Keys) -> Identity:
    """Raises `DeliveryError`. Without a bucket it can be told only that Google accepts the key."""
    client = Client(credentials, patience=WAIT_SECONDS)
    began = time.monotonic()
    client.sign_in()
    took = round((time.monotonic() - began) * 1000)
    return Identity(
        account=client.key.email,
        detail=client.key.project,
        message=f"Google accepts the key of {client.key.email}, answered in {took:,} ms.\n"
        "Whether it may write is tested with the bucket, in Export Results and before each run.",
        milliseconds=took,
    )


def _text(uploaded: Any) -> str:
    """The file's text; of one that can be no key file, something that is refused as such."""
    uploaded.seek(0)  # a form that is bound twice reads it twice
    data = uploaded.read(LONGEST + 1)
    try:
        return str(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return NO_KEY_FILE
