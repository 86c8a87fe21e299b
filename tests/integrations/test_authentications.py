"""New Authentication, the list, edit, reconnect and delete; as pages, and as htmx asks for them."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.module_loading import import_string

from console.accounts.models import User
from integrations.authentications import health, usage
from integrations.models import Authentication
from tests.factories import make_authentication, make_user
from tests.integrations.treasure_data.stand_in import MASTER, STRANGER, WRITE_ONLY, StandIn
from tests.loopback import MOVED, OK, free_port, listening

NEW = "/integrations/authentications/new/?connector=treasure_data"
HTMX = {"HX-Request": "true"}


def post(client: Client, url: str, action: str = "continue", **data: str) -> Any:
    return client.post(url, {"action": action, **data}, follow=True)


def credentials(service: StandIn, key: str = WRITE_ONLY) -> dict[str, str]:
    return {"apikey": key, "endpoint": service.url}


@pytest.fixture
def used() -> Iterator[None]:
    """A room above whose things use every authentication."""
    usage.register(usage.Kind(
        "letter", "letters", lambda pk: f"/letters/?by={pk}", lambda ids: dict.fromkeys(ids, 2),
        lambda pk: [("First <letter>", "/letters/1/"), ("Second", "/letters/2/")],
    ))  # fmt: skip
    yield
    del usage._kinds["letter"]


def test_the_whole_way_without_javascript(client_logged_in: Client, service: StandIn, user: User) -> None:
    tested = post(client_logged_in, NEW, "test", **credentials(service))
    page = tested.content.decode()
    assert "Key accepted." in page
    assert "Write-only key for account 1, answered in" in page
    assert "Replace needs the master key." in page
    assert WRITE_ONLY not in page
    draft = Authentication.objects.get()
    assert draft.name is None
    assert tested.redirect_chain[-1][0].endswith(f"/{draft.pk}/credentials/")
    named = post(
        client_logged_in, reverse("authentication_draft", args=[draft.pk]), apikey="", endpoint=service.url
    )
    assert "Create Connection" in named.content.decode()
    made = post(client_logged_in, reverse("authentication_name", args=[draft.pk]), name="analytics")
    assert made.redirect_chain[-1][0] == reverse("authentications")
    saved = Authentication.objects.get()
    assert (saved.name, saved.owner, saved.health, saved.detail) == (
        "analytics",
        user,
        "healthy",
        "write-only key",
    )
    assert saved.credentials() == {"apikey": WRITE_ONLY, "endpoint": service.url}


def test_it_returns_to_where_it_was_opened_with_the_new_one_selected(
    client_logged_in: Client, service: StandIn
) -> None:
    back = "/workbench/queries/41/export/"
    first = client_logged_in.post(f"{NEW}&next={back}", {"action": "continue", **credentials(service)})
    assert "next=%2Fworkbench" in first["Location"]
    last = client_logged_in.post(first["Location"], {"name": "analytics"})
    assert last["Location"] == f"{back}?authentication={Authentication.objects.get().pk}"


def test_it_never_returns_to_another_site(client_logged_in: Client, service: StandIn) -> None:
    first = client_logged_in.post(
        f"{NEW}&next=https://evil.example/", {"action": "continue", **credentials(service)}
    )
    assert "evil" not in first["Location"]


def test_an_error_stands_beside_its_field_with_422(client_logged_in: Client) -> None:
    answer = client_logged_in.post(NEW, {"action": "continue", "apikey": "short-secret", "endpoint": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This does not look like a Treasure Data API key." in page
    assert "short-secret" not in page
    assert not Authentication.objects.exists()


def test_htmx_gets_the_dialog_alone(client_logged_in: Client) -> None:
    page = client_logged_in.get(NEW, headers=HTMX).content.decode()
    assert "data-dialog" in page
    assert "<html" not in page


def test_an_unknown_connector_is_not_found(client_logged_in: Client) -> None:
    assert client_logged_in.get("/integrations/authentications/new/?connector=fax").status_code == 404


def test_a_draft_is_its_owner_s_alone(client_logged_in: Client) -> None:
    draft = make_authentication(name=None, owner=make_user())
    for name in ("authentication_draft", "authentication_name"):
        assert client_logged_in.get(reverse(name, args=[draft.pk])).status_code == 404


def test_a_name_that_is_taken_is_said_so(client_logged_in: Client, user: User) -> None:
    make_authentication(name="taken")
    draft = make_authentication(name=None, owner=user)
    answer = client_logged_in.post(reverse("authentication_name", args=[draft.pk]), {"name": "taken"})
    assert answer.status_code == 422
    assert "An authentication with this name exists. Choose another name." in answer.content.decode()


@pytest.mark.parametrize("action", ["test", "continue"])
@pytest.mark.parametrize(("key", "host", "field", "words"), [
    (STRANGER, "{port}", "endpoint", "refused the connection. Check the host in the authentication."),
    ("9/" + "e" * 40, "{service}", "apikey", "rejected the API key, or the key belongs to another region's host."),
    (MASTER, "{moved}", "endpoint", "answers with a redirect, which is not followed. Enter the address it really"),
    (MASTER, "{other}", "endpoint", "does not answer like a Treasure Data API. Check API Hostname"),
])  # fmt: skip
def test_what_the_destination_says_stands_beside_the_field_it_is_about(
    client_logged_in: Client, service: StandIn, action: str, key: str, host: str, field: str, words: str
) -> None:
    with listening(MOVED) as moved, listening(OK) as other:
        places = {"{service}": service.url, "{port}": free_port(), "{moved}": moved, "{other}": other}
        place = str(places[host])
        url = place if "://" in place else f"http://127.0.0.1:{place}"
        answer = post(client_logged_in, NEW, action, apikey=key, endpoint=url)
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert words in errors[field][0]
    page = answer.content.decode()
    assert f'id="id_{field}_error"' in page
    assert "Continue anyway" in page
    assert key not in page


def test_a_name_that_is_not_found_is_said_beside_the_host(
    client_logged_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    answer = post(client_logged_in, NEW, "test", apikey=MASTER, endpoint="nowhere.example")
    assert answer.context["form"].errors["endpoint"] == [
        "The name nowhere.example could not be found. Check the host in the authentication."
    ]


def test_who_knows_better_continues_anyway(client_logged_in: Client, service: StandIn) -> None:
    host = f"http://127.0.0.1:{free_port()}"
    refused = post(client_logged_in, NEW, apikey=MASTER, endpoint=host)
    draft = Authentication.objects.get()
    assert refused.context["form_action"] == reverse("authentication_draft", args=[draft.pk]) + (
        "?connector=treasure_data"
    )
    named = post(client_logged_in, refused.context["form_action"], "anyway", apikey="", endpoint=host)
    page = named.content.decode()
    assert named.redirect_chain[-1][0] == reverse("authentication_name", args=[draft.pk])
    assert "Not reached." in page
    post(client_logged_in, reverse("authentication_name", args=[draft.pk]), name="later")
    saved = Authentication.objects.get()
    assert (saved.name, saved.health, saved.credentials()["apikey"]) == ("later", "unreachable", MASTER)


def test_a_right_key_is_kept_while_the_host_is_corrected(client_logged_in: Client, service: StandIn) -> None:
    refused = post(client_logged_in, NEW, apikey=MASTER, endpoint="a b")
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "Unchanged" in page
    assert MASTER not in page
    post(client_logged_in, refused.context["form_action"], apikey="", endpoint=service.url)
    assert Authentication.objects.get().credentials() == {"apikey": MASTER, "endpoint": service.url}


def test_an_edit_that_is_refused_keeps_what_was_stored(
    client_logged_in: Client, service: StandIn, user: User
) -> None:
    saved = make_authentication(owner=user, keys={"endpoint": service.url}, secrets={"apikey": MASTER})
    url = reverse("authentication_edit", args=[saved.pk])
    answer = post(client_logged_in, url, "save", name="x", apikey=WRITE_ONLY, endpoint="a b")
    assert answer.status_code == 422
    saved.refresh_from_db()
    assert saved.credentials() == {"apikey": MASTER, "endpoint": service.url}


def test_how_long_an_answer_took_is_told(client_logged_in: Client, service: StandIn) -> None:
    make_authentication(name="far", health="slow", health_ms=4_812, keys={"endpoint": service.url})
    assert "Slow, 4.8 s" in client_logged_in.get(reverse("authentications")).content.decode()
    page = post(client_logged_in, NEW, "test", **credentials(service)).content.decode()
    assert f"answered in {Authentication.objects.get(name=None).health_ms:,} ms." in page


def test_a_blank_secret_keeps_the_stored_one_on_edit(
    client_logged_in: Client, service: StandIn, user: User
) -> None:
    saved = make_authentication(owner=user, keys={"endpoint": service.url}, secrets={"apikey": MASTER})
    url = reverse("authentication_edit", args=[saved.pk])
    page = client_logged_in.get(url).content.decode()
    assert "Unchanged" in page
    assert MASTER not in page
    post(client_logged_in, url, "save", name="renamed", apikey="", endpoint=service.url)
    saved.refresh_from_db()
    assert saved.name == "renamed"
    assert saved.secrets() == {"apikey": MASTER}


def test_a_test_on_the_edit_page_stores_nothing(
    client_logged_in: Client, service: StandIn, user: User
) -> None:
    saved = make_authentication(
        owner=user, name="kept", keys={"endpoint": service.url}, secrets={"apikey": MASTER}
    )
    page = post(
        client_logged_in,
        reverse("authentication_edit", args=[saved.pk]),
        "test",
        name="new",
        **credentials(service),
    )
    assert "Write-only key for account 1" in page.content.decode()
    saved.refresh_from_db()
    assert saved.name == "kept"
    assert saved.secrets() == {"apikey": MASTER}


def test_reconnect_keeps_the_id_and_refuses_a_key_that_does_not_work(
    client_logged_in: Client, service: StandIn, user: User
) -> None:
    saved = make_authentication(
        owner=user, health="reconnect", keys={"endpoint": service.url}, secrets={"apikey": "9/" + "e" * 40}
    )
    url = reverse("authentication_reconnect", args=[saved.pk])
    refused = client_logged_in.post(
        url, {"action": "save", "name": saved.name, "apikey": "9/" + "f" * 40, "endpoint": service.url}
    )
    assert refused.status_code == 422
    assert "rejected the API key" in refused.content.decode()
    post(client_logged_in, url, "save", name=saved.name or "", **credentials(service, MASTER))
    saved.refresh_from_db()
    assert saved.health == "healthy"
    assert saved.secrets() == {"apikey": MASTER}


@pytest.mark.parametrize("verb", ["reconnect", "edit"])
def test_the_same_key_again_makes_a_broken_one_healthy(
    client_logged_in: Client, service: StandIn, user: User, verb: str
) -> None:
    saved = make_authentication(
        owner=user, health="reconnect", keys={"endpoint": service.url}, secrets={"apikey": MASTER}
    )
    url = reverse(f"authentication_{verb}", args=[saved.pk])
    post(client_logged_in, url, "save", name=saved.name or "", **credentials(service, MASTER))
    saved.refresh_from_db()
    assert (saved.health, saved.detail) == ("healthy", "master key")


def test_members_change_their_own_and_administrators_all(
    client: Client, service: StandIn, user: User, admin: User
) -> None:
    foreign = make_authentication(owner=make_user(name="Kate Tiny"))
    urls = [reverse(f"authentication_{verb}", args=[foreign.pk]) for verb in ("edit", "reconnect", "delete")]
    client.force_login(user)
    assert [client.get(url).status_code for url in urls] == [403, 403, 403]
    client.force_login(admin)
    assert [client.get(url).status_code for url in urls] == [200, 200, 200]


def test_what_is_in_use_is_not_deleted_and_its_users_are_named(
    client_logged_in: Client, user: User, used: None
) -> None:
    saved = make_authentication(owner=user)
    url = reverse("authentication_delete", args=[saved.pk])
    answer = client_logged_in.post(url)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert Authentication.objects.filter(pk=saved.pk).exists()
    assert '<a href="/letters/1/">First &lt;letter&gt;</a>' in page
    assert "is in use" in page


def test_what_nobody_uses_is_deleted(client_logged_in: Client, user: User) -> None:
    saved = make_authentication(owner=user)
    url = reverse("authentication_delete", args=[saved.pk])
    assert "Delete" in client_logged_in.get(url).content.decode()
    client_logged_in.post(url)
    assert not Authentication.objects.exists()


def test_the_list_says_health_use_and_cause(client_logged_in: Client, used: None) -> None:
    make_authentication(
        name="broken", health="reconnect", health_message="The key was revoked.", account="7731 · host"
    )
    page = client_logged_in.get(reverse("authentications")).content.decode()
    for text in ("broken", "Reconnect needed", "The key was revoked.", "7731 · host", "2 letters", "Never"):
        assert text in page


@pytest.mark.parametrize(("query", "names"), [
    ("", {"alpha", "beta", "gamma"}), ("q=ALP", {"alpha"}), ("q=7731", {"beta"}),
    ("health=attention", {"beta"}),
    ("health=healthy", {"alpha", "gamma"}), ("connector=treasure_data", {"alpha", "beta", "gamma"}),
    ("connector=fax", set()),
])  # fmt: skip
def test_the_list_is_filtered(client_logged_in: Client, query: str, names: set[str]) -> None:
    make_authentication(name="alpha", health="healthy")
    make_authentication(name="beta", health="unreachable", account="7731 · host")
    make_authentication(name="gamma")
    make_authentication(name=None)
    rows = client_logged_in.get(f"{reverse('authentications')}?{query}").context["rows"]
    assert {row.authentication.name for row in rows} == names


def test_the_list_asks_the_same_few_questions_whatever_its_length(
    client_logged_in: Client, used: None, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        make_authentication()
    with django_assert_max_num_queries(20):
        client_logged_in.get(reverse("authentications"))


def test_check_all_asks_every_destination(client_logged_in: Client, service: StandIn) -> None:
    good = make_authentication(keys={"endpoint": service.url}, secrets={"apikey": MASTER})
    bad = make_authentication(keys={"endpoint": service.url}, secrets={"apikey": "9/" + "e" * 40})
    page = client_logged_in.post(reverse("authentications_check"), follow=True).content.decode()
    assert "1 accepted, 1 needs attention" in page
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.health, bad.health) == ("healthy", "reconnect")


def test_check_all_does_not_hold_the_page_for_ever(
    client_logged_in: Client, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", -1)
    saved = make_authentication(keys={"endpoint": service.url}, secrets={"apikey": MASTER}, health="slow")
    page = client_logged_in.post(reverse("authentications_check"), follow=True).content.decode()
    assert "0 accepted, 0 need attention. 1 not checked for want of time: press Check all again" in page
    saved.refresh_from_db()
    assert saved.health == "slow"
    assert service.requests == []


def test_anybody_may_test_what_anybody_may_use(client_logged_in: Client, service: StandIn) -> None:
    foreign = make_authentication(keys={"endpoint": service.url}, secrets={"apikey": MASTER})
    client_logged_in.post(reverse("authentication_test", args=[foreign.pk]))
    foreign.refresh_from_db()
    assert foreign.health == "healthy"
    assert foreign.detail == "master key"


def test_a_planted_key_is_on_no_page_in_no_log_and_in_no_dump(
    client_logged_in: Client, service: StandIn, user: User, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    canary = "1/" + "ca9a57" * 6 + "cafe"
    caplog.set_level("DEBUG")
    pages = [
        post(client_logged_in, NEW, action, apikey=canary, endpoint=service.url).content
        for action in ("test", "continue")
    ]
    saved = make_authentication(owner=user, keys={"endpoint": service.url}, secrets={"apikey": canary})
    names = ("authentication_edit", "authentication_reconnect", "authentication_delete")
    pages += [client_logged_in.get(reverse(name, args=[saved.pk])).content for name in names]
    client_logged_in.post(reverse("authentication_test", args=[saved.pk]))
    pages.append(client_logged_in.get(reverse("authentications")).content)
    call_command("dumpdata")
    dump, _ = capsys.readouterr()
    line: Any = settings.LOGGING["formatters"]["line"]  # type: ignore[index]
    formatter = import_string(line["()"])(line["format"])  # the one every handler of the console uses
    logged = "\n".join(formatter.format(record) for record in caplog.records)
    for text in (*[page.decode() for page in pages], logged, dump):
        assert canary not in text
        assert canary[2:] not in text
