"""The API's door. All under /v3 and /audiences is answered here, in JSON: never a page, a redirect or a cookie."""

import errno
import logging
from collections.abc import Callable

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase

from activations.errors import Invalid, Refused, Stale
from console.accounts import keys
from console.accounts.models import ApiKey
from console.api.answers import ApiError, answer, refusal
from console.api.audience import refusals
from console.api.call import Call
from console.api.routes import ROUTES
from console.api.routing import Route, api_segments, find, invoke
from console.shell.requests import request_id
from console.warehouse.types import WarehouseError
from console.workbench.jobs import JobRefused

log = logging.getLogger(__name__)


class Door:
    """Stands before every other middleware: sessions, CSRF and log-in are for browsers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        segments = api_segments(request)
        if segments is None:
            return self.get_response(request)
        response = respond(request, segments)
        response.headers["X-Request-Id"] = request_id(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response


def respond(request: HttpRequest, segments: list[str]) -> HttpResponseBase:
    try:
        route, call = _admit(request, segments)
        outcome = invoke(route, call)
        return outcome if isinstance(outcome, HttpResponseBase) else answer(outcome)
    except Exception as problem:
        return _explain(request, problem)


def _admit(request: HttpRequest, segments: list[str]) -> tuple[Route, Call]:
    """The route and the call, where there is such a route and the key may take it."""
    candidates = find(ROUTES, segments)
    if not candidates:
        raise ApiError(404, f"There is no call /v3/{'/'.join(segments)[:200]} here.")
    for route, values in candidates:
        if request.method in route.methods:
            return route, Call(request, values, None if route.public else _authorise(request, route))
    allowed = ", ".join(method for route, _ in candidates for method in route.methods)
    raise ApiError(405, f"This call takes {allowed}, not {request.method}.", Allow=allowed)


def _authorise(request: HttpRequest, route: Route) -> ApiKey:
    scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    if not text:
        scheme, text = "TD1", scheme  # a client that does not know the key's shape sends it bare
    if scheme != "TD1" or not text:
        raise ApiError(401, "An API key is needed. Send the header: Authorization: TD1 <API key>.")
    key = keys.find(text.strip())
    if key is None:
        raise ApiError(401, "This API key is not known here. Copy yours from My Settings > API Keys.")
    if not (key.is_master or route.write_only):
        raise ApiError(
            403, "A write-only key may import data, nothing else. Use the master key for this call."
        )
    return key


def _explain(request: HttpRequest, problem: Exception) -> HttpResponse:
    match problem:
        case ApiError():
            return refusal(problem.code, str(problem), problem.headers)
        case WarehouseError():
            return refusal(problem.code, str(problem))
        case JobRefused():
            return refusal(422, str(problem))
        case Invalid() | Refused() | Stale():
            return refusals.explain(problem)
        case PermissionDenied():
            return refusal(403, str(problem))
        case RequestDataTooBig():
            return refusal(413, "The request's parameters are too large. Send less at once.")
        case UnreadablePostError():
            return refusal(400, "The body was cut off. Send it again, whole.")
        case BadRequest() | SuspiciousOperation() | MultiPartParserError() | UnicodeError():
            return refusal(400, f"The request can't be read: {problem}")
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            log.error("no space left", exc_info=problem)
            return refusal(
                507, "The disk is full. Nothing of this request was kept. Make room, send it again."
            )
        case OperationalError():
            log.error("the database did not answer", exc_info=problem)
            return refusal(503, "The database did not answer. Send the request again.", {"Retry-After": "2"})
    number = request_id(request)
    log.error("request %s failed", number, exc_info=problem)
    return refusal(500, f"Sendoff failed on this request. Report it with its number, {number}.")
