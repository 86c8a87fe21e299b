"""Paths under /v3: split, then decoded once; any leading slashes, a trailing one, `.json` at the end."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from console.api.call import Call

Handler = Callable[..., dict[str, Any] | HttpResponseBase]
# A session, part or id may really end in ".json"; a database, a table and a job's number can't.
SUFFIXED = {
    "<database>",
    "<table>",
    "<other>",
    "<job_id>",
    "<audience>",
    "<folder>",
    "<segment>",
    "<syndication>",
}
# Treasure Data has Audience Studio's calls on a host of their own, without /v3. They are answered in both places.
AUDIENCES = "audiences"


@dataclass(frozen=True)
class Route:
    methods: tuple[str, ...]
    pattern: str  # "table/show/<database>/<table>"
    handler: Handler
    write_only: bool = False  # whether a write-only key will do
    public: bool = False  # whether no key at all will do

    @property
    def segments(self) -> list[str]:
        return self.pattern.split("/")

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The path's values; None where this is another route."""
        wanted = self.segments
        if len(segments) != len(wanted):
            return None
        values = {}
        for pattern, raw in zip(wanted, segments, strict=True):
            text = unquote(raw)
            if raw is segments[-1] and (pattern in SUFFIXED or not pattern.startswith("<")):
                text = text.removesuffix(".json")
            if pattern.startswith("<"):
                values[pattern[1:-1]] = text
            elif pattern != text:
                return None
        return values


def api_segments(request: HttpRequest) -> list[str] | None:
    """The still encoded segments behind /v3, or from /audiences on; None where the path is not the API's."""
    raw = request.META.get("RAW_URI") or quote(request.META.get("PATH_INFO", ""))
    path = raw.partition("?")[0]
    if "://" in path.partition("/v3")[0].partition(f"/{AUDIENCES}")[0]:
        path = "/" + path.partition("://")[2].partition("/")[2]
    segments = path.strip("/").split("/")
    if segments[0].removesuffix(".json") == AUDIENCES:
        return segments
    return segments[1:] if segments[0] == "v3" else None


def find(routes: Iterable[Route], segments: list[str]) -> list[tuple[Route, dict[str, str]]]:
    """Every route of this path, whatever its method."""
    found = ((route, route.match(segments)) for route in routes)
    return [(route, values) for route, values in found if values is not None]


def invoke(route: Route, call: Call) -> dict[str, Any] | HttpResponseBase:
    return route.handler(call, **call.path)
