"""What the stand-in answers, in the shapes the service uses."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Leaves as an error answer."""

    def __init__(self, status: int, message: str, reason: str = "invalid") -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


class NoToken(Exception):
    """The token endpoint's refusal: always 400, with an OAuth error and its description."""

    def __init__(self, description: str, error: str = "invalid_grant") -> None:
        super().__init__(description)
        self.error = error


def answer_json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=UTF-8"})


def refused(error: Refusal) -> Answer:
    detail = {"message": str(error), "domain": "global", "reason": error.reason}
    body = {"error": {"code": error.status, "message": str(error), "errors": [detail]}}
    headers = (
        {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'} if error.status == 401 else {}
    )
    answer = answer_json(body, error.status)
    return Answer(answer.status, answer.body, {**answer.headers, **headers})


def no_token(error: NoToken) -> Answer:
    return answer_json({"error": error.error, "error_description": str(error)}, 400)
