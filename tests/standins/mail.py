"""A mail server on loopback, by aiosmtpd, that refuses what real ones refuse.

Refused: unknown people, senders of other domains, mail without the headers of RFC 5322, long lines, bytes over 127
that were not announced, and, where they are asked for, sessions without TLS or a log-in.
"""

import asyncio
import email
import email.policy
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "console@mail.example", "p@ss:word/with?signs"
SENDER = "sendoff@sender.example"
TOO_LONG = 998  # bytes of a line, RFC 5321 section 4.5.3.1.6


class PostOffice:
    """Its handler: what arrived is in `mails`; names decide what is refused."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, str]] = []
        self.greylisted: Counter[str] = Counter()
        self.sessions = 0
        self.host, self.port = "127.0.0.1", 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address != SENDER:
            return "553 5.7.1 Sender address rejected: not owned by user"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        name = address.partition("@")[0]
        if not address.isascii():
            return "553 5.6.7 SMTPUTF8 was not asked for"
        if name == "nobody":
            return "550 5.1.1 User unknown"
        if name == "full":
            return "452 4.2.2 Mailbox full"
        if name == "grey":
            self.greylisted[address] += 1
            if self.greylisted[address] == 1:
                return "450 4.2.0 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        data = envelope.content
        assert isinstance(data, bytes)
        if problem := _problem(data, envelope.mail_options):
            return f"554 5.6.0 {problem}"
        mail = email.message_from_bytes(data, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        if "spam" in str(mail["Subject"]):
            return "554 5.7.1 Message looks like spam"
        self.mails.append(mail)
        self.envelopes.append((envelope.mail_from or "", envelope.rcpt_tos[0]))
        return f"250 2.0.0 Ok: queued as {len(self.mails):04X}"

    def texts(self) -> list[str]:
        return [str(mail.get_body(("plain",)).get_content()) for mail in self.mails]  # type: ignore[union-attr]


def _problem(data: bytes, options: list[str]) -> str:
    head = data.partition(b"\r\n\r\n")[0]
    if not data.isascii() and "BODY=8BITMIME" not in [option.upper() for option in options]:
        return "8-bit data was not announced"
    if not head.isascii():
        return "8-bit data in a header"
    if b"\n" in data.replace(b"\r\n", b"") or b"\r" in data.replace(b"\r\n", b""):
        return "Bare line feed"
    if max(map(len, data.split(b"\r\n"))) > TOO_LONG:
        return "Line too long"
    parsed = email.message_from_bytes(data)
    for name in ("From", "To", "Date", "Message-ID", "Subject"):
        if len(parsed.get_all(name, [])) != 1:
            return f"There is not one {name}"
    return ""


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(
        success=good, handled=False, message=None if good else "535 5.7.8 Authentication failed"
    )


@contextmanager
def post_office(
    certificate: Path | None = None, *, tls: str = "off", login: bool = False
) -> Iterator[PostOffice]:
    """`tls`: "off", "starttls" (and nothing without it) or "tls"."""
    office = PostOffice()
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    options: dict[str, Any] = {"auth_required": login, "authenticator": _authenticate if login else None}
    if tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    elif login and tls == "tls":
        options |= {"auth_require_tls": False}  # aiosmtpd does not see the TLS it is in
    loop = asyncio.new_event_loop()
    started: Future[int] = Future()
    thread = threading.Thread(
        target=_serve, args=(loop, office, context if tls == "tls" else None, options, started), daemon=True
    )
    thread.start()
    try:
        office.port = started.result(60)
        yield office
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _serve(
    loop: asyncio.AbstractEventLoop,
    office: PostOffice,
    context: ssl.SSLContext | None,
    options: dict[str, Any],
    started: "Future[int]",
) -> None:
    """aiosmtpd's own Controller wants a port that is known beforehand."""
    asyncio.set_event_loop(loop)
    factory = lambda: SMTP(office, hostname="mail.example", loop=loop, **options)  # noqa: E731
    try:
        server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0, ssl=context))
    except BaseException as error:
        started.set_exception(error)
        raise
    started.set_result(int(server.sockets[0].getsockname()[1]))
    loop.run_forever()
    server.close()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
