"""The service's answers, as errors that say who has to act."""

import json
from typing import Any

import urllib3

from integrations.errors import CredentialsError, DeliveryError, RefusedError, TemporaryError
from integrations.http import retry_after
from integrations.redaction import redact

LONGEST = 300  # characters of the other side's words that are kept


def failure(answer: urllib3.BaseHTTPResponse, host: str) -> DeliveryError:
    """For every status but 200. The other side's own words are in `response`, its first word the status."""
    words = _words(answer.data)
    response = redact(f"{answer.status} {answer.reason or ''}".strip() + (f": {words}" if words else ""))
    if answer.status == 401:
        return CredentialsError(
            f"{host} rejected the API key, or the key belongs to another region's host.",
            action="Check API Key and API Hostname in the authentication.",
            response=response,
        )
    if answer.status == 403:
        return CredentialsError(
            f"The API key may not do this at {host}.",
            action="Use a key with the permission; Replace needs the master key.",
            response=response,
        )
    if answer.status == 429 or answer.status >= 500:
        busy = "is throttling requests" if answer.status == 429 else "answered with an error of its own"
        return TemporaryError(
            f"{host} {busy} ({answer.status}).",
            retry_after=retry_after(answer.headers.get("Retry-After")),
            response=response,
        )
    if 300 <= answer.status < 400:
        return CredentialsError(
            f"{host} answers with a redirect, which is not followed.",
            action="Enter the address it really answers at as API Hostname.",
            response=response,
        )
    return RefusedError(f"{host} refused the request: {redact(words) or answer.status}.", response=response)


def parsed(body: bytes, host: str) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise CredentialsError(
            f"{host} does not answer like a Treasure Data API.",
            action="Check API Hostname in the authentication.",
        )
    return answer


def is_status(error: DeliveryError, status: int) -> bool:
    return error.response.startswith(str(status))


def _words(body: bytes) -> str:
    """The human part of an error body; nothing of a body that is not the API's."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(answer, dict):
        return ""
    words = answer.get("text") or answer.get("message") or answer.get("error") or ""
    return str(words)[:LONGEST].rstrip(".")
