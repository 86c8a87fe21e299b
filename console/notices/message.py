"""A notice as a mail: the same words as text and as simple HTML."""

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from console.notices.addresses import envelope
from console.notices.models import Dispatch, Notice

SEVEN_BIT = SMTP.clone(cte_type="7bit")  # for servers without 8BITMIME
REASON = "You get this because somebody put this address under Notifications."


def build(dispatch: Dispatch) -> EmailMessage:
    notice = dispatch.notice
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    mail = EmailMessage(policy=SEVEN_BIT)
    mail["Subject"] = " ".join(f"[Sendoff] {notice.title}".split())
    mail["From"] = settings.MAIL_FROM
    mail["To"] = envelope(dispatch.recipient)
    mail["Date"] = format_datetime(timezone.now())
    # The same at every try, so that a mail program shows one that arrived twice once.
    mail["Message-ID"] = f"<notice-{notice.pk}-{dispatch.pk}@{host}>"
    mail["References"] = f"<{notice.subject.replace(':', '-')}@{host}>"  # one conversation for each subject
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office reply
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_text(notice))
    context = {"notice": notice, "url": settings.BASE_URL + notice.link, "reason": REASON}
    mail.add_alternative(render_to_string("notices/mail.html", context), subtype="html")
    return mail


def sender() -> str:
    """The envelope's sender: the bare address of SENDOFF_MAIL_FROM."""
    return envelope(parseaddr(settings.MAIL_FROM)[1])


def _text(notice: Notice) -> str:
    parts = [notice.title, notice.message, notice.action, settings.BASE_URL + notice.link, f"-- \n{REASON}"]
    return "\n\n".join(part for part in parts if part) + "\n"
