"""Google's answers, as errors that say who has to act."""

import json
import re
from dataclasses import dataclass

from integrations.connectors.karte.places import Place
from integrations.errors import CredentialsError, DeliveryError, RefusedError, SettingsError, TemporaryError
from integrations.redaction import redact

LONGEST = 300  # characters of the other side's words that are kept
CREATE, DELETE, GET = "storage.objects.create", "storage.objects.delete", "storage.objects.get"
RATES = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})
NEW_KEY = "Make a new key for the account and put it into the authentication."


class SessionGone(RefusedError):
    """The upload session is no longer known: it expired, or was cancelled."""


class Corrupted(RefusedError):
    """What arrived is not what was sent."""


class Changed(RefusedError):
    """The object is not the one that was there when the export began."""


@dataclass(frozen=True)
class Said:
    """An HTTP answer that is not the one wanted."""

    status: int
    title: str  # "Forbidden"
    body: bytes = b""
    retry_after: float | None = None

    @property
    def words(self) -> str:
        """The human part of the body; nothing of a body that is a page."""
        error = self._error()
        text = str(error["message"]) if "message" in error else self.body[:2000].decode(errors="replace")
        return "" if "<" in text else redact(text)[:LONGEST].strip().rstrip(".")

    @property
    def reason(self) -> str:
        details = self._error().get("errors")
        first = details[0] if isinstance(details, list) and details else {}
        return str(first.get("reason", "")) if isinstance(first, dict) else ""

    @property
    def response(self) -> str:
        return f"{self.status} {self.title}".strip() + (f": {self.words}" if self.words else "")

    def _error(self) -> dict[str, object]:
        try:
            found = json.loads(self.body)["error"]
        except (ValueError, KeyError, TypeError):
            return {}
        return found if isinstance(found, dict) else {}


def failure(said: Said, host: str, place: Place) -> DeliveryError:
    """`place` is where the request was for; its bucket and e-mail are named."""
    status = said.status
    if status in (408, 429) or status >= 500 or (status == 403 and said.reason in RATES):
        busy = "is throttling requests" if status in (403, 429) else "answered with an error of its own"
        return TemporaryError(
            f"{host} {busy} ({status}).", retry_after=said.retry_after, response=said.response
        )
    if status == 401:
        message = f"Google does not accept {place.email} any more ({status})."
        return CredentialsError(message, action=NEW_KEY, response=said.response)
    if status == 403 and said.reason in ("forbidden", ""):
        return no_permission(place, _permission(said.words), said.response)
    if status == 404:
        return no_bucket(place, said.response)
    if status == 412:
        return changed(place, said.response)
    return _refused(said, host, place)


def no_permission(place: Place, permission: str = CREATE, response: str = "") -> SettingsError:
    return SettingsError(
        f"{place.email} has no permission to write to {place.bucket}.",
        action=f"Grant it {permission} on the bucket, or use another account."
        + (" Replacing an object needs storage.objects.delete besides." if permission == CREATE else ""),
        field="bucket",
        response=response,
    )


def no_bucket(place: Place, response: str = "") -> SettingsError:
    return SettingsError(
        f"Bucket {place.bucket} does not exist (or this account cannot see it).",
        action="Correct Bucket, or create it in Google Cloud Storage.",
        field="bucket",
        response=response,
    )


def changed(place: Place, response: str = "") -> Changed:
    return Changed(
        f"The object changed during export. {place.address} is as somebody else wrote it.",
        action="Run the export again to replace it.",
        response=response,
    )


def may_not_replace(place: Place) -> SettingsError:
    return SettingsError(
        f"{place.address} exists, and {place.email} may not replace it.",
        action=f"Grant it {DELETE} on the bucket, or choose another Path.",
        field="path_prefix",
    )


def token_refused(words: str, email: str) -> CredentialsError:
    """The token endpoint's no: `words` is its error and description."""
    if "account not found" in words.lower():
        message, action = "The service account no longer exists.", f"Make a new one in place of {email}."
    elif words.startswith("invalid_grant"):
        message = "Google rejected this key (revoked or deleted key, or wrong clock)."
        action = f"{NEW_KEY} If the key is sound, set this server's clock."
    else:
        message, action = "Google issued no token for this key.", NEW_KEY
    return CredentialsError(message, action=action, field="json_keyfile", response=redact(words)[:LONGEST])


def _permission(words: str) -> str:
    found = re.search(r"storage\.\w+\.\w+", words)
    return found[0] if found else CREATE


def _refused(said: Said, host: str, place: Place) -> DeliveryError:
    if 300 <= said.status < 400:
        message = f"{host} answers with a redirect, which is not followed."
        return RefusedError(
            message, action="Tell the operator (SENDOFF_GCS_ENDPOINT).", response=said.response
        )
    if said.status == 400 and re.search(r"crc32c|md5|checksum", said.words, re.IGNORECASE):
        return Corrupted("The file arrived damaged at Google, which refused it.", response=said.response)
    if said.status == 400 and re.search(r"object name|\bname\b", said.words, re.IGNORECASE):
        message = f"Google Cloud Storage does not take {place.name} as a name."
        return SettingsError(message, action="Change Path.", field="path_prefix", response=said.response)
    words = said.words or str(said.status)
    return RefusedError(f"Google refused to write {place.address}: {words}.", response=said.response)
