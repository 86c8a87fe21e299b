"""The way out for mails: the operator's server, or the mailbox where none is set."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from console.notices import smtp
from console.notices.mailbox import Mailbox


@contextmanager
def open_post() -> Iterator[smtp.Server | Mailbox]:
    if settings.MAIL_SERVER is None:
        yield Mailbox()
        return
    with smtp.open_server(settings.MAIL_SERVER) as server:
        yield server


def has_server() -> bool:
    return settings.MAIL_SERVER is not None
