"""The Notifications dialog, its test button, the delivery log and Send again."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.notices import sending
from console.notices.models import Dispatch, Notice, Preferences, State
from console.notices.telling import Report, tell
from console.workbench.models import Query
from console.workbench.telling import subject_of
from tests.factories import make_user
from tests.notices.conftest import SECRET

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
URL = "https://hooks.slack.com/services/T000/B000/planted-slack-token"


@pytest.fixture
def address(query: Query) -> str:
    return f"/workbench/queries/{query.pk}/notifications/"


@pytest.fixture
def somebody(client: Client, user: Any) -> Client:
    """The query's owner."""
    client.force_login(user)
    return client


def form(**fields: str) -> dict[str, str]:
    return {"on_failure": "on", "emails": "mika@example.com", "action": "save", **fields}


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def stored() -> Preferences:
    return Preferences.objects.get()


def test_it_offers_failures_and_the_own_address_at_first(somebody, address, user):
    page = text(somebody.get(address))
    assert user.email in page
    assert re.search(r'name="on_failure"[^>]* checked', page)
    assert not re.search(r'name="on_success"[^>]* checked', page)
    assert not Preferences.objects.exists()


def test_saving_keeps_what_was_asked_for(somebody, address, query):
    posted = form(
        on_success="on", emails="mika@example.com\noncall@example.com", webhook_url=URL, webhook_secret=SECRET
    )
    del posted["on_failure"]
    answer = somebody.post(address, posted)
    assert answer.status_code == 302
    wants = stored()
    assert wants.subject == f"query:{query.pk}"
    assert (wants.on_success, wants.on_failure, wants.on_rejected, wants.on_pause) == (
        True,
        False,
        False,
        False,
    )
    assert wants.emails == ["mika@example.com", "oncall@example.com"]
    assert wants.secrets() == {"webhook_url": URL, "webhook_secret": SECRET}


def test_over_the_editor_it_closes_the_dialog(somebody, address):
    answer = somebody.post(address, form(), headers={"HX-Request": "true", "HX-Target": "dlg"})
    assert answer.status_code == 204
    assert "dialog:close" in answer["HX-Trigger"]
    assert "Notifications of Daily sales are saved" in answer["HX-Trigger"]


def test_a_blank_webhook_keeps_the_stored_one_and_never_shows_it(somebody, address):
    somebody.post(address, form(webhook_url=URL, webhook_secret=SECRET))
    page = text(somebody.get(address))
    assert "Unchanged: https://hooks.slack.com/…" in page
    assert "planted" not in page
    somebody.post(address, form(emails="other@example.com"))
    assert stored().emails == ["other@example.com"]
    assert stored().secrets()["webhook_url"] == URL


def test_a_webhook_can_be_removed(somebody, address):
    somebody.post(address, form(webhook_url=URL, webhook_secret=SECRET))
    somebody.post(address, form(webhook_remove="on"))
    assert stored().sealed == ""
    assert stored().webhook is None
    assert "Remove the webhook" not in text(somebody.get(address))


