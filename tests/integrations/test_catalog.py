from django.test import Client
from django.urls import reverse

from integrations import registry
from tests.factories import make_authentication

HTMX = {"HX-Request": "true", "HX-Target": "catalog"}


def test_it_shows_every_connector_of_this_build_and_no_other(client_logged_in: Client) -> None:
    page = client_logged_in.get(reverse("catalog")).content.decode()
    assert page.count("<article") == len(registry.connectors())
    for connector in registry.connectors():
        assert connector.tile.name in page
        assert f"?connector={connector.tile.key}" in page


def test_a_tile_leads_to_its_authentications(client_logged_in: Client) -> None:
    make_authentication()
    make_authentication()
    page = client_logged_in.get(reverse("catalog")).content.decode()
    assert "2 authentications" in page


def test_search_answers_with_the_tiles_alone(client_logged_in: Client) -> None:
    found = client_logged_in.get(reverse("catalog"), {"q": "treasure data"}, headers=HTMX).content.decode()
    assert "<article" in found
    assert "<html" not in found
    assert 'hx-swap-oob="true"' in found


def test_no_match_keeps_the_search_and_offers_to_clear_it(client_logged_in: Client) -> None:
    page = client_logged_in.get(reverse("catalog"), {"q": "fax <b>"}).content.decode()
    assert "No integration matches" in page
    assert "Clear search" in page
    assert "fax <b>" not in page


def test_a_category_narrows_the_list(client_logged_in: Client) -> None:
    assert "<article" in client_logged_in.get(reverse("catalog"), {"category": "Databases"}).content.decode()
    assert "<article" not in client_logged_in.get(reverse("catalog"), {"category": "Fax"}).content.decode()


def test_nobody_sees_it_without_signing_in(client: Client, db: None) -> None:
    assert client.get(reverse("catalog")).status_code == 302
