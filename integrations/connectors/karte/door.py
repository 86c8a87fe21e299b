"""The official library's session over our own door to the network, without retries of its own."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from google.auth.exceptions import TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials

from integrations import http
from integrations.connectors.karte.key_file import KeyFile
from integrations.errors import TemporaryError

SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"


class Session(AuthorizedSession):
    """Signs in by itself when it is first used, and again when its token is no longer accepted."""

    def __init__(self, key: KeyFile) -> None:
        self.token_request = _TokenRequest(key.token_uri)
        credentials = Credentials.from_service_account_info(key.members, scopes=[SCOPE])
        super().__init__(credentials, auth_request=self.token_request)
        _guard(self)

    def sign_in(self, timeout: tuple[float, float]) -> None:
        self.credentials.refresh(partial(self.token_request, timeout=timeout))


class _TokenRequest(Request):
    """The token endpoint's failures become our own errors here, before the library repeats the request."""

    def __init__(self, token_uri: str) -> None:
        super().__init__()
        _guard(self.session)
        self.host = urlsplit(token_uri).netloc

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        try:
            answer = super().__call__(*arguments, **named)
        except TransportError as error:
            raise http.explain(error, self.host) from error
        if answer.status in (408, 429) or answer.status >= 500:
            raise TemporaryError(
                f"{self.host} issues no tokens at the moment ({answer.status}).",
                retry_after=http.retry_after(answer.headers.get("Retry-After")),
                response=str(answer.status),
            )
        return answer


def _guard(session: Any) -> None:
    """Every connection goes through our pool; no proxy, no .netrc of the machine; no redirect is followed."""
    for adapter in session.adapters.values():
        adapter.poolmanager = http.pool()
    session.trust_env = False
    session.max_redirects = 0
    session.headers["User-Agent"] = f"Sendoff/{settings.VERSION}"
