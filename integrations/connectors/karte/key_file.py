"""The JSON key of a Google service account: read, checked and completed. No network."""

import json
import re
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from integrations import http, redaction

TOKEN_URI = "https://oauth2.googleapis.com/token"
# Where keys made by Google's console lead, now and in former years.
TOKEN_HOSTS = frozenset({"oauth2.googleapis.com", "accounts.google.com", "www.googleapis.com"})
UNIVERSE = "googleapis.com"
LONGEST = 64 * 1024  # characters; a key file has about 2,400
NO_KEY_FILE = "This is not a JSON key file."
NO_SERVICE_ACCOUNT = "Use a service account key (type service_account)."
UNREADABLE = "The private key in this file cannot be read."


class KeyFileError(ValueError):
    """`str(error)` is for the user and holds nothing of the key."""


@dataclass(frozen=True)
class KeyFile:
    members: dict[str, str]

    @classmethod
    def read(cls, text: str) -> "KeyFile":
        """What was pasted or uploaded, with what may be missing filled in. Raises `KeyFileError`."""
        members = _members(text)
        if members.get("type") != "service_account":
            raise KeyFileError(NO_SERVICE_ACCOUNT)
        for name in ("client_email", "private_key"):
            if not members.get(name):
                raise KeyFileError(f"The key file has no {name}.")
        members["private_key"] = _repaired(members["private_key"])
        _check_private_key(members["private_key"])
        members["token_uri"] = members.get("token_uri") or TOKEN_URI
        _check_token_uri(members["token_uri"])
        members["project_id"] = members.get("project_id") or _project(members["client_email"])
        if members.get("universe_domain", UNIVERSE) != UNIVERSE:
            raise KeyFileError(f"This key is for {members['universe_domain']}. Use a key of Google Cloud.")
        redaction.guard(members["private_key"].splitlines()[1:-1])
        return cls(members)

    @property
    def email(self) -> str:
        return self.members["client_email"]

    @property
    def project(self) -> str:
        """ "" where neither the key nor the e-mail address tells."""
        return self.members["project_id"]

    @property
    def token_uri(self) -> str:
        return self.members["token_uri"]

    def dump(self) -> str:
        return json.dumps(self.members)


def _members(text: str) -> dict[str, str]:
    """Accepts a byte order mark, real line ends inside the PEM, and the key as a JSON string within JSON."""
    found: Any = text.strip().removeprefix("\ufeff")
    if len(found) > LONGEST:
        raise KeyFileError(NO_KEY_FILE)
    for _ in range(2):
        if isinstance(found, str):
            try:
                found = json.loads(found, strict=False)
            except (ValueError, RecursionError) as error:
                raise KeyFileError(NO_KEY_FILE) from error
    if not isinstance(found, dict):
        raise KeyFileError(NO_KEY_FILE)
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _repaired(pem: str) -> str:
    """A PEM whose line ends were written as backslash and n, as in a command line."""
    return pem.replace("\\n", "\n") if "\\n" in pem and "\n" not in pem else pem


def _check_private_key(pem: str) -> None:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except Exception as error:  # the library names many kinds, and any of them means the same here
        raise KeyFileError(UNREADABLE) from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyFileError(UNREADABLE)


def _check_token_uri(uri: str) -> None:
    """A pasted key can name any address; only Google's own and those an operator vouches for are asked."""
    try:
        parts = urlsplit(uri)
        google = parts.scheme == "https" and parts.hostname in TOKEN_HOSTS and parts.port in (None, 443)
        allowed = google or (parts.scheme in ("http", "https") and http.is_vouched(uri))
    except ValueError:
        parts, allowed = urlsplit(""), False
    if not allowed:
        raise KeyFileError(
            f"The token_uri of this key file leads to {parts.hostname or 'no host'}, not to Google. "
            "Use the file as Google made it, or ask the operator to allow the host "
            "(SENDOFF_ALLOW_PRIVATE_HOSTS)."
        )


def _project(email: str) -> str:
    found = re.fullmatch(r"[^@]+@([a-z][a-z0-9-]*)\.iam\.gserviceaccount\.com", email)
    return cast(str, found[1]) if found else ""
