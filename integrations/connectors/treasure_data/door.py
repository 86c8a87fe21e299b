"""The official td-client over our own door to the network, with our own errors and no retries of its own."""

import io
from typing import Any
from urllib.parse import urlsplit

import urllib3
from tdclient.api import API

from integrations import http
from integrations.connectors.treasure_data.answers import failure, parsed
from integrations.errors import RefusedError


class Door(API):
    """td-client over our pool: every answer but 200 leaves as one of our errors, with its Retry-After."""

    def _init_http(self, http_proxy: str | None = None, **kwargs: Any) -> urllib3.PoolManager:
        return http.pool(kwargs["timeout"])

    def send_request(
        self, method: str, url: str, fields: Any = None, body: Any = None, headers: Any = None, **kwargs: Any
    ) -> urllib3.BaseHTTPResponse:
        host = urlsplit(url).netloc
        kwargs |= {"redirect": False, "retries": False}
        try:
            if body is None:
                answer = self.http.request(method, url, fields=fields, headers=headers, **kwargs)
            else:
                answer = self.http.urlopen(method, url, body=body, headers=headers, **kwargs)
            data = answer.data
        except http.Failure as error:
            raise http.explain(error, host) from error
        if answer.status != 200:
            raise failure(answer, host)
        # Read whole here, so that a body that breaks off is our error too.
        return urllib3.HTTPResponse(io.BytesIO(data), status=200, preload_content=False)

    def checked_json(self, body: bytes, required: list[str]) -> dict[str, Any]:
        answer = parsed(body, urlsplit(self.endpoint).netloc)
        if missing := [name for name in required if name not in answer]:
            raise RefusedError(
                f"The answer lacks {', '.join(missing)}.", response=f"200 without {missing[0]}"
            )
        return answer


class Body(io.BytesIO):
    """td-client copies a body that has no file number; this one is read in place."""

    def fileno(self) -> int:
        return -1
