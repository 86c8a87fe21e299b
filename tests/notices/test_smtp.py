"""What leaves for the mail server, and what its refusals become."""

from typing import Any

import pytest

from console.environment import MailServer
from console.notices import sending, smtp
from console.notices.models import Dispatch, Notice
from integrations import redaction
from integrations.errors import DeliveryError, RefusedError, TemporaryError
from tests.loopback import free_port, listening, make_certificate
from tests.standins.mail import PASSWORD, SENDER, USER, post_office

pytestmark = pytest.mark.django_db


def make_dispatch(recipient: str = "mika@example.com", **fields: Any) -> Dispatch:
    values = {"subject": "query:41", "event": "job:1", "name": "Daily sales", "kind": "failed",
              "title": "Daily sales failed", "message": "The table is gone.\nNothing was sent.",
              "action": "Create it again.", "link": "/workbench/jobs/1/"}  # fmt: skip
    notice = Notice.objects.create(**(values | fields))
    return Dispatch.objects.create(notice=notice, channel="email", recipient=recipient)


def send(dispatch: Dispatch) -> str:
    return sending.carry(dispatch)


def test_the_mail_says_what_happened_what_to_do_and_where(mail, settings):
    settings.BASE_URL = "https://sendoff.example.com"
    assert send(make_dispatch()).startswith("250 ")
    (sent,) = mail.mails
    assert sent["Subject"] == "[Sendoff] Daily sales failed"
    assert sent["From"] == f"Sendoff <{SENDER}>"
    assert sent["To"] == "mika@example.com"
    assert sent["Auto-Submitted"] == "auto-generated"
    text = mail.texts()[0].replace("\r\n", "\n")
    assert text.startswith(
        "Daily sales failed\n\nThe table is gone.\nNothing was sent.\n\nCreate it again.\n\n"
        "https://sendoff.example.com/workbench/jobs/1/\n"
    )
    html = sent.get_body(("html",)).get_content()
    assert '<a href="https://sendoff.example.com/workbench/jobs/1/">' in html
    assert mail.envelopes == [(SENDER, "mika@example.com")]


def test_letters_of_every_kind_arrive_at_a_server_that_takes_seven_bits(mail):
    name = "日次売上 – “Größe” ✓"
    send(make_dispatch(title=f"{name} failed", message="Wert: " + "ü" * 2000))
    assert mail.mails[0]["Subject"] == f"[Sendoff] {name} failed"
    assert "ü" * 2000 in mail.texts()[0]


def test_markup_in_a_name_is_text_in_the_mail(mail):
    send(make_dispatch(title="<img src=x> failed", message="a < b & c"))
    html = mail.mails[0].get_body(("html",)).get_content()
    assert "&lt;img src=x&gt; failed" in html
    assert "a &lt; b &amp; c" in html
    assert "a < b & c" in mail.texts()[0]


def test_a_line_break_in_a_name_makes_no_header(mail):
    send(make_dispatch(title="Daily\r\nBcc: everybody@example.com"))
    assert mail.mails[0]["Subject"] == "[Sendoff] Daily Bcc: everybody@example.com"
    assert mail.mails[0]["Bcc"] is None
    assert len(mail.envelopes) == 1


def test_what_the_server_finds_in_the_mail_is_not_tried_again(mail):
    with pytest.raises(RefusedError, match=r"554 5\.7\.1 Message looks like spam"):
        send(make_dispatch(title="spam"))


def test_a_sender_that_is_refused_is_the_operators_to_mend(mail, settings):
    settings.MAIL_FROM = "other@elsewhere.example"
    with pytest.raises(TemporaryError, match=r"553 5\.7\.1 Sender address rejected") as refused:
        send(make_dispatch())
    assert refused.value.action == "Check SENDOFF_MAIL_FROM."


def test_a_refused_recipient_does_not_end_the_conversation(mail, settings):
    with smtp.open_server(settings.MAIL_SERVER) as server:
        with pytest.raises(RefusedError):
            server.deliver(make_dispatch("nobody@example.com"))
        server.deliver(make_dispatch(event="job:2"))
    assert len(mail.mails) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_log_in_over_tls(tls, settings, tmp_path, monkeypatch):
    certificate = make_certificate(tmp_path / "mail.pem", "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.MAIL_FROM = SENDER
    with post_office(certificate, tls=tls, login=True) as office:
        settings.MAIL_SERVER = MailServer("localhost", office.port, USER, PASSWORD, tls)
        send(make_dispatch())
        assert len(office.mails) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_stops_the_mail(tls, settings, tmp_path):
    certificate = make_certificate(tmp_path / "mail.pem", "localhost")
    with post_office(certificate, tls=tls, login=True) as office:
        settings.MAIL_SERVER = MailServer("localhost", office.port, USER, PASSWORD, tls)
        with pytest.raises(TemporaryError, match="certificate of localhost is signed by itself"):
            send(make_dispatch())
        assert not office.mails


def test_no_mail_and_no_password_goes_to_a_server_without_starttls(mail, settings):
    settings.MAIL_SERVER = MailServer("127.0.0.1", mail.port, USER, PASSWORD, "starttls")
    with pytest.raises(
        TemporaryError, match=r"offers no encryption or no log-in\. Nothing was sent"
    ) as refused:
        send(make_dispatch())
    assert refused.value.action == smtp.OPERATOR
    assert not mail.mails


def test_a_wrong_password_is_named_and_not_shown(settings, tmp_path, monkeypatch, caplog):
    certificate = make_certificate(tmp_path / "mail.pem", "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wrong = "planted-smtp-password"
    redaction.guard([wrong])
    with post_office(certificate, tls="tls", login=True) as office:
        settings.MAIL_SERVER = MailServer("localhost", office.port, USER, wrong, "tls")
        with pytest.raises(
            TemporaryError, match="refused the user and password of SENDOFF_SMTP_URL: 535"
        ) as refused:
            send(make_dispatch())
    assert wrong not in f"{refused.value}{refused.value.action}{caplog.text}"


def test_a_server_that_is_away_is_waited_for(settings):
    settings.MAIL_SERVER = MailServer("127.0.0.1", free_port(), "", "", "off")
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1 refused the connection"):
        send(make_dispatch())


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_its_time(settings, monkeypatch):
    monkeypatch.setattr(smtp, "SECONDS", 0.3)
    with listening(b"") as port:
        settings.MAIL_SERVER = MailServer("127.0.0.1", port, "", "", "off")
        with pytest.raises(DeliveryError) as refused:
            send(make_dispatch())
    assert refused.value.retryable
