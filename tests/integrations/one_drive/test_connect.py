"""Connecting an account: from the button to a named authentication, and every way in which it ends without one."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client
from django.urls import reverse

from console.accounts.models import User
from integrations.models import Authentication, SignIn
from tests.integrations.one_drive.conftest import BUSINESS, agree
from tests.standins.microsoft import StandIn

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
