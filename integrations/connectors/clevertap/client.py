"""CleverTap's calls, one function each. Repeats none: the ledger has the one retry budget."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import urllib3
from django.conf import settings

from integrations import http
from integrations.connector import Keys
from integrations.connectors.clevertap.answers import (
    Refused,
    Unanswered,
    failure,
    parsed,
    refused_records,
    words,
)
from integrations.connectors.clevertap.regions import HOSTS, address
from integrations.errors import DeliveryError, RefusedError, TemporaryError

DRY_RUN = "/1/upload?dryRun=1"
PROBE = orjson.dumps(
    {"d": [{"identity": "sendoff-test", "type": "profile", "profileData": {"Name": "Sendoff"}}]}
)


class Client:
    """Raises only `integrations.errors`."""

    def __init__(self, credentials: Keys, *, parallel: int = 1, patience: float = http.READ_SECONDS) -> None:
        """`parallel`: requests at a time; `patience`: seconds to wait for an answer."""
        region = str(credentials["region"])
        self.host = HOSTS[region]
        self.url = address(region)
        http.check_url(self.url)
        self.pool = http.pool(patience, parallel)
        self.api = self.pool.connection_from_url(
            self.url
        )  # straight to it: a fifth of a request's work is saved
        self.headers = headers(credentials)

    def check(self) -> None:
        """A dry run of one made-up profile: the service checks it and stores nothing."""
        answer = self._post(DRY_RUN, PROBE)
        parsed(answer, self.host)
        refused_records(answer, 1, self.host)

    def send(self, path: str, body: bytes, records: int) -> list[Refused]:
        """The records that were not taken."""
        return refused_records(self._post(path, body), records, self.host)

    def upload_url(self) -> str:
        answer = parsed(self._post("/get_custom_list_segment_url", b""), self.host)
        return str(answer.get("presignedS3URL") or "")

    def upload(self, url: str, file: Path) -> tuple[int, bytes]:
        """Puts a file where CleverTap said. Without its headers: they are not part of what was signed."""
        http.check_url(url)
        host = urlsplit(url).netloc
        with file.open("rb") as body:
            size = {"Content-Length": str(file.stat().st_size)}
            return _answered(
                lambda: self.pool.request("PUT", url, body=body, headers=size, redirect=False), host
            )

    def complete(self, told: dict[str, Any]) -> dict[str, Any]:
        answer = parsed(self._post("/upload_custom_list_segment_completed", orjson.dumps(told)), self.host)
        if answer.get("status") != "success":
            said = words(answer) or "no reason given"
            raise RefusedError(f"CleverTap refused the list: {said}.", response=said)
        return answer

    def _post(self, path: str, body: bytes) -> bytes:
        status, answer = _answered(
            lambda: self.api.urlopen("POST", path, body=body, headers=self.headers, redirect=False), self.host
        )
        if status != 200:
            raise failure(status, answer, self.host)
        return answer


def _answered(request: Callable[[], urllib3.BaseHTTPResponse], host: str) -> tuple[int, bytes]:
    try:
        answer = request()
    except http.Failure as error:
        raise _explained(error, host) from error
    return answer.status, answer.data


def headers(credentials: Keys) -> dict[str, str]:
    """Host is given, not derived: it names the region also where an operator leads all to one address."""
    return {
        "Host": HOSTS[str(credentials["region"])],
        "X-CleverTap-Account-Id": str(credentials["account_id"]),
        "X-CleverTap-Passcode": str(credentials["passcode"]),
        "Content-Type": "application/json",
        "User-Agent": f"Sendoff/{settings.VERSION}",
    }


def _explained(error: Exception, host: str) -> DeliveryError:
    found = http.explain(error, host)
    if isinstance(found, TemporaryError) and http.was_sent(error):
        return Unanswered(str(found), action=found.action, response=found.response)
    return found
