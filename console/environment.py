"""Reads settings from the environment and fails loudly on a value it can't use."""

import os
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

MAIL_SERVERS = (
    "Use smtp://user:password@mail.example.com:587 (STARTTLS), smtps://… (TLS at once) or, for a relay without "
    "encryption and password, smtp://relay.example.com:25?tls=off. Write @ in a user name as %40."
)


def env(name: str, default: str = "") -> str:
    """The text of `name`; `NAME_FILE` may name a file that holds it, as containers mount secrets."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text().strip()
    return os.environ.get(name, default)


def data_dir() -> Path:
    """SENDOFF_DATA_DIR, `var/` beside the code where it is not set."""
    return Path(env("SENDOFF_DATA_DIR", str(Path(__file__).resolve().parent.parent / "var"))).resolve()


def env_bool(name: str, default: bool = False) -> bool:
    value = env(name).strip().lower()
    if value == "":
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Use 1 or 0.")


def env_int(name: str, default: int, *, minimum: int = 0) -> int:
    value = env(name).strip()
    if value == "":
        return default
    if not value.isdecimal() or int(value) < minimum:
        raise ImproperlyConfigured(f"{name} is {value!r}. Use a whole number from {minimum} up.")
    return int(value)


def env_list(name: str) -> list[str]:
    return [part.strip() for part in env(name).split(",") if part.strip()]


def env_url(name: str, default: str) -> str:
    """An address without a slash at its end; a bare host is meant as https."""
    value = env(name).strip().rstrip("/") or default
    url = value if "://" in value else f"https://{value}"
    if urlsplit(url).scheme not in {"http", "https"} or urlsplit(url).path:
        raise ImproperlyConfigured(f"{name} is {value!r}. Use an address such as {default}.")
    return url


def env_secret(name: str, *, debug_default: str, debug: bool) -> str:
    """A secret. Outside DEBUG there is no default: the process refuses to start without it."""
    value = env(name)
    if value:
        return value
    if debug:
        return debug_default
    raise ImproperlyConfigured(f"{name} is not set. `make run` makes one; in production set it yourself.")


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str
    tls: str  # "starttls", "tls" (from the first byte on) or "off"


def env_mail_server(name: str) -> MailServer | None:
    """`smtp://user:password@host:port` (STARTTLS) or `smtps://…` (TLS at once); None where it is not set.

    No error quotes the address: it may hold a password.
    """
    value = env(name).strip()
    if not value:
        return None
    url = urlsplit(value)
    defaults = {"smtp": ("starttls", 587), "smtps": ("tls", 465)}
    try:
        tls, port = defaults[url.scheme]
        port = url.port or port
    except (KeyError, ValueError):
        raise ImproperlyConfigured(f"{name} is not a mail server's address. {MAIL_SERVERS}") from None
    if not url.hostname or url.path.strip("/") or url.query not in {"", "tls=off"}:
        raise ImproperlyConfigured(f"{name} is not a mail server's address. {MAIL_SERVERS}")
    if url.query:
        tls = "off"
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if tls == "off" and (user or url.scheme == "smtps"):
        raise ImproperlyConfigured(
            f"{name} turns encryption off and still needs it. Leave ?tls=off out, or use smtp:// without a password."
        )
    if bool(user) != bool(password):
        raise ImproperlyConfigured(f"{name} has a user without a password, or the reverse. {MAIL_SERVERS}")
    return MailServer(url.hostname, port, user, password, tls)


def env_mail_from(name: str, server: MailServer | None, host: str) -> str:
    """The address that mails come from. A real mail server needs a real one; the file mailbox takes any."""
    value = env(name).strip()
    if value and ("@" not in parseaddr(value)[1] or any(c in value for c in "\r\n")):
        raise ImproperlyConfigured(
            f"{name} is {value!r}. Use sendoff@example.com or Sendoff <sendoff@example.com>."
        )
    if not value and server:
        raise ImproperlyConfigured(f"{name} is not set. Set it to the address that mails are to come from.")
    return value or f"Sendoff <sendoff@{host}>"
