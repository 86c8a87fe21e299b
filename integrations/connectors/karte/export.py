"""The Export Results form, and what can be known to be wrong before anything is sent."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from integrations.connector import Keys
from integrations.connectors.karte.answers import CREATE, no_permission
from integrations.connectors.karte.client import Client, key_of
from integrations.connectors.karte.places import Place, bucket_error, object_name, path_error
from integrations.fields import FileFields, PgpFields
from integrations.formats.options import ENCRYPTION


class ExportForm(PgpFields, FileFields):
    sections: ClassVar[dict[str, list[str]]] = {
        "Destination": ["bucket", "path_prefix"],
        "Format": ["format", "compression", "delimiter", "null_string", "newline", "header_line"],
        "Encryption": ["public_key", "key_identifier", "compression_type", "armor"],
    }

    addressed_by: ClassVar[str] = "path_prefix"

    bucket = forms.CharField(
        label="Bucket", max_length=255, help_text="The name of an existing bucket, without gs://."
    )
    path_prefix = forms.CharField(
        label="Path",
        max_length=1024,
        help_text="The whole name of the object, such as dir/example.csv.gz: nothing is added to it. "
        "An object of this name is replaced.",
    )
    # The documents offer no bzip2 here, two null strings, and no Quote Policy.
    compression = forms.ChoiceField(
        label="Encoders",
        required=False,
        choices=[("", "None"), ("gz", "gz"), (ENCRYPTION, "encryption PGP")],
        initial="",
    )
    null_string = forms.ChoiceField(
        label="Null String",
        required=False,
        choices=[("", "Empty string"), ("\\N", "\\N")],
        initial="",
    )
    quote_policy = None  # type: ignore[assignment]

    def address(self) -> str:
        bucket, path = (str(self[name].value() or "").strip() for name in ("bucket", "path_prefix"))
        return "" if bucket_error(bucket) or path_error(path) else Place(bucket, object_name(path)).address

    def clean_bucket(self) -> str:
        return _checked(self.cleaned_data["bucket"], bucket_error)

    def clean_path_prefix(self) -> str:
        return _checked(self.cleaned_data["path_prefix"], path_error)


def precheck(credentials: Keys, settings: Keys) -> None:
    """Asks Google whether the account may create an object in the bucket. Raises `DeliveryError`."""
    client = Client(credentials)
    place = Place.of(settings, client.key.email)
    if CREATE not in client.permissions(place, [CREATE]):
        raise no_permission(place)


def destination(credentials: Keys, settings: Keys) -> dict[str, str]:
    """What the job page shows about where the file went."""
    place = Place.of(settings)
    return {
        "Bucket": place.bucket,
        "Path": place.name,
        "Address": place.address,
        "Service account": key_of(credentials).email,
    }


def _checked(value: str, fault: Any) -> str:
    if words := fault(value):
        raise ValidationError(words)
    return value
