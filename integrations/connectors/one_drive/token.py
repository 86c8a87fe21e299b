"""The token endpoint: a code or a refresh token in, a grant out."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from integrations import http, redaction
from integrations.connector import Keys
from integrations.connectors.one_drive import cloud
from integrations.connectors.one_drive.refusals import AuthorityError
from integrations.errors import CredentialsError, DeliveryError, TemporaryError
from integrations.oauth import Grant, Refusal, Refused

WAIT_SECONDS = 10  # a row is locked meanwhile
TENANTS = {"personal": "consumers", "business": "organizations"}


def renew(credentials: Keys) -> Grant:
    """A fresh access token for a refresh token. Raises `DeliveryError`; repeats nothing."""
    if not credentials.get("refresh_token"):
        raise CredentialsError("There is no refresh token.", action="Reconnect.")
    answer = ask(
        cloud.token(TENANTS.get(str(credentials.get("account_type")), "common")),
        {
            "grant_type": "refresh_token",
            "refresh_token": credentials["refresh_token"],
            "client_id": settings.MICROSOFT_CLIENT_ID,
            "client_secret": settings.MICROSOFT_CLIENT_SECRET,
        },
    )
    if isinstance(answer, AuthorityError):
        raise answer.at_renewal()
    return Grant.of(answer)


def exchange(url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """A code for tokens, at the end of a sign-in. Raises `Refused`."""
    try:
        answer = ask(url, form)
    except DeliveryError as error:
        raise Refused(Refusal.TEMPORARY, str(error)) from error
    if isinstance(answer, AuthorityError):
        raise answer.at_sign_in()
    return answer


def ask(url: str, form: Mapping[str, str]) -> dict[str, Any] | AuthorityError:
    """Raises `TemporaryError` where no answer came, or one that says: later."""
    redaction.guard(
        form[name] for name in ("client_secret", "refresh_token", "code", "code_verifier") if name in form
    )
    host = urlsplit(url).netloc
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = http.pool(WAIT_SECONDS).request(
            "POST", url, body=urlencode(form), headers=headers, redirect=False
        )
        body = answer.data
    except http.Failure as error:
        raise http.explain(error, host) from error
    if answer.status == 429 or answer.status >= 500:
        raise TemporaryError(
            f"{host} could not answer ({answer.status}).",
            retry_after=http.retry_after(answer.headers.get("Retry-After")),
            response=f"{answer.status} {answer.reason or ''}".strip(),
        )
    return _read(answer.status, body, host)


def _read(status: int, body: bytes, host: str) -> dict[str, Any] | AuthorityError:
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    if not isinstance(data, dict) or not (data.get("error") or data.get("access_token")):
        raise TemporaryError(
            f"{host} does not answer like Microsoft's sign-in service.",
            action="Check SENDOFF_MICROSOFT_AUTHORITY.",
            response=str(status),
        )
    if data.get("error"):
        return AuthorityError.of(data)
    redaction.guard(str(data[name]) for name in ("access_token", "refresh_token") if data.get(name))
    return data
