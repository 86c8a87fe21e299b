"""What the API says: JSON objects, and one shape of error that every client can read."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse


class ApiError(Exception):
    """A refusal. `message` says what happened, then what to do."""

    def __init__(self, code: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.code = code
        self.headers = headers


WORDS = {
    400: "Bad request", 401: "Unauthorized", 403: "Forbidden", 404: "Not found", 405: "Method not allowed",
    409: "Conflict", 413: "Too large", 422: "Unprocessable", 429: "Too many requests",
    500: "Internal error", 503: "Unavailable", 507: "Disk full",
}  # fmt: skip


def refusal(
    code: int, message: str, headers: dict[str, str] | None = None, details: dict[str, Any] | None = None
) -> HttpResponse:
    """`text` is for Java, `message` for Ruby, `error` for Node and Go. `details` is for programs."""
    body: dict[str, Any] = {
        "error": WORDS.get(code, "Error"),
        "message": message,
        "text": message,
        "severity": "error",
        "status_code": code,
    }
    if details:
        body["details"] = details
    return answer(body, code, headers)


def answer(body: dict[str, Any], code: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=code, content_type="application/json; charset=utf-8", headers=headers)


def moment(at: datetime | None) -> str | None:
    """Jobs, databases and tables: `2016-07-26 08:14:46 UTC`."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(at: datetime | None) -> str | None:
    """Users and accounts: `2017-03-27T09:39:42Z`."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
