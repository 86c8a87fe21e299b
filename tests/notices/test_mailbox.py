"""The mailbox of a console without a mail server: who reads it, and what a mail can't do there."""

from pathlib import Path

import pytest
from django.test import Client

from console.environment import MailServer
from console.notices import mailbox, sending
from tests.notices.test_smtp import make_dispatch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings) -> Path:
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    found: Path = settings.MAILBOX_DIR
    return found


@pytest.fixture
def reader(client: Client, admin) -> Client:
    client.force_login(admin)
    return client


def test_a_mail_is_kept_whole_and_read_in_the_console(reader, folder, settings):
    settings.BASE_URL = "https://sendoff.example.com"
    assert sending.carry(make_dispatch(title="Größe failed")) == mailbox.ANSWER
    page = reader.get("/workbench/notices/mailbox/").content.decode()
    assert "[Sendoff] Größe failed" in page
    (name,) = mailbox.names()
    mail = reader.get(f"/workbench/notices/mailbox/{name}/").content.decode()
    assert "mika@example.com" in mail
    assert 'href="https://sendoff.example.com/workbench/jobs/1/"' in mail
    assert not list(folder.glob(".*"))


def test_markup_in_a_mail_is_text_on_the_page(reader):
    sending.carry(make_dispatch(title="<b>x</b> failed", message="<script>alert(1)</script>"))
    page = reader.get(f"/workbench/notices/mailbox/{mailbox.names()[0]}/").content.decode()
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_the_download_is_never_shown_by_the_browser(reader):
    sending.carry(make_dispatch())
    answer = reader.get(f"/workbench/notices/mailbox/{mailbox.names()[0]}/mail.eml")
    assert answer["Content-Type"] == "message/rfc822"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert b"Subject: [Sendoff] Daily sales failed" in answer.content


@pytest.mark.parametrize(
    "name", ["1764000000000-abcdef01", "..%2F..%2Fsecrets", "secrets", "1764000000000-abcdef01.eml"]
)
def test_nothing_else_of_the_disk_is_a_mail(reader, folder, name):
    folder.mkdir(parents=True)
    (folder.parent / "secrets.eml").write_text("Subject: planted")
    for address in (f"/workbench/notices/mailbox/{name}/", f"/workbench/notices/mailbox/{name}/mail.eml"):
        answer = reader.get(address)
        assert answer.status_code == 404
        assert b"planted" not in answer.content
    assert mailbox.read("../secrets") is None


def test_members_do_not_read_it(client_logged_in):
    for address in (
        "/workbench/notices/mailbox/",
        "/workbench/notices/mailbox/x/",
        "/workbench/notices/mailbox/x/mail.eml",
    ):
        answer = client_logged_in.get(address)
        assert answer.status_code == 403
        assert "Only administrators can read the mailbox" in answer.content.decode()


def test_there_is_none_beside_a_mail_server(reader, settings):
    sending.carry(make_dispatch())
    settings.MAIL_SERVER = MailServer("mail.example.com", 587, "", "", "starttls")
    assert reader.get("/workbench/notices/mailbox/").status_code == 404


def test_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(mailbox, "KEPT", 3)
    names = [mailbox.keep(b"Subject: x\r\n\r\n") for _ in range(5)]
    assert set(mailbox.names()) <= set(names)
    assert len(mailbox.names()) == 3


def test_an_empty_mailbox_says_what_will_be_in_it(reader):
    assert "A mail appears here when" in reader.get("/workbench/notices/mailbox/").content.decode()


def test_a_file_that_is_no_mail_breaks_no_page(reader, folder):
    folder.mkdir(parents=True)
    (folder / "1764000000000-abcdef01.eml").write_bytes(b"\xff\xfe not a mail \x00")
    assert reader.get("/workbench/notices/mailbox/").status_code == 200
    assert reader.get("/workbench/notices/mailbox/1764000000000-abcdef01/").status_code == 200
