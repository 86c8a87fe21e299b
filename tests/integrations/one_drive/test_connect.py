"""Connecting an account: from the button to a named authentication, and every way in which it ends without one."""

import re
from datetime import timedelta
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from social_django.models import UserSocialAuth

from console.accounts.models import User
from integrations.models import Approval, Authentication, SignIn
from integrations.redaction import RedactingFormatter
from tests.integrations.one_drive.conftest import BUSINESS, agree, make_account, visit
from tests.standins.microsoft import Fault, StandIn
from tests.standins.microsoft.world import FABRIKAM

REGISTRATION = "Microsoft does not accept this console&#x27;s app registration."
NEW = "/integrations/authentications/new/?connector=one_drive"
HTMX = {"HX-Request": "true", "HX-Target": "connect"}


def begin(client: Client, dialog: str = NEW, plan: str = "business", **data: str) -> SignIn:
    page = client.post(reverse("oauth_start"), {"dialog": dialog, "plan": plan, **data}, headers=HTMX)
    assert page.status_code == 200, page.content
    sign_in = SignIn.objects.latest("pk")
    assert f'data-sign-in="{sign_in.state}"' in page.content.decode()
    return sign_in


def come_back(client: Client, url: str) -> Any:
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == "http://testserver"
    return client.get(f"{parts.path}?{parts.query}", follow=True)


def connect(client: Client, account: str = "kate.tiny@contoso.com", **options: str) -> SignIn:
    sign_in = begin(client, **options)
    come_back(client, agree(sign_in.address, account))
    sign_in.refresh_from_db()
    return sign_in


