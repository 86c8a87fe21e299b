"""What a webhook gets, whether its signature holds, and what its answers become."""

from typing import Any

import pytest

from console.notices import sending, webhook
from console.notices.models import Dispatch, Notice
from console.notices.webhook import Webhook
from integrations import redaction, vault
from integrations.errors import CredentialsError, DeliveryError, RefusedError, TemporaryError
from tests.loopback import free_port
from tests.notices.conftest import SECRET

pytestmark = pytest.mark.django_db


def make_dispatch(**fields: Any) -> Dispatch:
    values = {"subject": "query:41", "event": "job:12", "name": "Daily sales", "kind": "failed", "previous": "done",
              "title": "Daily sales failed", "message": "The table is gone.", "action": "Create it again.",
              "link": "/workbench/jobs/12/", "facts": {"job": 12, "rows": 83}}  # fmt: skip
    notice = Notice.objects.create(**(values | fields))
    return Dispatch.objects.create(notice=notice, channel="webhook", recipient="http://127.0.0.1/…")


def send(hook: Any, **fields: Any) -> str:
    return sending.carry(make_dispatch(**fields), Webhook(hook.url, SECRET))


def test_the_receiver_gets_words_for_people_and_fields_for_programs(hook, settings):
    settings.BASE_URL = "https://sendoff.example.com"
    assert send(hook) == "200 OK: ok"
    (told,) = hook.told
    assert told["text"] == (
        "Daily sales failed\nThe table is gone.\nCreate it again.\nhttps://sendoff.example.com/workbench/jobs/12/"
    )
    notice = Notice.objects.get()
    assert {key: told[key] for key in told if key != "text"} == {
        "version": 1, "id": notice.pk, "event": "failed", "previous_state": "done",
        "subject": {"key": "query:41", "name": "Daily sales"}, "title": "Daily sales failed",
        "message": "The table is gone.", "action": "Create it again.",
        "url": "https://sendoff.example.com/workbench/jobs/12/", "at": notice.created_at.isoformat(),
        "test": False, "facts": {"job": 12, "rows": 83},
    }  # fmt: skip


def test_the_documented_check_takes_our_signature_and_no_other(hook, verify):
    send(hook)  # the receiver has checked it with the snippet of the documentation
    header = hook.headers[0]["x-sendoff-signature"]
    body = b'{"text": "hello"}'
    good = webhook.signature(SECRET, body, int(header.split(",")[0][2:]))
    assert verify(SECRET, good, body)
    assert not verify(SECRET, good, body + b" ")
    assert not verify("another secret", good, body)
    assert not verify(SECRET, webhook.signature(SECRET, body, 1_000_000_000), body)
    for bad in ("", "t=,v1=", "v1=abc", "t=abc,v1=abc", "nonsense"):
        assert not verify(SECRET, bad, body)


def test_the_signature_is_the_documented_one():
    assert webhook.signature("secret", b"{}", 1_700_000_000) == (
        "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
    )


def test_without_a_secret_there_is_no_signature(hook):
    hook.secret = ""
    sending.carry(make_dispatch(), Webhook(hook.url))
    assert "x-sendoff-signature" not in hook.headers[0]


def test_a_wrong_secret_is_refused_by_the_receiver(hook):
    with pytest.raises(RefusedError, match=r"127\.0\.0\.1 answered 401 Unauthorized: bad signature"):
        sending.carry(make_dispatch(), Webhook(hook.url, "another-secret-of-16"))


def test_what_people_named_can_mention_nobody_in_slack(hook):
    send(hook, title="<!channel> & <https://evil.example|here> failed", name="<!channel>")
    assert hook.told[0]["text"].startswith(
        "&lt;!channel&gt; &amp; &lt;https://evil.example|here&gt; failed\n"
    )
    assert hook.told[0]["subject"]["name"] == "<!channel>"