def test_saving_leaves_the_state_of_the_runs_alone(somebody, address, query):
    somebody.post(address, form())
    Preferences.objects.update(state="failed")
    somebody.post(address, form(on_rejected="on"))
    assert stored().state == "failed"


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"emails": "mika@contoso\nbad"}, "emails", "mika@contoso: contoso has no ending such as .com."),
        ({"emails": "mika@contoso\nbad"}, "emails", "bad has no @."),
        ({"emails": ""}, "emails", "Enter an address or a webhook, or clear the boxes under When."),
        ({"webhook_url": "hooks.slack.com/x"}, "webhook_url", "This is not a web address. Write it as https://example.com/path."),
        ({"webhook_url": "http://hooks.slack.com/x"}, "webhook_url", "hooks.slack.com is not reached over HTTPS. Use https://"),
        ({"webhook_secret": "short", "webhook_url": URL}, "webhook_secret", "This has 5 characters. Use at least 16."),
        ({"webhook_secret": SECRET}, "webhook_url", "Enter the address that the signing secret is for."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(somebody, address, changed, field, words, settings):
    settings.ALLOW_PRIVATE_HOSTS = []
    answer = somebody.post(address, form(**changed))
    assert answer.status_code == 422
    beside = re.search(rf'id="div_id_{field}".*?form-text', text(answer))
    assert beside
    assert words in beside[0]
    assert not Preferences.objects.exists()


def test_what_was_typed_as_a_secret_is_not_shown_back_and_not_lost_without_a_word(somebody, address):
    page = text(somebody.post(address, form(emails="bad", webhook_url=URL, webhook_secret=SECRET)))
    assert "planted" not in page
    assert page.count("Paste it again: what was typed here is not shown back.") == 2


def test_no_box_means_nothing_is_told_and_the_addresses_stay(somebody, address):
    posted = form()
    del posted["on_failure"]
    assert somebody.post(address, posted).status_code == 302
    assert stored().emails == ["mika@example.com"]


def test_only_the_owner_and_administrators_may_change_it(client, address, query, admin):
    client.force_login(make_user(email="stranger@example.com"))
    assert client.get(address).status_code == 403
    assert client.post(address, form()).status_code == 403
    client.force_login(admin)
    assert client.post(address, form()).status_code == 302


def test_a_test_is_sent_to_what_is_typed_and_nothing_is_saved(somebody, address, mail, hook):
    posted = form(
        action="test",
        emails="mika@example.com\nnobody@example.com",
        webhook_url=hook.url,
        webhook_secret=SECRET,
    )
    page = text(somebody.post(address, posted, headers={"HX-Request": "true", "HX-Target": "dlg"}))
    assert "The test notice did not reach everybody." in page
    assert '<b class="w6 breaks">mika@example.com</b>: 250 2.0.0 Ok: queued as 0001' in page
    assert "550 5.1.1 User unknown" in page
    assert "200 OK: ok" in page
    assert hook.told[0]["test"] is True
    assert "Test notice of Daily sales" in hook.told[0]["text"]
    assert not Preferences.objects.exists()
    assert "planted" not in page
    assert [one.status for one in Dispatch.objects.all()] == ["sent", "failed", "sent"]


def test_a_test_uses_the_stored_webhook_where_none_is_typed(somebody, address, hook):
    somebody.post(address, form(webhook_url=hook.url, webhook_secret=SECRET))
    page = text(somebody.post(address, form(action="test", emails="")))
    assert "The test notice was sent." in page
    assert len(hook.told) == 1


def test_a_test_that_fails_is_not_tried_again(somebody, address, hook):
    hook.answers = [(503, {}, b"busy")]
    page = text(
        somebody.post(address, form(action="test", emails="", webhook_url=hook.url, webhook_secret=SECRET))
    )
    assert "503 Service Unavailable: busy" in page
    assert Dispatch.objects.get().status == "failed"


def test_a_test_needs_somebody_to_send_to(somebody, address):
    posted = form(action="test", emails="")
    del posted["on_failure"]
    answer = somebody.post(address, posted, headers={"HX-Request": "true", "HX-Target": "dlg"})
    assert answer.status_code == 422
    assert "Enter an address or a webhook to send the test to." in text(answer)
    assert not Notice.objects.exists()


# The delivery log ----------------------------------------------------------------------------------


def failed(query: Query, number: int = 1) -> Notice:
    found = tell(
        Report(subject=subject_of(query), event=f"job:{number}", name=query.name, state=State.FAILED,
               link=f"/workbench/jobs/{number}/", message="The table is gone.", action="Create it again."),
        always=True,
    )  # fmt: skip
    assert found
    return found


def test_the_log_says_when_what_to_whom_and_what_came_back(somebody, query, wants, mail):
    wants(on_failure=True, emails=["mika@example.com", "nobody@example.com", "full@example.com"])
    failed(query)
    assert text(somebody.get("/workbench/notices/")).count("Waiting") >= 3
    for one in Dispatch.objects.all():
        sending.send(one.pk)
    page = text(somebody.get("/workbench/notices/"))
    assert "Daily sales failed" in page
    for words in ("mika@example.com", "250 2.0.0 Ok: queued as 0001", "550 5.1.1 User unknown",
                  "452 4.2.2 Mailbox full", "Sent", "Not sent", "Waiting to try again"):  # fmt: skip
        assert words in page
    only = text(somebody.get("/workbench/notices/?status=failed"))
    assert "nobody@example.com" in only
    assert "mika@example.com" not in only


def test_one_notice_shows_its_words_and_every_try(somebody, query, wants, mail):
    wants(on_failure=True, emails=["nobody@example.com"])
    notice = failed(query)
    sending.send(Dispatch.objects.get().pk)
    page = text(somebody.get(f"/workbench/notices/{notice.pk}/"))
    for words in ("The table is gone.", "Create it again.", 'href="/workbench/jobs/1/"', "550 5.1.1 User unknown",
                  "Mend what the answer says, then press Send again."):  # fmt: skip
        assert words in page


def test_a_try_that_a_worker_died_over_is_named(somebody, query, wants, mail):
    wants(on_failure=True)
    notice = failed(query)
    dispatch = Dispatch.objects.get()
    assert Dispatch.objects.claim(dispatch.pk)
    assert "On its way." in text(somebody.get(f"/workbench/notices/{notice.pk}/"))
    Dispatch.objects.update(lease_until=None)
    sending.send(dispatch.pk)
    assert "No answer: the worker ended before it came." in text(
        somebody.get(f"/workbench/notices/{notice.pk}/")
    )


def test_send_again_after_the_address_was_mended(somebody, query, wants, hook):
    wants(on_failure=True, emails=[], webhook=hook.url)
    notice = failed(query)
    hook.answers = [(404, {}, b"no_service")]
    dispatch = Dispatch.objects.get()
    sending.send(dispatch.pk)
    answer = somebody.post(f"/workbench/notices/dispatches/{dispatch.pk}/send-again/", follow=True)
    assert "is sent to http://127.0.0.1" in text(answer)
    sending.send(dispatch.pk)
    dispatch.refresh_from_db()
    assert dispatch.status == "sent"
    assert hook.told[0]["id"] == notice.pk


def test_others_see_the_log_and_send_nothing(client, query, wants, mail):
    wants(on_failure=True)
    notice = failed(query)
    dispatch = Dispatch.objects.get()
    sending.send(dispatch.pk)
    client.force_login(make_user(email="stranger@example.com"))
    for page in ("/workbench/notices/", f"/workbench/notices/{notice.pk}/"):
        assert "Send again" not in text(client.get(page))
    answer = client.post(f"/workbench/notices/dispatches/{dispatch.pk}/send-again/")
    assert answer.status_code == 403
    assert "Only the owner of Daily sales or an administrator" in text(answer)
    assert len(mail.mails) == 1


def test_the_log_of_one_query(somebody, query, wants):
    wants(on_failure=True)
    failed(query)
    page = text(somebody.get(f"/workbench/notices/?subject=query:{query.pk}"))
    assert "<h1>Notices of Daily sales</h1>" in page
    assert f"/workbench/queries/{query.pk}/notifications/" in page
    assert "No notice matches these filters" in text(somebody.get("/workbench/notices/?subject=query:0"))


def test_an_empty_log_says_what_will_be_in_it(somebody):
    assert "Each e-mail and webhook about a run appears here" in text(somebody.get("/workbench/notices/"))


def test_the_log_of_a_deleted_query_is_still_there(somebody, query, wants):
    wants(on_failure=True)
    notice = failed(query)
    query.delete()
    page = text(somebody.get("/workbench/notices/"))
    assert "Daily sales failed" in page
    assert "Send again" not in page
    assert somebody.get(f"/workbench/notices/{notice.pk}/").status_code == 200


def test_the_pages_of_a_long_log_cost_no_more(somebody, query, wants):
    wants(on_failure=True)
    for number in range(60):
        failed(query, number)
    with CaptureQueriesContext(
        connection,
    ) as first:
        page = text(somebody.get("/workbench/notices/"))
    assert len(first) <= 20
    assert page.count("Daily sales failed") == 50
    older = re.search(r'href="(/workbench/notices/\?before=\d+)"', page)
    assert older
    assert text(somebody.get(older[1])).count("Daily sales failed") == 10


def test_a_page_of_waiting_notices_asks_for_itself(somebody, query, wants, mail):
    wants(on_failure=True)
    failed(query)
    assert 'hx-trigger="every 5s"' in text(somebody.get("/workbench/notices/"))
    sending.send(Dispatch.objects.get().pk)
    assert 'hx-trigger="every 5s"' not in text(somebody.get("/workbench/notices/"))


def test_the_menus_lead_there(somebody, query, address):
    assert f'href="{address}"' in text(somebody.get("/workbench/queries/"))


def test_no_page_has_the_webhook(somebody, query, wants, hook):
    """Nor has the log of what a receiver that echoes its request answered."""
    path = hook.url.rpartition("/")[2]
    wants(on_failure=True, emails=[], webhook=hook.url)
    notice = failed(query)
    hook.answers = [(500, {}, f"no route for /services/T000/B000/{path} with {SECRET}".encode())]
    sending.send(Dispatch.objects.get().pk)
    for page in (
        "/workbench/notices/",
        f"/workbench/notices/{notice.pk}/",
        f"/workbench/queries/{query.pk}/notifications/",
    ):
        assert "planted" not in text(somebody.get(page))
    dispatch = Dispatch.objects.get()
    assert "planted" not in f"{dispatch.answer}{dispatch.recipient}{dispatch.attempts.get().answer}"
    assert "[secret]" in dispatch.answer
