"""The mail server of SENDOFF_SMTP_URL, and what its refusals mean: who has to act, and whether to wait."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from console.environment import MailServer
from console.notices import message
from console.notices.addresses import envelope
from console.notices.models import Dispatch
from integrations import http
from integrations.errors import DeliveryError, RefusedError, TemporaryError
from integrations.redaction import redact

SECONDS = 10  # for each answer
OPERATOR = "An administrator has to look at SENDOFF_SMTP_URL."


class Server:
    """One conversation with the mail server, for one mail or several."""

    def __init__(self, client: smtplib.SMTP, host: str) -> None:
        self.client, self.host = client, host

    def deliver(self, dispatch: Dispatch) -> str:
        """What the server answered when it took the mail. Raises `DeliveryError` where it didn't."""
        try:
            return self._deliver(dispatch)
        except DeliveryError:
            with suppress(smtplib.SMTPException, OSError):
                self.client.rset()
            raise
        except (smtplib.SMTPException, OSError) as error:
            raise _unreached(error, self.host) from error

    def _deliver(self, dispatch: Dispatch) -> str:
        self._ask(
            self.client.mail(message.sender()), f"mail from {message.sender()}", "Check SENDOFF_MAIL_FROM."
        )
        recipient = envelope(dispatch.recipient)
        self._ask(
            self.client.rcpt(recipient), f"mail to {dispatch.recipient}", "Correct the address.", final=True
        )
        data = message.build(dispatch).as_bytes()
        return self._ask(self.client.data(data), "the mail", "Look at its answer.", final=True)

    def _ask(self, reply: tuple[int, bytes], what: str, action: str, *, final: bool = False) -> str:
        """`final`: a refusal with 5xx is about this recipient, and waiting changes nothing."""
        code, words = reply
        answer = redact(f"{code} {words.decode(errors='replace')}")[:300]
        if 200 <= code < 300:
            return " ".join(answer.split())
        text = f"{self.host} refused {what}: {' '.join(answer.split())}."
        if final and code >= 500:
            raise RefusedError(text, action=action)
        raise TemporaryError(text, action=action if code >= 500 else "")


@contextmanager
def open_server(server: MailServer) -> Iterator[Server]:
    """Raises `TemporaryError` where it can't be used: an operator may mend that at any time."""
    try:
        client = _connect(server)
    except (smtplib.SMTPException, OSError) as error:
        raise _unreached(error, server.host) from error
    try:
        yield Server(client, server.host)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
        client.close()


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls == "tls":
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        client.ehlo()
        if server.tls == "starttls":
            client.starttls(context=context)
        if server.user:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _unreached(error: Exception, host: str) -> TemporaryError:
    match error:
        case smtplib.SMTPAuthenticationError():
            words = redact(
                error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else ""
            )
            text = (
                f"{host} refused the user and password of SENDOFF_SMTP_URL: {error.smtp_code} {words}".strip()
            )
            return TemporaryError(f"{text}.", action=OPERATOR)
        case smtplib.SMTPNotSupportedError():
            return TemporaryError(
                f"{host} offers no encryption or no log-in. Nothing was sent.", action=OPERATOR
            )
        case smtplib.SMTPResponseException():
            return TemporaryError(f"{host} answered {error.smtp_code} to the connection.", action=OPERATOR)
        case smtplib.SMTPException():
            return TemporaryError(
                f"{host} closed the connection before it had taken the mail.", action=OPERATOR
            )
    return TemporaryError(str(http.explain(error, host)), action=OPERATOR)
