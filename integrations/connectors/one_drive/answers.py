"""Graph's refusals, by code and never by message, as errors that say who has to act.

https://learn.microsoft.com/en-us/graph/errors
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from integrations.errors import CredentialsError, DeliveryError, RefusedError, SettingsError, TemporaryError
from integrations.http import retry_after
from integrations.redaction import redact

BUSY = {408, 429, 500, 502, 503, 504, 509}
LOCKED = {412, 423}
RECONNECT = "Reconnect the OneDrive account."
NAME_RULES = (
    "Change File Name or Folder Path: names can't hold \" * : < > ? / \\ |, "
    "and a path has 400 characters at most."
)


@dataclass(frozen=True)
class Problem:
    status: int
    codes: tuple[str, ...]  # the most specific one first
    message: str
    request_id: str

    @classmethod
    def of(cls, answer: urllib3.BaseHTTPResponse) -> "Problem":
        codes: list[str] = []
        message = request_id = ""
        error = _error(answer.data)
        while isinstance(error, dict):
            codes.append(str(error.get("code") or ""))
            message = message or str(error.get("message") or "")
            request_id = request_id or str(error.get("request-id") or "")
            error = error.get("innerError") or error.get("innererror")
        known = tuple(code for code in reversed(codes) if code)
        return cls(answer.status, known, redact(message)[:300], request_id)

    @property
    def response(self) -> str:
        """For the log and the table of retries."""
        request = f", request {self.request_id}" if self.request_id else ""
        return f"{self.status} {self.codes[0] if self.codes else ''}".strip() + request

    def has(self, *codes: str) -> bool:
        return bool(set(codes) & set(self.codes))


class GraphRefusal(RefusedError):
    """An answer that another try would not change. Its caller knows what it means for the user."""

    def __init__(self, problem: Problem) -> None:
        code = problem.codes[0] if problem.codes else str(problem.status)
        said = f": {problem.message.rstrip('.')}" if problem.message and problem.message != code else ""
        super().__init__(f"OneDrive refused the request ({code}){said}.", response=problem.response)
        self.problem = problem


def failure(answer: urllib3.BaseHTTPResponse) -> DeliveryError:
    """For every status from 300 up."""
    problem = Problem.of(answer)
    if problem.status in BUSY or problem.has("generalException", "activityLimitReached", "throttledRequest"):
        return TemporaryError(
            f"OneDrive is {'throttling requests' if problem.status == 429 else 'not available'} ({problem.response}).",
            retry_after=retry_after(answer.headers.get("Retry-After")),
            response=problem.response,
        )
    if problem.status in LOCKED or problem.has("resourceModified", "resourceLocked"):
        return TemporaryError(
            "The file is locked by another user.",
            action="Close it in Office or check it in, then run the export again.",
            response=problem.response,
        )
    if problem.status == 401:
        return CredentialsError(
            "Microsoft no longer accepts the account's access token.",
            action=RECONNECT,
            response=problem.response,
        )
    if problem.status == 403 and _wants_claims(answer, problem):
        return CredentialsError(
            "A conditional access policy of the tenant wants the account to sign in again.",
            action=RECONNECT,
            response=problem.response,
        )
    return GraphRefusal(problem)


@contextmanager
def explaining(place: str, name: str = "") -> Iterator[None]:
    """Gives a refusal inside the sentence that names the place and the file."""
    try:
        yield
    except GraphRefusal as refused:
        raise _sentence(refused.problem, place, name) or refused from refused


def _sentence(problem: Problem, place: str, name: str) -> DeliveryError | None:
    words = problem.response
    if problem.has("malwareDetected", "virusSuspicious"):
        return RefusedError(f"OneDrive takes {name} for malware and did not keep it.", response=words)
    if problem.status == 507 or problem.has("quotaLimitReached"):
        return RefusedError(
            "Not enough OneDrive storage.", action="Free some space, or choose another drive.", response=words
        )
    if problem.status == 413 or problem.has("maxFileSizeExceeded"):
        return RefusedError(
            f"{name} is larger than OneDrive allows.", action="Export fewer rows.", response=words
        )
    if problem.has("invalidPath", "pathIsTooLong", "pathTooDeep"):
        return SettingsError(
            f"OneDrive does not accept the name {name} in {place}.",
            action=NAME_RULES,
            field="file_name",
            response=words,
        )
    if problem.status == 409 and problem.has("nameAlreadyExists"):
        return already_there(name, place, words)
    if problem.status == 403:
        return SettingsError(
            f"The connected account cannot write to {place}.",
            action="Ask the owner for the right to edit, or choose another folder.",
            field="folder_path",
            response=words,
        )
    return None


def already_there(name: str, place: str, response: str = "") -> RefusedError:
    return RefusedError(
        f"A file named {name} already exists in {place}.",
        action="Tick Replace existing file, or change File Name.",
        response=response,
    )


def _wants_claims(answer: urllib3.BaseHTTPResponse, problem: Problem) -> bool:
    return "claims=" in (answer.headers.get("WWW-Authenticate") or "") or problem.has("insufficient_claims")


def _error(body: bytes) -> Any:
    try:
        data = json.loads(body)
    except ValueError:
        return None
    return data.get("error") if isinstance(data, dict) else None
