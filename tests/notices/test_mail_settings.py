"""SENDOFF_SMTP_URL and SENDOFF_MAIL_FROM: what is taken, and what is refused at the start without being quoted."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from console.environment import MailServer, env_mail_from, env_mail_server

NAME = "SENDOFF_SMTP_URL"
SERVER = MailServer("mail.example.com", 587, "", "", "starttls")


@pytest.mark.parametrize(
    ("value", "server"),
    [
        ("", None),
        ("smtp://mail.example.com", MailServer("mail.example.com", 587, "", "", "starttls")),
        ("smtps://mail.example.com", MailServer("mail.example.com", 465, "", "", "tls")),
        ("smtp://me%40example.com:p%2Fw%3Ao@mail.example.com:2525",
         MailServer("mail.example.com", 2525, "me@example.com", "p/w:o", "starttls")),
        ("smtps://me:pw@mail.example.com/", MailServer("mail.example.com", 465, "me", "pw", "tls")),
        ("smtp://relay.example.com:25?tls=off", MailServer("relay.example.com", 25, "", "", "off")),
    ],
)  # fmt: skip
def test_addresses_of_mail_servers(value, server, monkeypatch):
    monkeypatch.setenv(NAME, value)
    assert env_mail_server(NAME) == server


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("mail.example.com:587", "not a mail server's address"),
        ("https://me:planted@mail.example.com", "not a mail server's address"),
        ("smtp://me:planted@:587", "not a mail server's address"),
        ("smtp://me:planted@mail.example.com:port", "not a mail server's address"),
        ("smtp://me:planted@mail.example.com/folder", "not a mail server's address"),
        ("smtp://mail.example.com?tls=none", "not a mail server's address"),
        ("smtp://me:planted@mail.example.com:25?tls=off", "turns encryption off and still needs it"),
        ("smtps://mail.example.com?tls=off", "turns encryption off and still needs it"),
        ("smtp://planted@mail.example.com", "a user without a password"),
        ("smtp://:planted@mail.example.com", "a user without a password"),
    ],
)
def test_what_is_none_is_refused_and_no_password_is_quoted(value, words, monkeypatch):
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=words) as refused:
        env_mail_server(NAME)
    assert "planted" not in str(refused.value)


def test_the_sender_has_to_be_set_where_mails_really_leave(monkeypatch):
    monkeypatch.delenv("SENDOFF_MAIL_FROM", raising=False)
    assert env_mail_from("SENDOFF_MAIL_FROM", None, "127.0.0.1") == "Sendoff <sendoff@127.0.0.1>"
    with pytest.raises(ImproperlyConfigured, match="SENDOFF_MAIL_FROM is not set"):
        env_mail_from("SENDOFF_MAIL_FROM", SERVER, "127.0.0.1")
    monkeypatch.setenv("SENDOFF_MAIL_FROM", "Sendoff <sendoff@example.com>")
    assert env_mail_from("SENDOFF_MAIL_FROM", SERVER, "127.0.0.1") == "Sendoff <sendoff@example.com>"


@pytest.mark.parametrize("value", ["Sendoff", "a@example.com\nBcc: b@example.com"])
def test_a_sender_that_is_no_address_is_refused(value, monkeypatch):
    monkeypatch.setenv("SENDOFF_MAIL_FROM", value)
    with pytest.raises(ImproperlyConfigured, match=r"Use sendoff@example\.com"):
        env_mail_from("SENDOFF_MAIL_FROM", SERVER, "127.0.0.1")
