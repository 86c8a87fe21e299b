"""Microsoft Graph's calls, one function each. Nothing here deletes, but an upload session of our own.

https://learn.microsoft.com/en-us/graph/api/resources/onedrive
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import urllib3
from django.conf import settings

from integrations import http
from integrations.connector import Keys
from integrations.connectors.one_drive import cloud
from integrations.connectors.one_drive.answers import GraphRefusal, Problem, failure
from integrations.errors import RefusedError
from integrations.oauth import Credentials

UNRESERVED = "'()!,;=+&@:$*"  # may stay as they are in a path's segment; the form refuses : and * anyway


class Client:
    """Raises only `integrations.errors`. Repeats no call but one: after an access token was renewed."""

    def __init__(self, credentials: Keys, *, patience: float = http.READ_SECONDS) -> None:
        self.credentials = credentials
        self.pool = http.pool(patience)
        self.host = urlsplit(settings.GRAPH_URL).netloc

    # --- reading -----------------------------------------------------------------------------------

    def me(self) -> dict[str, Any]:
        return self._graph("GET", "/me?$select=id,displayName,userPrincipalName,mail")

    def my_drive(self) -> dict[str, Any]:
        return self._graph("GET", "/me/drive")

    def shared_with_me(self) -> Iterator[dict[str, Any]]:
        return self._all("/me/drive/sharedWithMe")

    def my_root_items(self) -> Iterator[dict[str, Any]]:
        return self._all("/me/drive/root/children")

    def site(self, domain: str, path: str) -> dict[str, Any] | None:
        return self._maybe(f"/sites/{domain}:/{in_path(path)}")

    def site_drive(self, site: str) -> dict[str, Any]:
        return self._graph("GET", f"/sites/{site}/drive")

    def site_drives(self, site: str) -> Iterator[dict[str, Any]]:
        return self._all(f"/sites/{site}/drives")

    def root(self, drive: str) -> dict[str, Any]:
        return self._graph("GET", f"/drives/{drive}/root")

    def child(self, drive: str, parent: str, name: str) -> dict[str, Any] | None:
        return self._maybe(f"/drives/{drive}/items/{parent}:/{in_path(name)}")

    def children(self, drive: str, parent: str) -> Iterator[dict[str, Any]]:
        return self._all(f"/drives/{drive}/items/{parent}/children")

    # --- writing -----------------------------------------------------------------------------------

    def create_folder(self, drive: str, parent: str, name: str) -> dict[str, Any]:
        body = {"name": name, "folder": {}, "@microsoft.graph.conflictBehavior": "fail"}
        return self._graph("POST", f"/drives/{drive}/items/{parent}/children", json.dumps(body).encode())

    def put(self, drive: str, parent: str, name: str, data: bytes, behaviour: str) -> dict[str, Any]:
        path = f"/drives/{drive}/items/{parent}:/{in_path(name)}:/content"
        query = f"?@microsoft.graph.conflictBehavior={behaviour}"
        return self._graph("PUT", path + query, data, kind="application/octet-stream")

    def create_session(self, drive: str, parent: str, name: str, size: int, behaviour: str) -> str:
        """The pre-authenticated address to upload to. A secret."""
        item = {"@microsoft.graph.conflictBehavior": behaviour, "name": name, "fileSize": size}
        body = json.dumps({"item": item, "deferCommit": False}).encode()
        path = f"/drives/{drive}/items/{parent}:/{in_path(name)}:/createUploadSession"
        return str(self._graph("POST", path, body)["uploadUrl"])

    # --- an upload session's own address: no token, or Microsoft answers 401 -------------------------

    def session_offset(self, url: str) -> int:
        """How many bytes from the start have arrived."""
        answer = self._plain("GET", url)
        ranges = answer.get("nextExpectedRanges") or ["0-"]
        return int(str(ranges[0]).partition("-")[0])

    def put_fragment(self, url: str, data: bytes, first: int, total: int) -> dict[str, Any]:
        """The file, once its last fragment has arrived; before that `nextExpectedRanges`."""
        span = f"bytes {first}-{first + len(data) - 1}/{total}"
        return self._plain("PUT", url, data, {"Content-Range": span})

    def cancel_session(self, url: str) -> None:
        self._plain("DELETE", url)

    # -----------------------------------------------------------------------------------------------

    def _graph(
        self, method: str, path: str, body: bytes | None = None, *, kind: str = "application/json"
    ) -> dict[str, Any]:
        url = path if "://" in path else cloud.graph(path)
        token = str(self.credentials.get("access_token") or "")
        answer = self._request(method, url, body, self._headers(token, kind))
        if answer.status == 401 and isinstance(self.credentials, Credentials):
            token = self.credentials.renewed(token)
            answer = self._request(method, url, body, self._headers(token, kind))
        return _parsed(answer, self.host)

    def _all(self, path: str) -> Iterator[dict[str, Any]]:
        """Every page of a collection. A next page elsewhere would take the token there."""
        while path:
            answer = self._graph("GET", path)
            yield from answer.get("value", [])
            path = str(answer.get("@odata.nextLink") or "")
            if path and not path.startswith(f"{settings.GRAPH_URL}/"):
                raise RefusedError(
                    f"{self.host} names a next page at another address, which is not followed."
                )

    def _maybe(self, path: str) -> dict[str, Any] | None:
        try:
            return self._graph("GET", path)
        except GraphRefusal as refused:
            if refused.problem.status == 404:
                return None
            raise

    def _plain(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        http.check_url(url)
        answer = self._request(method, url, body, headers or {})
        if answer.status == 401:  # the address has ended; the account is not at fault
            raise GraphRefusal(Problem.of(answer))
        return _parsed(answer, urlsplit(url).netloc)

    def _headers(self, token: str, kind: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Content-Type": kind,
            "client-request-id": str(uuid.uuid4()),
        }

    def _request(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str]
    ) -> urllib3.BaseHTTPResponse:
        agent = {"User-Agent": f"Sendoff/{settings.VERSION}"}
        try:
            answer = self.pool.request(method, url, body=body, headers=headers | agent, redirect=False)
            _ = answer.data  # read whole here, so that a body that breaks off is our error too
        except http.Failure as error:
            raise http.explain(error, urlsplit(url).netloc) from error
        return answer


def in_path(path: str) -> str:
    """Each segment encoded by itself; the slashes between them stay."""
    return "/".join(quote(segment, safe=UNRESERVED) for segment in path.strip("/").split("/"))


def _parsed(answer: urllib3.BaseHTTPResponse, host: str) -> dict[str, Any]:
    if answer.status >= 300:
        raise failure(answer)
    if not answer.data:
        return {}
    try:
        data = json.loads(answer.data)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise RefusedError(f"{host} does not answer like Microsoft Graph.", action="Check SENDOFF_GRAPH_URL.")
    return data
