"""The fields of PGP encryption. The key is read by gpg itself before the form accepts it."""

from typing import Any, ClassVar

from django import forms

from integrations.errors import SettingsError
from integrations.fields.file import SpelledField
from integrations.fields.settings_form import SettingsForm
from integrations.formats import pgp_keys
from integrations.formats.options import COMPRESSION_SPELLINGS, ENCRYPTION

_WHEN = ("compression", {ENCRYPTION})


class PgpFields(SettingsForm):
    """Meant for a form that also has `compression`."""

    visible_when: ClassVar[dict[str, tuple[str, set[str]]]] = {
        "public_key": _WHEN,
        "key_identifier": _WHEN,
        "armor": _WHEN,
        "compression_type": _WHEN,
    }
    hidden_hints: ClassVar[dict[str, str]] = {
        "public_key": "Select encryption PGP in Encoders to encrypt the file before it is uploaded."
    }
    widths: ClassVar[dict[str, str]] = {"key_identifier": "half", "compression_type": "half"}

    public_key = forms.CharField(
        label="Public Key",
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text="Begins with -----BEGIN PGP PUBLIC KEY BLOCK-----.",
    )
    key_identifier = forms.CharField(
        label="Key Identifier",
        max_length=64,
        widget=forms.TextInput(attrs={"list": "subkeys", "class": "mono", "autocomplete": "off"}),
        help_text="The ID of an encryption subkey. The master key is excluded from the encryption process.",
    )
    compression_type = SpelledField(
        label="Compression Type",
        required=False,
        choices=[("gz", "gz"), ("bzip2", "bzip2"), ("", "None")],
        spellings=COMPRESSION_SPELLINGS,
        initial="gz",
        help_text="Applied before encryption.",
    )
    armor = forms.BooleanField(label="Amor", required=False, help_text="Write ASCII armor instead of binary.")

    @property
    def subkeys(self) -> list[str]:
        """The encryption subkeys of the key in the form, for the list under Key Identifier."""
        try:
            key = pgp_keys.read(pgp_keys.normal(str(self["public_key"].value() or "")))
        except SettingsError:
            return []
        return [subkey.id for subkey in key.subkeys if subkey.is_usable]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        key, identifier = cleaned.get("public_key"), cleaned.get("key_identifier")
        if key and identifier and not self.is_hidden_field("public_key"):
            try:
                cleaned["key_identifier"] = pgp_keys.encryption_subkey(key, identifier).id
            except SettingsError as error:
                self.add_error(error.field if error.field in self.fields else None, _words(error))
        return cleaned


def _words(error: SettingsError) -> str:
    return f"{error} {error.action}".strip()