def test_an_account_is_connected_named_and_used(
    client_logged_in: Client, microsoft: StandIn, user: User
) -> None:
    assert "Select a connected account" in client_logged_in.get(NEW).content.decode()
    sign_in = begin(client_logged_in)
    asked = parse_qs(urlsplit(sign_in.address).query)
    assert asked["prompt"] == ["select_account"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["scope"] == [BUSINESS]
    status = reverse("oauth_status", args=[sign_in.state])
    assert client_logged_in.get(status, headers=HTMX).status_code == 204

    last = come_back(client_logged_in, agree(sign_in.address, "kate.tiny@contoso.com"))
    assert "kate.tiny@contoso.com is connected. You can close this window." in last.content.decode()
    assert last.headers["Cross-Origin-Opener-Policy"] == "unsafe-none"
    assert "code=" not in last.redirect_chain[-1][0]

    region = client_logged_in.get(status, headers=HTMX).content.decode()
    draft = Authentication.objects.get()
    assert f'<option value="{draft.pk}" selected>kate.tiny@contoso.com · Business</option>' in region
    assert "disabled" not in region[region.index('id="connect-foot"') :]

    named = client_logged_in.post(NEW, {"connection": draft.pk, "action": "continue"}, follow=True)
    assert "Account accepted." in named.content.decode()
    assert "Kate Tiny on OneDrive Business" in named.content.decode()
    client_logged_in.post(reverse("authentication_name", args=[draft.pk]), {"name": "regional-reports"})
    saved = Authentication.objects.get()
    assert (saved.name, saved.owner, saved.account, saved.detail, saved.health) == (
        "regional-reports", user, "kate.tiny@contoso.com", "Business", "healthy",
    )  # fmt: skip
    assert set(saved.secrets()) == {"access_token", "refresh_token"}
    assert saved.secrets()["access_token"] not in str(saved.keys)


def test_the_dialog_names_both_ways_and_every_permission(
    client_logged_in: Client, microsoft: StandIn
) -> None:
    page = client_logged_in.get(NEW).content.decode()
    for text in (
        "Direct User Authentication", "Admin Pre-Approval Required", "Click here to connect to a new account",
        "OAuth connection", "Requested permissions", "Connect an account to continue.", "Business only",
    ):  # fmt: skip
        assert text in page
    for permission in (*BUSINESS.split(), "Files are never deleted."):
        assert permission in page
    assert 'disabled aria-describedby="connect-why">Continue</button>' in page


def test_a_personal_account_is_asked_for_no_sites(client_logged_in: Client, microsoft: StandIn) -> None:
    sign_in = connect(client_logged_in, "michelle@outlook.example", plan="personal")
    assert "/consumers/oauth2/" in sign_in.address
    assert "Sites" not in sign_in.address
    saved = Authentication.objects.get()
    assert (saved.account, saved.detail, saved.keys["account_type"]) == (
        "michelle@outlook.example", "Personal", "personal",
    )  # fmt: skip


def test_secrets_travel_in_bodies_alone_and_end_sealed(
    client_logged_in: Client, microsoft: StandIn, capsys: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    connect(client_logged_in)
    tokens = Authentication.objects.get().secrets()
    (asked,) = [request for request in microsoft.requests if request.path.endswith("/token")]
    assert b"code_verifier=" in asked.body
    assert asked.query == {}
    call_command("dumpdata")
    dump = capsys.readouterr().out
    formatter = RedactingFormatter("%(message)s")
    logged = "\n".join(formatter.format(record) for record in caplog.records)
    for secret in (*tokens.values(), microsoft.app.secret, parse_qs(asked.body.decode())["code_verifier"][0]):
        assert secret not in dump
        assert secret not in logged
        assert all(secret not in f"{request.path} {request.query}" for request in microsoft.requests)
    assert not UserSocialAuth.objects.exists()


def test_many_accounts_and_the_same_one_twice(client_logged_in: Client, microsoft: StandIn) -> None:
    connect(client_logged_in)
    connect(client_logged_in, "michelle@outlook.example", plan="personal")
    connect(client_logged_in)
    page = client_logged_in.get(NEW).content.decode()
    assert page.count("kate.tiny@contoso.com · Business</option>") == 2
    assert page.count("michelle@outlook.example · Personal</option>") == 1


def test_two_tabs_do_not_disturb_each_other(client_logged_in: Client, microsoft: StandIn) -> None:
    first, second = begin(client_logged_in), begin(client_logged_in)
    come_back(client_logged_in, agree(first.address, "kate.tiny@contoso.com"))
    come_back(client_logged_in, agree(second.address, "kate.tiny@contoso.com"))
    assert set(SignIn.objects.values_list("outcome", flat=True)) == {"connected"}


def test_a_saved_account_can_be_chosen_again_and_each_keeps_tokens_of_its_own(
    client_logged_in: Client, microsoft: StandIn, user: User
) -> None:
    saved = make_account(microsoft, microsoft.world.kate, owner=user, name="first")
    page = client_logged_in.get(NEW).content.decode()
    assert f'<option value="{saved.pk}">kate.tiny@contoso.com · Business · as in first</option>' in page
    client_logged_in.post(NEW, {"connection": saved.pk, "action": "continue"})
    draft = Authentication.objects.get(name=None)
    assert draft.credentials() == saved.credentials()
    client_logged_in.post(reverse("authentication_name", args=[draft.pk]), {"name": "second"})
    assert set(Authentication.objects.values_list("name", flat=True)) == {"first", "second"}


def test_nobody_elses_accounts_are_offered_or_taken(client_logged_in: Client, microsoft: StandIn) -> None:
    foreign = make_account(microsoft, microsoft.world.kate)
    assert "kate.tiny" not in client_logged_in.get(NEW).content.decode()
    answer = client_logged_in.post(NEW, {"connection": foreign.pk, "action": "continue"})
    assert answer.status_code == 422
    assert "This account is no longer connected. Select another one." in answer.content.decode()


def test_continue_without_an_account_is_refused_beside_the_field(
    client_logged_in: Client, microsoft: StandIn
) -> None:
    answer = client_logged_in.post(NEW, {"action": "continue"})
    assert answer.status_code == 422
    assert "Select a connected account, or connect to a new one." in answer.content.decode()


def test_without_javascript_the_page_has_the_sign_in_s_link(
    client_logged_in: Client, microsoft: StandIn
) -> None:
    page = client_logged_in.post(
        reverse("oauth_start"), {"dialog": NEW, "plan": "business"}, follow=True
    ).content.decode()
    sign_in = SignIn.objects.get()
    assert f'href="{escape(sign_in.address)}"' in page
    last = come_back(client_logged_in, agree(sign_in.address, "kate.tiny@contoso.com")).content.decode()
    back = re.search(r'<a href="([^"]+)">Back to the dialog</a>', last)
    assert back
    whole = client_logged_in.get(unescape(back[1])).content.decode()
    assert "kate.tiny@contoso.com is connected." in whole
    assert f'<option value="{Authentication.objects.get().pk}" selected>' in whole


# --- refusals, each in its own words --------------------------------------------------------------


def region(client: Client, sign_in: SignIn) -> str:
    return client.get(reverse("oauth_status", args=[sign_in.state]), headers=HTMX).content.decode()


def test_somebody_who_declines_can_try_again_or_ask_an_administrator(
    client_logged_in: Client, microsoft: StandIn
) -> None:
    sign_in = begin(client_logged_in)
    last = come_back(client_logged_in, agree(sign_in.address, "kate.tiny@contoso.com", "cancel"))
    assert "Microsoft sent you back without access." in last.content.decode()
    page = region(client_logged_in, sign_in)
    assert "Microsoft sent you back without access." in page
    assert "AADSTS65004: User declined to consent to access the app." in page
    assert "Get the admin approval link" in page
    assert "Click here to connect to a new account" in page
    assert not Authentication.objects.exists()


@pytest.mark.parametrize(("error", "description", "sentence"), [
    ("consent_required", "AADSTS65001: not consented", "An administrator has to approve the app first."),
    ("access_denied", "AADSTS90094: needs admin", "An administrator has to approve the app first."),
    ("interaction_required", "", "An administrator has to approve the app first."),
    ("invalid_request", "AADSTS50020: not in tenant", "This account is not of a tenant the app serves."),
    ("invalid_request", "AADSTS90002: no tenant", "This account is not of a tenant the app serves."),
    ("invalid_request", "AADSTS50011: redirect", REGISTRATION),
    ("unauthorized_client", "AADSTS50194: single-tenant", REGISTRATION),
    ("invalid_scope", "AADSTS70011: scope", REGISTRATION),
    ("server_error", "AADSTS90033: transient", "Microsoft had a failure of its own."),
    ("temporarily_unavailable", "", "Microsoft had a failure of its own."),
])  # fmt: skip
def test_what_microsoft_sends_the_browser_back_with(
    client_logged_in: Client, microsoft: StandIn, error: str, description: str, sentence: str
) -> None:
    microsoft.authority.redirect_error = {"error": error, "error_description": description}
    sign_in = begin(client_logged_in)
    come_back(client_logged_in, agree(sign_in.address, "kate.tiny@contoso.com"))
    page = region(client_logged_in, sign_in)
    assert sentence in page
    assert description in page
    assert not Authentication.objects.exists()
    if "registration" in sentence:
        assert "http://testserver/integrations/authentications/oauth/callback/" in page
        assert "SENDOFF_MICROSOFT_CLIENT_SECRET" in page


@pytest.mark.parametrize(("status", "error", "number", "sentence"), [
    (400, "invalid_grant", 54005, "The sign-in took too long, or its code was used before."),
    (400, "invalid_grant", 70008, "The sign-in took too long, or its code was used before."),
    (400, "invalid_grant", 501481, "The sign-in took too long, or its code was used before."),
    (401, "invalid_client", 7000215, "Microsoft does not accept this console&#x27;s client secret."),
    (401, "invalid_client", 7000222, "Microsoft does not accept this console&#x27;s client secret."),
    (400, "unauthorized_client", 700016, REGISTRATION),
    (400, "invalid_grant", 65001, "An administrator has to approve the app first."),
    (503, "temporarily_unavailable", 90033, "Microsoft had a failure of its own."),
])  # fmt: skip
def test_what_the_exchange_of_the_code_may_answer(
    client_logged_in: Client, microsoft: StandIn, status: int, error: str, number: int, sentence: str
) -> None:
    microsoft.faults = [Fault("POST .*/token", status=status, code=error, number=number)]
    sign_in = begin(client_logged_in)
    come_back(client_logged_in, agree(sign_in.address, "kate.tiny@contoso.com"))
    assert sentence in region(client_logged_in, sign_in)
    assert not Authentication.objects.exists()


def test_a_profile_that_can_t_be_read_stores_nothing(client_logged_in: Client, microsoft: StandIn) -> None:
    microsoft.faults = [Fault("GET /v1.0/me", status=503)]
    sign_in = connect(client_logged_in)
    assert (sign_in.outcome, sign_in.refusal) == ("refused", "temporary")
    assert not Authentication.objects.exists()


def test_a_sign_in_that_stores_nothing_lasting_is_refused(
    client_logged_in: Client, microsoft: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations.connectors.one_drive.backends import Business

    monkeypatch.setattr(Business, "PERMISSIONS", ("User.Read", "Files.ReadWrite.All"))
    sign_in = connect(client_logged_in)
    assert "offline_access is missing" in region(client_logged_in, sign_in)
    assert not Authentication.objects.exists()


def test_an_answer_is_taken_once(client_logged_in: Client, microsoft: StandIn) -> None:
    sign_in = begin(client_logged_in)
    url = agree(sign_in.address, "kate.tiny@contoso.com")
    come_back(client_logged_in, url)
    again = come_back(client_logged_in, url)
    assert again.status_code == 400
    assert "This sign-in was not begun here, or was answered before." in again.content.decode()
    assert Authentication.objects.count() == 1
    assert microsoft.count("POST .*/token") == 1


def test_an_unknown_state_is_refused(client_logged_in: Client, microsoft: StandIn) -> None:
    answer = client_logged_in.get(reverse("oauth_callback"), {"code": "x", "state": "made-up"})
    assert answer.status_code == 400
    assert "This sign-in was not begun here, or was answered before." in answer.content.decode()
    assert microsoft.count("POST .*/token") == 0


def test_a_state_of_somebody_else_is_worth_nothing(
    client_logged_in: Client, client: Client, microsoft: StandIn, admin: User
) -> None:
    sign_in = begin(client_logged_in)
    url = agree(sign_in.address, "kate.tiny@contoso.com")
    other = Client()
    other.force_login(admin)
    assert "You are no longer logged in to Sendoff" in come_back(other, url).content.decode()
    assert "You are no longer logged in to Sendoff" in come_back(Client(), url).content.decode()
    assert other.get(reverse("oauth_status", args=[sign_in.state])).status_code == 404
    assert microsoft.count("POST .*/token") == 0
    come_back(client_logged_in, url)
    assert Authentication.objects.get().owner == sign_in.owner


def test_a_sign_in_that_was_begun_long_ago_is_over(client_logged_in: Client, microsoft: StandIn) -> None:
    sign_in = begin(client_logged_in)
    url = agree(sign_in.address, "kate.tiny@contoso.com")
    SignIn.objects.update(created_at=timezone.now() - timedelta(hours=1))
    come_back(client_logged_in, url)
    assert "The sign-in took too long" in region(client_logged_in, sign_in)


def test_who_stops_waiting_gets_nothing_from_the_popup(client_logged_in: Client, microsoft: StandIn) -> None:
    sign_in = begin(client_logged_in)
    url = agree(sign_in.address, "kate.tiny@contoso.com")
    page = client_logged_in.post(reverse("oauth_stop", args=[sign_in.state]), headers=HTMX).content.decode()
    assert "Waiting for Microsoft" not in page
    assert "Click here to connect to a new account" in page
    assert "You stopped waiting for this sign-in." in come_back(client_logged_in, url).content.decode()
    assert not Authentication.objects.exists()


def test_a_console_that_is_not_set_up_says_what_to_register(
    client_logged_in: Client, microsoft: StandIn, settings: Any
) -> None:
    settings.MICROSOFT_CLIENT_SECRET = ""
    page = client_logged_in.get(NEW).content.decode()
    for text in (
        "OneDrive is not set up on this console yet.", "SENDOFF_MICROSOFT_CLIENT_SECRET",
        "http://testserver/integrations/authentications/oauth/callback/",
        "http://testserver/integrations/authentications/oauth/approved/", "Files.ReadWrite.All",
    ):  # fmt: skip
        assert text in page
    assert "Click here to connect" not in page
    answer = client_logged_in.post(reverse("oauth_start"), {"dialog": NEW, "plan": "business"}, headers=HTMX)
    assert "is not set up" in answer.content.decode()
    assert not SignIn.objects.exists()


@pytest.mark.parametrize("dialog", [
    "https://evil.example/", "/workbench/queries/", "//evil.example/x", "/nope/",
    "/integrations/authentications/new/?connector=treasure_data", "/integrations/authentications/new/?connector=fax",
])  # fmt: skip
def test_a_sign_in_is_begun_from_a_dialog_of_ours_alone(
    client_logged_in: Client, microsoft: StandIn, dialog: str
) -> None:
    answer = client_logged_in.post(reverse("oauth_start"), {"dialog": dialog, "plan": "business"})
    assert answer.status_code == 404
    assert client_logged_in.get(reverse("oauth_start")).status_code == 405


# --- admin pre-approval ---------------------------------------------------------------------------


def approval_link(client: Client) -> str:
    page = client.get(f"{NEW}&variant=admin", headers=HTMX).content.decode()
    found = re.search(r'id="approval-link"[^>]*value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_an_administrator_approves_and_a_user_then_connects_without_a_consent_screen(
    client_logged_in: Client, microsoft: StandIn
) -> None:
    page = client_logged_in.get(f"{NEW}&variant=admin").content.decode()
    assert "Not approved yet" in page
    assert "Opens after step 1" in page

    # Before, the user's own way ends at "Need admin approval", and then looks like a cancel.
    sign_in = begin(client_logged_in, variant="direct")
    status, shown, _ = visit(sign_in.address.replace("prompt=", "x="), **_form(sign_in, "ronan@fabrikam.com"))
    assert (status, "Need admin approval" in shown) == (200, True)

    link = approval_link(client_logged_in)
    assert "/organizations/v2.0/adminconsent?" in link
    assert "https%3A%2F%2Fgraph.microsoft.com%2FSites.ReadWrite.All" in link
    back = agree(link, "admin@fabrikam.com")
    stranger = come_back(Client(), back).content.decode()  # an administrator without an account here
    assert "is approved for tenant" in stranger
    assert FABRIKAM in stranger

    page = client_logged_in.get(f"{NEW}&variant=admin", headers=HTMX).content.decode()
    assert "Approved" in page
    assert FABRIKAM in page
    assert "Opens after step 1" not in page
    sign_in = begin(client_logged_in, variant="admin")
    status, _, back = visit(sign_in.address.split("?")[0], **_form(sign_in, "ronan@fabrikam.com"))
    assert status == 302
    come_back(client_logged_in, back)
    assert "ronan@fabrikam.com is connected." in region(client_logged_in, sign_in)


def _form(sign_in: SignIn, account: str) -> dict[str, str]:
    query = {name: values[0] for name, values in parse_qs(urlsplit(sign_in.address).query).items()}
    return {**query, "account": account}


def test_a_declined_approval_is_said_so_though_it_calls_itself_consent(
    client_logged_in: Client, microsoft: StandIn
) -> None:
    back = agree(approval_link(client_logged_in), "admin@fabrikam.com", "cancel")
    assert "admin_consent=True" in back
    assert "the approval was declined" in come_back(Client(), back).content.decode()
    page = client_logged_in.get(f"{NEW}&variant=admin", headers=HTMX).content.decode()
    assert "Declined" in page
    assert "AADSTS65004" in page
    assert "Opens after step 1" in page


def test_an_approval_with_a_state_of_nobody_is_refused(microsoft: StandIn, db: None) -> None:
    answer = Client().get(
        reverse("oauth_approved"), {"admin_consent": "True", "tenant": FABRIKAM, "state": "made-up"}
    )
    assert answer.status_code == 400
    assert "not one of this console, or is too old" in answer.content.decode()
    assert not Approval.objects.exists()


# --- edit and reconnect ---------------------------------------------------------------------------


def test_reconnect_keeps_the_id_and_takes_new_tokens(
    client_logged_in: Client, microsoft: StandIn, user: User
) -> None:
    saved = make_account(
        microsoft, microsoft.world.kate, owner=user, name="kept", health="reconnect", health_message="revoked"
    )
    old = saved.secrets()
    microsoft.authority.revoke(microsoft.world.kate)
    dialog = reverse("authentication_reconnect", args=[saved.pk])
    page = client_logged_in.get(dialog).content.decode()
    assert "Click here to sign in as kate.tiny@contoso.com" in page
    assert 'disabled aria-describedby="connect-why">Done</button>' in page
    sign_in = connect(client_logged_in, dialog=dialog)
    assert "kate.tiny@contoso.com is connected." in region(client_logged_in, sign_in)
    client_logged_in.post(dialog, {"action": "continue"})
    saved.refresh_from_db()
    assert (saved.name, saved.health) == ("kept", "healthy")
    assert saved.secrets() != old
    assert Authentication.objects.count() == 1


def test_reconnect_with_another_account_changes_nothing(
    client_logged_in: Client, microsoft: StandIn, user: User
) -> None:
    saved = make_account(microsoft, microsoft.world.kate, owner=user, health="reconnect")
    microsoft.world.ronan.tenant.approved = True  # type: ignore[union-attr]
    sign_in = connect(
        client_logged_in, "ronan@fabrikam.com", dialog=reverse("authentication_reconnect", args=[saved.pk])
    )
    page = region(client_logged_in, sign_in)
    assert "You signed in with another account than before." in page
    assert "This authentication belongs to kate.tiny@contoso.com" in page
    saved.refresh_from_db()
    assert (saved.account, saved.health) == ("kate.tiny@contoso.com", "reconnect")


def test_nobody_reconnects_what_is_somebody_elses(client_logged_in: Client, microsoft: StandIn) -> None:
    foreign = make_account(microsoft, microsoft.world.kate)
    dialog = reverse("authentication_reconnect", args=[foreign.pk])
    answer = client_logged_in.post(reverse("oauth_start"), {"dialog": dialog, "plan": "business"})
    assert answer.status_code == 403
    assert not SignIn.objects.exists()


def test_edit_changes_the_name_or_the_account(
    client_logged_in: Client, microsoft: StandIn, user: User
) -> None:
    saved = make_account(microsoft, microsoft.world.kate, owner=user, name="old name")
    other = make_account(microsoft, microsoft.world.michelle, owner=user, name="private")
    dialog = reverse("authentication_edit", args=[saved.pk])
    page = client_logged_in.get(dialog).content.decode()
    assert f'<option value="{saved.pk}" selected>' in page
    client_logged_in.post(dialog, {"name": "new name", "connection": saved.pk, "action": "continue"})
    saved.refresh_from_db()
    assert (saved.name, saved.account) == ("new name", "kate.tiny@contoso.com")
    client_logged_in.post(dialog, {"name": "new name", "connection": other.pk, "action": "continue"})
    saved.refresh_from_db()
    assert (saved.account, saved.credentials()) == ("michelle@outlook.example", other.credentials())


def test_check_all_asks_for_accounts_too(microsoft: StandIn, transactional_db: None, client: Client) -> None:
    good = make_account(microsoft, microsoft.world.kate)
    bad = make_account(microsoft, microsoft.world.michelle)
    microsoft.authority.revoke(microsoft.world.michelle)
    client.force_login(good.owner)
    client.post(reverse("authentications_check"))
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.health, bad.health) == ("healthy", "reconnect")
    assert (
        "Microsoft no longer accepts the refresh token (invalid_grant, AADSTS50173). Reconnect."
        in bad.health_message
    )
