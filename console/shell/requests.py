"""What the frame asks of a request."""

import secrets

from django.http import HttpRequest


def wants_fragment(request: HttpRequest) -> bool:
    """htmx asked for a part of a page; a boosted link and a restored history entry want the whole page."""
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return False
    return not (htmx.boosted or htmx.history_restore_request)


def request_id(request: HttpRequest) -> str:
    """Twelve hex digits that stand on error pages and in the log line of the same request."""
    found: str = getattr(request, "request_id", "")
    if not found:
        found = secrets.token_hex(6)
        request.request_id = found  # type: ignore[attr-defined]
    return found
