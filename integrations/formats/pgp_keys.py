"""Which subkey of a pasted public key encrypts, and why another one can't. gpg itself reads the key."""

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from integrations.errors import SettingsError
from integrations.formats import gpg

ONE_KEY = "Paste one ASCII-armored PGP public key."
PRIVATE = "This is a private key. Paste the public key only."
_BEGIN = "-----BEGIN PGP PUBLIC KEY BLOCK-----"


@dataclass
class Key:
    """A primary key or a subkey, as one line of `gpg --with-colons` has it."""

    id: str
    is_revoked: bool
    expires: int | None  # Unix seconds
    encrypts: bool
    fingerprint: str = ""
    subkeys: list["Key"] = field(default_factory=list)

    @property
    def is_expired(self) -> bool:
        return self.expires is not None and self.expires <= time.time()

    @property
    def is_usable(self) -> bool:
        return self.encrypts and not self.is_revoked and not self.is_expired

    def is_named(self, identifier: str) -> bool:
        return identifier in (self.id, self.fingerprint)


def encryption_subkey(public_key: str, identifier: str) -> Key:
    """The subkey that `identifier` names. Raises `SettingsError` with the field at fault."""
    wanted = re.sub(r"\s", "", identifier).upper().removeprefix("0X")
    key = read(normal(public_key))
    _refuse_unusable(key)
    if not re.fullmatch(r"[0-9A-F]{16}|[0-9A-F]{40}", wanted):
        raise _wrong("Enter the 16 hexadecimal digits of an encryption subkey.", key)
    if key.is_named(wanted):
        raise _wrong(f"{wanted} is the primary key; choose an encryption subkey.", key)
    found = next((subkey for subkey in key.subkeys if subkey.is_named(wanted)), None)
    if found is None or not found.encrypts:
        raise _wrong(f"No encryption subkey {wanted} in this key.", key)
    if found.is_revoked or found.is_expired:
        raise _wrong(f"Subkey {wanted} is {'revoked' if found.is_revoked else 'expired'}.", key)
    return found


def normal(public_key: str) -> str:
    """JSON files often carry a key in one line, with the two characters \\n for every line end."""
    text = public_key.strip()
    return text.replace("\\n", "\n") if "\n" not in text else text


@lru_cache(maxsize=64)  # the form is checked at every change of it; expiry is looked at afresh each time
def read(public_key: str) -> Key:
    """Raises `SettingsError` where the text is not exactly one public key."""
    if "PRIVATE KEY BLOCK" in public_key:
        raise SettingsError(PRIVATE, field="public_key")
    if public_key.count(_BEGIN) != 1:
        raise SettingsError(ONE_KEY, field="public_key")
    with gpg.home() as home:
        listing = gpg.run(
            home,
            "--with-colons",
            "--fixed-list-mode",
            "--import-options",
            "show-only",
            "--import",
            given=public_key,
        ).stdout
    keys = _parsed(listing)
    if re.search(r"^(sec|ssb):", listing, re.M):
        raise SettingsError(PRIVATE, field="public_key")
    if len(keys) != 1:
        raise SettingsError(f"{ONE_KEY} This text holds {len(keys)}.", field="public_key")
    return keys[0]


def _parsed(listing: str) -> list[Key]:
    """https://github.com/gpg/gnupg/blob/master/doc/DETAILS: fpr follows the pub or sub it belongs to."""
    keys: list[Key] = []
    last: Key | None = None
    for line in listing.splitlines():
        fields = [*line.split(":"), *[""] * 12]
        if fields[0] in ("pub", "sub"):
            expires = int(fields[6]) if fields[6].isdigit() else None
            last = Key(fields[4], fields[1] == "r", expires, "e" in fields[11])
            if fields[0] == "pub":
                keys.append(last)
            elif keys:
                keys[-1].subkeys.append(last)
        elif fields[0] == "fpr" and last and not last.fingerprint:
            last.fingerprint = fields[9]
    return keys


def _refuse_unusable(key: Key) -> None:
    if key.is_revoked:
        raise SettingsError(f"The key {key.id} is revoked.", action="Paste another key.", field="public_key")
    if key.is_expired and key.expires is not None:
        day = datetime.fromtimestamp(key.expires, UTC).date()
        raise SettingsError(
            f"The key {key.id} expired on {day}.",
            action="Paste the renewed key, or another one.",
            field="public_key",
        )


def _wrong(message: str, key: Key) -> SettingsError:
    usable = ", ".join(subkey.id for subkey in key.subkeys if subkey.is_usable)
    return SettingsError(message, action=f"Encryption subkeys: {usable or 'none'}.", field="key_identifier")
