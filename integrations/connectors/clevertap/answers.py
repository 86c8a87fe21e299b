"""CleverTap's answers: what became of each record, or an error that says who has to act."""

import json
import re
from dataclasses import dataclass
from typing import Any

from integrations.errors import CredentialsError, DeliveryError, RefusedError, TemporaryError
from integrations.redaction import redact

LONGEST = 300  # characters of the other side's words that are kept
REGION = "CleverTap rejected the Account ID or Passcode, or the Region is wrong."
CHECK = "Check Account ID, Account Passcode and Region in the authentication."
MISCELLANEOUS = "555"  # a server error for one record: worth one more try
_NUMBER = re.compile(r"\s*Skipped record number\s*:\s*([0-9]+)\s*$")
_LEAD = re.compile(r"^Profile data is incorrect\.\s*")
# Which column a code is about, where it is always the same one.
COLUMNS = {
    "509": "evtName", "513": "evtName", "514": "Gender", "515": "Email", "516": "Phone", "517": "Employed",
    "518": "Education", "519": "Married", "520": "Age", "523": "identity", "525": "ts", "526": "objectId",
    "528": "evtName", "530": "objectId", "531": "id", "532": "id", "533": "type", "534": "type", "535": "id",
}  # fmt: skip


class Unanswered(TemporaryError):
    """The request may have been processed: the answer was lost, or is an error that does not say."""


class InDoubt(DeliveryError):
    """The request may have been processed, and must not be repeated."""


class TooLarge(DeliveryError):
    """The service takes no request of this size."""


@dataclass(frozen=True)
class Refused:
    """One record that was not taken."""

    number: int  # in the request, from 1
    code: str
    reason: str
    record: Any


def refused_records(body: bytes, sent: int, host: str) -> list[Refused]:
    """Those of a request's `sent` records that were not taken. Raises where the answer does not account for all."""
    answer = _object(body)
    if answer is None:
        raise Unanswered(f"{host} answered without saying what became of the records.")
    listed = answer.get("unprocessed") or []
    if answer.get("status") not in {"success", "partial"} and not listed:
        raise RefusedError(
            f"CleverTap refused the request: {words(answer) or 'no reason given'}.", response=words(answer)
        )
    found = [_refused(entry) for entry in listed]
    processed = answer.get("processed", sent - len(found))
    numbers = {each.number for each in found}
    if processed + len(found) != sent or len(numbers) != len(found) or not numbers <= set(range(1, sent + 1)):
        raise Unanswered(f"CleverTap's answer accounts for {processed + len(found):,} of {sent:,} records.")
    return found


def failure(status: int, body: bytes, host: str) -> DeliveryError:
    """For every status but 200."""
    said = words(_object(body) or {})
    response = f"{status}: {said}" if said else str(status)
    if status in {401, 404, 405}:
        return CredentialsError(REGION, action=CHECK, response=response)
    if status == 403:
        return RefusedError("This CleverTap account does not allow this operation.", response=response)
    if status == 413:
        return TooLarge(f"{host} takes no request of this size.", response=response)
    if status == 429:
        return TemporaryError(
            f"{host} has too many requests of this account at once (429).", response=response
        )
    if status == 503:
        return TemporaryError(f"{host} is not available (503).", response=response)
    if status >= 500:
        return Unanswered(f"{host} answered with an error of its own ({status}).", response=response)
    if 300 <= status < 400:
        return CredentialsError(
            f"{host} answers with a redirect, which is not followed.", action=CHECK, response=response
        )
    return RefusedError(f"CleverTap refused the request: {said or status}.", response=response)


def parsed(body: bytes, host: str) -> dict[str, Any]:
    answer = _object(body)
    if answer is None:
        raise CredentialsError(f"{host} does not answer like CleverTap.", action=CHECK)
    return answer


def words(answer: dict[str, Any]) -> str:
    said = answer.get("error") or answer.get("message") or ""
    return redact(str(said))[:LONGEST].rstrip(".")


def value_of(record: Any, column: str) -> Any:
    """What the record held under this name."""
    if not isinstance(record, dict):
        return record
    for part in (record, *(record.get(name) for name in ("profileData", "evtData", "tokenData"))):
        if isinstance(part, dict) and column in part:
            return part[column]
    return None


def _refused(entry: Any) -> Refused:
    entry = entry if isinstance(entry, dict) else {}
    said = str(entry.get("error") or "No reason given.")
    met = _NUMBER.search(said)
    reason = _LEAD.sub("", _NUMBER.sub("", said)).strip()
    code = entry.get("code")
    return Refused(
        int(met[1]) if met else 0,
        "" if code is None else str(code),
        redact(reason)[:LONGEST],
        entry.get("record"),
    )


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
