"""What a file is to look like. Every value is checked here, whoever set it: a form, a stored row or a test."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.errors import SettingsError

ENCRYPTION = "encryption_pgp"  # the value of `compression` that means: encrypt
DELIMITERS = {"csv": ",", "tsv": "\t"}
NULL_STRINGS = {"csv": "", "tsv": "\\N"}
QUOTE_POLICIES = {"csv": "MINIMAL", "tsv": "NONE"}
NEWLINES = {"CRLF": "\r\n", "LF": "\n", "CR": "\r"}
SUFFIXES = {"": "", "gz": ".gz", "bzip2": ".bz2"}
COMPRESSION_SPELLINGS = {"none": "", "gzip": "gz", "bz2": "bzip2"}
_ALLOWED: dict[str, tuple[str, ...]] = {
    "format": ("csv", "tsv"),
    "delimiter": (",", "\t", "|"),
    "null_string": ("", "\\N", "NULL", "null"),
    "newline": tuple(NEWLINES),
    "quote_policy": ("ALL", "MINIMAL", "NONE"),
    "compression": tuple(SUFFIXES),
}


@dataclass(frozen=True)
class PgpOptions:
    public_key: str  # one ASCII-armored public key
    key_identifier: str  # of the encryption subkey
    armor: bool = False


@dataclass(frozen=True)
class FileOptions:
    format: str = "csv"
    delimiter: str = ","
    header_line: bool = True
    null_string: str = ""
    newline: str = "CRLF"
    quote_policy: str = "MINIMAL"
    compression: str = ""  # of the file itself, before it is encrypted: "", "gz" or "bzip2"
    pgp: PgpOptions | None = None

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            if (value := getattr(self, name)) not in allowed:
                shown = ", ".join(repr(each) for each in allowed)
                raise SettingsError(f"{name} is {value!r}.", action=f"Use one of {shown}.", field=name)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "FileOptions":
        """Reads the stored keys. A key that is absent or null takes the format's default."""
        format = _text(settings, "format", "csv")
        encoder = _text(settings, "compression", "")
        encrypts = encoder == ENCRYPTION
        return cls(
            format=format,
            delimiter=_text(settings, "delimiter", DELIMITERS.get(format, ",")).replace("\\t", "\t"),
            header_line=str(settings.get("header_line", True)).lower() not in ("false", "0"),
            null_string=_null_string(settings, format),
            newline=_text(settings, "newline", "CRLF"),
            quote_policy=_text(settings, "quote_policy", QUOTE_POLICIES.get(format, "MINIMAL")),
            compression=_file_compression(settings) if encrypts else encoder,
            pgp=_pgp(settings) if encrypts else None,
        )

    @property
    def extension(self) -> str:
        """`.csv`, `.csv.gz`, `.tsv.bz2.pgp`, `.csv.gz.asc`."""
        sealed = "" if self.pgp is None else ".asc" if self.pgp.armor else ".pgp"
        return f".{self.format}{SUFFIXES[self.compression]}{sealed}"


def _text(settings: Mapping[str, Any], key: str, default: str) -> str:
    value = settings.get(key)
    return default if value is None or (value == "" and default) else str(value)


def _null_string(settings: Mapping[str, Any], format: str) -> str:
    """The empty string is a choice of its own here, not a missing value."""
    value = settings.get("null_string")
    return NULL_STRINGS.get(format, "") if value is None or value == "default" else str(value)


def _file_compression(settings: Mapping[str, Any]) -> str:
    value = settings.get("compression_type")
    return "gz" if value is None else COMPRESSION_SPELLINGS.get(str(value), str(value))


def _pgp(settings: Mapping[str, Any]) -> PgpOptions:
    return PgpOptions(
        public_key=_text(settings, "public_key", ""),
        key_identifier=_text(settings, "key_identifier", ""),
        armor=bool(settings.get("armor")),
    )
