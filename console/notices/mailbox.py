"""Where no mail server is set, mails are files in SENDOFF_DATA_DIR that administrators read in the console."""

import email
import email.policy
import os
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from console.notices import message
from console.notices.models import Dispatch

KEPT = 1_000  # mails; the oldest go first
NAME = re.compile(r"[0-9]{13}-[0-9a-f]{8}")
ANSWER = "Kept in this console's mailbox: no mail server is set"


@dataclass(frozen=True)
class Mail:
    name: str  # of its file, without the ending
    at: datetime
    subject: str
    sender: str
    to: str
    text: str
    html: str


class Mailbox:
    """The stand-in for `smtp.Server`."""

    def deliver(self, dispatch: Dispatch) -> str:
        keep(message.build(dispatch).as_bytes())
        return ANSWER


def keep(data: bytes) -> str:
    """Whole or not at all: the name appears when all bytes are there. Returns the name."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{int(time.time() * 1000):013d}-{secrets.token_hex(4)}"
    unfinished = folder / f".{name}.part"
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / f"{name}.eml")
    for old in _files()[KEPT:]:
        old.unlink(missing_ok=True)
    return name


def names() -> list[str]:
    """Newest first."""
    return [path.stem for path in _files()]


def read(name: str) -> Mail | None:
    """None where there is no such mail; a name is never a path."""
    data = raw(name)
    if data is None:
        return None
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    at = datetime.fromtimestamp(int(name[:13]) / 1000, tz=UTC)
    subject, sender, to = (str(parsed.get(header, "")) for header in ("Subject", "From", "To"))
    return Mail(name, at, subject, sender, to, text=_part(parsed, "plain"), html=_part(parsed, "html"))


def raw(name: str) -> bytes | None:
    if not NAME.fullmatch(name):
        return None
    try:
        return (_folder() / f"{name}.eml").read_bytes()
    except FileNotFoundError:
        return None


def _part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    return str(found.get_content()) if found else ""


def _files() -> list[Path]:
    found = (path for path in _folder().glob("*.eml") if NAME.fullmatch(path.stem))
    return sorted(found, key=lambda path: path.name, reverse=True)


def _folder() -> Path:
    return Path(settings.MAILBOX_DIR)
