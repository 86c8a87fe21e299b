"""One call of the API: who calls, and the parameters, however the client wrapped them."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from console.accounts.models import ApiKey, User
from console.api.answers import ApiError
from console.api.json_body import read_object
from console.warehouse.imports.spool import Body, receive, scratch

__all__ = ["Body", "Call", "scratch"]


@dataclass
class Call:
    request: HttpRequest
    path: dict[str, str] = field(default_factory=dict)
    key: ApiKey | None = None

    @property
    def user(self) -> User:
        assert self.key is not None
        return self.key.user

    @cached_property
    def params(self) -> dict[str, Any]:
        """Query string, form and JSON body in one; later ones win. "" is the same as not given."""
        merged: dict[str, Any] = dict(self.request.GET.items())
        if self.request.method == "POST":
            merged |= self._json() if _is_json(self.request) else dict(self.request.POST.items())
        return {name: value for name, value in merged.items() if value not in ("", None)}

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON object that was sent, whatever its Content-Type; here null is a value. Raises ApiError 400."""
        return read_object(self.request.body)

    def text(self, name: str, default: str = "") -> str:
        value = self.params.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int | None = None) -> int | None:
        """Raises ApiError 422 where it is given and no whole number."""
        value = self.params.get(name)
        if value is None:
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise ApiError(422, f"{name} is {value!r:.60}. It must be a whole number.") from None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "1"}

    def _json(self) -> dict[str, Any]:
        text = self.request.body
        if not text:
            return {}
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as problem:
            raise ApiError(400, "The body is not JSON, as its Content-Type says.") from problem
        if not isinstance(found, dict):
            raise ApiError(400, "The JSON body must be an object.")
        return found

    def receive(self, folder: Any) -> Body:
        """The PUT's body, streamed to disk."""
        environ = self.request.META
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if chunked and environ.get("wsgi.input_terminated"):
            return receive(environ["wsgi.input"].read, None, folder)
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise ApiError(400, "Content-Length is not a number.")
        return receive(self.request.read, int(length), folder)


def _is_json(request: HttpRequest) -> bool:
    return (request.content_type or "").endswith("json")
