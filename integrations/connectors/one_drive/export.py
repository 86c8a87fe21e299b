"""The Export Results form: where the file goes and what it is called. Its bytes are FileFields' and PgpFields'."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from integrations.connector import Keys, RetryPolicy
from integrations.connectors.one_drive import folder_address, names
from integrations.errors import SettingsError
from integrations.fields import AidField, FileFields, PgpFields, RetryFields, retry_policy
from integrations.formats.options import FileOptions

BUSINESS, PERSONAL = "business", "personal"
ROOT = re.compile(r"/(sites|teams|personal)/[^/]+", re.IGNORECASE)
COMPRESSED = (".gz", ".bz2")


class ExportForm(FileFields, PgpFields, RetryFields):
    sections: ClassVar[dict[str, list[str]]] = {
        "Destination": [
            "account_type", "domain_name", "server_relative_path", "folder_path", "is_shared_folder", "folder_address",
        ],
        "File": ["file_name", "replace_existing"],
        "Format": ["format", "compression", "null_string", "newline", "quote_policy", "header_line"],
        "Encryption": ["public_key", "key_identifier", "compression_type", "armor"],
        "Retries": ["retry_count", "retry_initial_wait_millis", "max_retry_wait_millis"],
    }  # fmt: skip
    visible_when: ClassVar[dict[str, tuple[str, set[str]]]] = {
        "domain_name": ("account_type", {BUSINESS}),
        "server_relative_path": ("account_type", {BUSINESS}),
        "is_shared_folder": ("account_type", {PERSONAL}),
    }
    widths: ClassVar[dict[str, str]] = {"domain_name": "half", "server_relative_path": "half"}
    suffixed_by: ClassVar[str] = "file_name"
    browsed: ClassVar[str] = "folder_path"
    browsed_with: ClassVar[tuple[str, ...]] = (
        "account_type",
        "domain_name",
        "server_relative_path",
        "is_shared_folder",
    )
    delimiter = None  # type: ignore[assignment]  # it follows the format

    account_type = forms.ChoiceField(
        label="OneDrive Account Plan",
        choices=[(BUSINESS, "Business"), (PERSONAL, "Personal")],
        initial=BUSINESS,
        widget=forms.RadioSelect,
    )
    domain_name = forms.CharField(label="Domain Name", max_length=255)
    server_relative_path = forms.CharField(
        label="Relative Path", max_length=255, help_text="Paths under /personal, /sites and /teams work."
    )
    folder_path = forms.CharField(label="Folder Path", max_length=names.LONGEST_PATH)
    is_shared_folder = forms.BooleanField(
        label="This is a shared folder",
        required=False,
        help_text="Select it if someone shared the folder with you. Start the path at the shared folder, "
        "for example /f1/f2.",
    )
    folder_address = AidField(
        label="Fill these from a folder address",
        required=False,
        help_text="Paste the address of the open folder from your browser.",
    )
    file_name = forms.CharField(
        label="File Name", max_length=names.LONGEST_PATH, help_text="Multibyte characters cannot be used."
    )
    replace_existing = forms.BooleanField(
        label="Replace existing file",
        required=False,
        initial=True,
        help_text="Off: the upload fails if a file with this name is already there.",
    )

    def clean_domain_name(self) -> str:
        """A pasted scheme and path are taken off, as the documents' users paste them."""
        text = re.sub(r"^https?://", "", self.cleaned_data["domain_name"].strip().lower()).split("/")[0]
        if text and not folder_address.DOMAIN.fullmatch(text):
            raise ValidationError("Enter the SharePoint domain, e.g. contoso.sharepoint.com.")
        return text

    def clean_server_relative_path(self) -> str:
        path: str = self.cleaned_data["server_relative_path"].strip().rstrip("/")
        if path and not ROOT.fullmatch(path):
            raise ValidationError("Only /sites, /teams and /personal paths are supported.")
        return path

    def clean_folder_path(self) -> str:
        path: str = self.cleaned_data["folder_path"].strip()
        path = path.rstrip("/") or "/"
        names.check_folder_path(path)
        return path

    def clean_file_name(self) -> str:
        name: str = self.cleaned_data["file_name"]
        names.check_file_name(name)
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        domain, path = cleaned.get("domain_name") or "", cleaned.get("server_relative_path") or ""
        mixed_up = path.lower().startswith("/personal/") != ("-my.sharepoint." in domain)
        if cleaned.get("account_type") == BUSINESS and domain and path and mixed_up:
            # Of the form and not of a field, which would keep it after the other one was corrected.
            self.add_error(
                None,
                "A /personal path is on the domain that ends in -my, such as contoso-my.sharepoint.com; "
                "/sites and /teams are on the one without.",
            )
        if not self.errors:
            try:
                names.check_length(
                    cleaned.get("server_relative_path") or "", cleaned["folder_path"], file_name(cleaned)
                )
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned

    @classmethod
    def filled(cls, name: str, value: str) -> dict[str, Any]:
        return dict(folder_address.taken_apart(value))

    def suffix(self) -> str:
        given = str(self["file_name"].value() or "")
        try:
            full = file_name({key: self[key].value() for key in self.fields} | {"file_name": given})
        except SettingsError:
            return ""  # the field at fault says why
        return full[len(given) :]


def file_name(settings: Keys) -> str:
    """The name with its extensions, each only where it is not there already: data.csv and gz give data.csv.gz."""
    name, extension = str(settings["file_name"]), FileOptions.from_settings(settings).extension
    endings = re.findall(r"\.\w+", extension)
    for have in range(len(endings), 0, -1):
        if name.lower().endswith("".join(endings[:have])):
            return name + "".join(endings[have:])
    return name + extension


def destination(credentials: Keys, settings: Keys) -> dict[str, str]:
    """What the job page shows about where the file went."""
    business = settings["account_type"] == BUSINESS
    where = (
        {"Domain Name": settings["domain_name"], "Relative Path": settings["server_relative_path"]}
        if business
        else {}
    )
    shared = " (shared with this account)" if not business and settings.get("is_shared_folder") else ""
    return {
        "OneDrive Account Plan": "Business" if business else "Personal",
        **where,
        "Folder Path": f"{settings['folder_path']}{shared}",
        "File Name": file_name(settings),
        "Replace existing file": "On" if settings.get("replace_existing") else "Off",
    }


def place(settings: Keys) -> str:
    """The folder as people name it: in the preview, in errors, in the log."""
    folder = "" if settings["folder_path"] == "/" else settings["folder_path"]
    if settings["account_type"] == BUSINESS:
        return f"{settings['domain_name']}{settings['server_relative_path']}{folder}"
    return f"{'Shared with me' if settings.get('is_shared_folder') else 'OneDrive'}{folder}"


def retries(settings: Keys) -> RetryPolicy:
    return RetryPolicy(**retry_policy(settings))
