"""The audience calls over a shop, its parent segment, a segment and an activation."""

from dataclasses import dataclass
from typing import Any

import pytest

from activations.models import Activation, ParentSegment, Segment
from console.accounts.models import User
from tests.activations.conftest import (  # noqa: F401  fixtures
    activation,
    audience,
    authentication,
    content,
    gold,
    service,
    shop,
    write,
)
from tests.api.conftest import key_of


@dataclass(frozen=True)
class Api:
    """Requests of one key below one path."""

    client: Any
    key: str
    base: str = "/v3/audiences"

    def get(self, path: str = "", **params: Any) -> Any:
        return self.client.get(self._url(path), params, headers=self._headers)

    def post(self, path: str = "", body: Any = None) -> Any:
        return self._send(self.client.post, path, body)

    def put(self, path: str = "", body: Any = None) -> Any:
        return self._send(self.client.put, path, body)

    def delete(self, path: str = "") -> Any:
        return self._send(self.client.delete, path, None)

    def of(self, user: User) -> "Api":
        return Api(self.client, key_of(user), self.base)

    def below(self, *parts: object) -> "Api":
        return Api(self.client, self.key, "/".join(map(str, (self.base, *parts))))

    def _send(self, method: Any, path: str, body: Any) -> Any:
        sent = "" if body is None else body
        return method(self._url(path), sent, content_type="application/json", headers=self._headers)

    def _url(self, path: str) -> str:
        return f"{self.base}/{path}".rstrip("/")

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"TD1 {self.key}"}


@pytest.fixture
def audiences(client: Any, user: User) -> Api:
    return Api(client, key_of(user))


@pytest.fixture
def retail(audiences: Api, audience: ParentSegment) -> Api:  # noqa: F811
    """Below the parent segment."""
    return audiences.below(audience.pk)


@pytest.fixture
def gold_api(retail: Api, gold: Segment) -> Api:  # noqa: F811
    """Below the segment Gold."""
    return retail.below("segments", gold.pk)


@pytest.fixture
def sends(gold_api: Api, activation: Activation) -> Api:  # noqa: F811
    """Below the activation of Gold."""
    return gold_api.below("syndications", activation.pk)


def problems(response: Any, code: int = 422) -> dict[str, str]:
    """The problems of a refusal by their path."""
    body = response.json()
    assert (response.status_code, body["status_code"]) == (code, code), body
    return {one["path"]: one["message"] for one in body["details"]["problems"]}


def ok(response: Any) -> Any:
    assert response.status_code == 200, response.json()
    return response.json()