@pytest.mark.parametrize("status", [500, 502, 503, 408, 425, 429])
def test_an_answer_that_may_change_is_tried_again(hook, status):
    hook.answers = [(status, {}, b"busy")]
    with pytest.raises(TemporaryError, match=f"answered {status}"):
        send(hook)
    assert send(hook, event="job:13").startswith("200")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_an_answer_that_stays_is_not(hook, status):
    hook.answers = [(status, {}, b"no_service")]
    with pytest.raises(RefusedError, match=f"answered {status} .*: no_service"):
        send(hook)


def test_a_redirect_is_not_followed(hook):
    hook.answers = [(307, {"Location": f"{hook.url}/other"}, b"")]
    with pytest.raises(RefusedError, match="sent the notice on to another address") as refused:
        send(hook)
    assert refused.value.action == "Enter the address it leads to."
    assert hook.requests == 1


def test_a_time_that_the_receiver_asks_for_is_kept_within_bounds(hook):
    for header, least, most in [("90", 90, 100), ("999999", 21_600, 21_600), ("1", 30, 30)]:
        hook.answers = [(429, {"Retry-After": header}, b"")]
        with pytest.raises(TemporaryError) as refused:
            send(hook, event=f"job:{header}")
        assert least <= sending.delay_after(1, refused.value).total_seconds() <= most


def test_a_receiver_that_says_nothing_holds_no_worker(hook, monkeypatch):
    monkeypatch.setattr(webhook, "READ_SECONDS", 0.2)
    hook.hang.set()
    with pytest.raises(TemporaryError, match="did not answer in time"):
        send(hook)


def test_nor_does_one_that_answers_drop_by_drop(hook, monkeypatch):
    monkeypatch.setattr(webhook, "WHOLE_SECONDS", 0.2)
    hook.hang.set()
    with pytest.raises(TemporaryError, match=r"did not answer in 0\.2 seconds"):
        send(hook)


def test_a_receiver_that_is_away_is_waited_for(settings):
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with pytest.raises(TemporaryError, match="refused the connection") as refused:
        sending.carry(make_dispatch(), Webhook(f"http://127.0.0.1:{free_port()}/hook"))
    assert refused.value.action == "Check the webhook's address."


def test_a_private_address_is_refused_when_it_is_connected_to(settings, monkeypatch):
    import socket

    settings.ALLOW_PRIVATE_HOSTS = []
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    with pytest.raises(CredentialsError, match="private network"):
        sending.carry(make_dispatch(), Webhook("https://innocent.example/hook"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("hooks.slack.com/services/x", "not a web address"),
        ("ftp://example.com/x", "not a web address"),
        ("https://", "not a web address"),
        ("https://example.com:port/", "not a web address"),
        ("https://exa mple.com/", "not a web address"),
        ("https://user:password@example.com/", "holds a user name"),
        ("https://example.com/#part", "after #"),
        ("http://example.com/hook", "not reached over HTTPS"),
    ],
)
def test_what_is_no_address_for_a_webhook(url, words, settings):
    settings.ALLOW_PRIVATE_HOSTS = []
    with pytest.raises(DeliveryError, match=words) as refused:
        webhook.check(url)
    assert refused.value.action


def test_one_that_was_removed_is_said_and_one_that_was_corrected_is_used(hook, wants, query):
    stored = wants(on_failure=True, webhook="https://gone.example/hook")
    dispatch = make_dispatch(subject=stored.subject)
    stored.sealed = vault.seal({"webhook_url": hook.url, "webhook_secret": SECRET})
    stored.save()
    assert sending.carry(dispatch).startswith("200")
    stored.delete()
    with pytest.raises(RefusedError, match="taken out of the notifications"):
        sending.carry(dispatch)


def test_neither_address_nor_secret_gets_into_a_log_or_an_error():
    sealed = vault.seal(
        {
            "webhook_url": "https://hooks.slack.com/services/T00/B00/planted-token-xyz",
            "webhook_secret": SECRET,
        }
    )
    assert "planted" not in sealed
    for text in (
        f"POST /services/T00/B00/planted-token-xyz with {SECRET}",
        "https://hooks.slack.com/services/T00/B00/planted-token-xyz",
    ):
        assert "planted" not in redaction.redact(text)
    vault.seal({"webhook_url": "https://example.com/webhook"})
    assert redaction.redact("the webhook of the query") == "the webhook of the query"
