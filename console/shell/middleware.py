from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from console.shell.requests import request_id

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


# What decides between a page and a part of it. Without Vary, Back would show the part from the browser's cache.
ASKED_BY = ("HX-Request", "HX-Target", "HX-Boosted", "HX-History-Restore-Request")


class ContentSecurityPolicy:
    """Nothing inline, nothing from elsewhere; no part of a page mistaken for it; and the number by which
    a request is found in the log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = request_id(request)
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("X-Request-Id", number)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ASKED_BY)
        return response
