"""A webhook: JSON whose `text` Slack shows as it is, signed, through the one door to the network."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import responses
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from integrations import http
from integrations.errors import DeliveryError, RefusedError, TemporaryError
from integrations.redaction import redact

if TYPE_CHECKING:
    from console.notices.models import Notice

READ_SECONDS = 10
WHOLE_SECONDS = 30  # a receiver that sends one byte at a time holds a worker no longer
SHOWN = 300  # characters of an answer
CHECK = "Check the webhook's address."
WORTH_ANOTHER_TRY = {408, 409, 425, 429}


@dataclass(frozen=True)
class Webhook:
    url: str
    secret: str = ""

    @classmethod
    def of(cls, secrets: Mapping[str, str]) -> Self | None:
        url = secrets.get("webhook_url")
        return cls(url, secrets.get("webhook_secret", "")) if url else None

    @property
    def shown(self) -> str:
        """What pages may show: the path of Slack's addresses is a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/…"


def check(url: str) -> None:
    """Raises `DeliveryError` where nothing may be sent to this address, without any network."""
    try:
        parts = urlsplit(url)
        named = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        named = False
    if not named or any(c.isspace() for c in url) or not url.isascii():
        raise RefusedError("This is not a web address.", action="Write it as https://example.com/path.")
    if parts.username or parts.password:
        raise RefusedError(
            "The address holds a user name or a password.", action="Leave out what is before the @."
        )
    if parts.fragment:
        raise RefusedError("The address has a part after #, which is never sent.", action="Leave it out.")
    http.check_url(url)


def payload(notice: "Notice") -> dict[str, Any]:
    return {
        "text": _text(notice),
        "version": 1,
        "id": notice.pk,  # the same at every try: by it a receiver knows what it has seen
        "event": notice.kind,
        "previous_state": notice.previous or None,
        "subject": {"key": notice.subject, "name": notice.name},
        "title": notice.title,
        "message": notice.message,
        "action": notice.action,
        "url": settings.BASE_URL + notice.link,
        "at": notice.created_at.isoformat(),
        "test": notice.kind == "test",
        "facts": notice.facts,
    }


def signature(secret: str, body: bytes, at: int) -> str:
    """The value of X-Sendoff-Signature: the time is part of what is signed, so that no old notice passes later."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def send(notice: "Notice", hook: Webhook) -> str:
    """What the receiver answered. Raises `DeliveryError` where it did not take the notice."""
    check(hook.url)
    body = json.dumps(payload(notice), ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": f"Sendoff/{settings.VERSION}"}
    if hook.secret:
        headers["X-Sendoff-Signature"] = signature(hook.secret, body, int(time.time()))
    answered: list[tuple[int, str, str | None] | Exception] = []
    sender = threading.Thread(target=_post, args=(hook.url, body, headers, answered), daemon=True)
    sender.start()
    sender.join(WHOLE_SECONDS)
    host = urlsplit(hook.url).hostname or ""
    if not answered:
        raise TemporaryError(f"{host} did not answer in {WHOLE_SECONDS} seconds.", action=CHECK)
    if isinstance(answered[0], Exception):
        raise _failed(answered[0], host)
    return _judged(host, *answered[0])


def _post(url: str, body: bytes, headers: dict[str, str], answered: list[Any]) -> None:
    try:
        with http.pool(READ_SECONDS, parallel=1) as pool:
            reply = pool.request(
                "POST", url, body=body, headers=headers, redirect=False, preload_content=False
            )
            text = reply.read(SHOWN * 4).decode(errors="replace")
            reply.release_conn()
            answered.append((reply.status, text, reply.headers.get("Retry-After")))
    except Exception as error:  # judged by the thread that waits for it
        answered.append(error)


def _failed(error: Exception, host: str) -> DeliveryError:
    if not isinstance(error, (*http.Failure, DeliveryError)):
        raise error
    found = http.explain(error, host)
    found.action = found.action if found.action and found.action != http.CHECK else CHECK
    return found


def _judged(host: str, status: int, text: str, retry_after: str | None) -> str:
    phrase = responses.get(status, "")
    words = redact(" ".join(text.split()))[:SHOWN]
    answer = f"{status} {phrase}".strip() + (f": {words}" if words else "")
    if 200 <= status < 300:
        return answer
    if 300 <= status < 400:
        raise RefusedError(
            f"{host} sent the notice on to another address ({status}), which is not followed.",
            action="Enter the address it leads to.",
        )
    if status >= 500 or status in WORTH_ANOTHER_TRY:
        wait = http.retry_after(retry_after)
        raise TemporaryError(f"{host} answered {answer}.", retry_after=wait)
    raise RefusedError(f"{host} answered {answer}.", action="Check the webhook there, and its address here.")


def _text(notice: "Notice") -> str:
    """Slack reads <…> as a mention or a link, so what came from people and servers is escaped."""
    words = (notice.title, notice.message, notice.action)
    lines = [_escaped(" ".join(line.split())) for line in words if line]
    return "\n".join([*lines, settings.BASE_URL + notice.link])


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
