"""The Export Results dialog with OneDrive: what is shown, filled in, browsed and refused."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.accounts.models import User
from console.workbench.models import Query
from integrations.models import Authentication
from tests.factories import make_authentication, make_query
from tests.integrations.one_drive.conftest import make_account, make_settings
from tests.standins.microsoft import StandIn

HTMX = {"HX-Request": "true"}


@pytest.fixture
def kate(microsoft: StandIn, user: User) -> Authentication:
    return make_account(microsoft, microsoft.world.kate, owner=user, name="regional-reports")


@pytest.fixture
def query(user: User) -> Query:
    return make_query(owner=user)


def address(query: Query, authentication: Authentication, part: str = "settings") -> str:
    name = "query_export_settings" if part == "settings" else f"query_export_{part}"
    return reverse(name, args=[query.pk, authentication.pk])


def posted(**changes: Any) -> dict[str, Any]:
    settings = {**make_settings(), **changes}
    return {name: value for name, value in settings.items() if value is not None}


def test_the_dialog_shows_every_field_and_the_account(
    client_logged_in: Client, query: Query, kate: Authentication
) -> None:
    page = client_logged_in.get(address(query, kate)).content.decode()
    assert "OneDrive · regional-reports · kate.tiny@contoso.com" in page
    for label in ("OneDrive Account Plan", "Domain Name", "Amor", "Initial Retry Time Wait In Millies"):
        assert label in page
    assert 'data-when="account_type" data-when-is="business"' in page
    assert f'hx-post="{reverse("export_browse", args=[kate.pk])}"' in page
    assert '<span class="sfx mono" id="export-suffix">.csv</span>' in page


def test_the_plan_of_the_account_is_chosen_at_first(
    client_logged_in: Client, microsoft: StandIn, query: Query, user: User
) -> None:
    michelle = make_account(microsoft, microsoft.world.michelle, owner=user)
    page = client_logged_in.get(address(query, michelle)).content.decode()
    assert re.findall(r'name="account_type" value="(\w+)"[^>]* checked', page) == ["personal"]


def test_done_keeps_the_settings_and_drops_what_is_hidden(
    client_logged_in: Client, query: Query, kate: Authentication
) -> None:
    answer = client_logged_in.post(address(query, kate), posted(compression="gz"))
    assert answer.status_code == 302, answer.content.decode()
    query.refresh_from_db()
    assert query.export_authentication == kate
    assert query.export_settings == make_settings(compression="gz")


def test_what_the_destination_knows_better_stands_beside_its_field(
    client_logged_in: Client, query: Query, kate: Authentication
) -> None:
    data = posted(domain_name="contoso.sharepoint.com", server_relative_path="/sites/Nowhere")
    answer = client_logged_in.post(address(query, kate), data)
    assert answer.status_code == 422
    assert "No site /sites/Nowhere on contoso.sharepoint.com." in answer.content.decode()
    query.refresh_from_db()
    assert query.export_settings == {}


def test_a_pasted_address_tells_the_browser_what_to_fill_in(
    client_logged_in: Client, query: Query, kate: Authentication
) -> None:
    pasted = "https://contoso.sharepoint.com/sites/Marketing/Reports/Q3"
    url = f"{address(query, kate, 'validate')}?field=folder_address"
    answer = client_logged_in.post(url, posted(folder_address=pasted), headers=HTMX)
    assert json.loads(answer.headers["HX-Trigger"])["settings:fill"] == {
        "account_type": "business", "domain_name": "contoso.sharepoint.com",
        "server_relative_path": "/sites/Marketing", "folder_path": "/Reports/Q3",
    }  # fmt: skip
    assert pasted not in answer.content.decode()
    wrong = client_logged_in.post(url, posted(folder_address="nonsense"), headers=HTMX)
    assert "Paste the whole address" in wrong.content.decode()
    assert "HX-Trigger" not in wrong.headers


def test_the_extension_follows_the_format(
    client_logged_in: Client, query: Query, kate: Authentication
) -> None:
    answer = client_logged_in.post(
        address(query, kate, "preview"), posted(format="tsv", compression="bzip2"), headers=HTMX
    )
    assert 'id="export-suffix" hx-swap-oob="true">.tsv.bz2</span>' in answer.content.decode()


def test_folders_are_browsed_step_by_step(
    client_logged_in: Client, microsoft: StandIn, kate: Authentication
) -> None:
    microsoft.world.kate.drive.root.add("Reports").add('Q3 "final"')
    url = reverse("export_browse", args=[kate.pk])
    page = client_logged_in.post(url, posted(folder_path=""), headers=HTMX).content.decode()
    assert 'data-pick="/Reports" data-for="id_folder_path"' in page
    page = client_logged_in.post(
        url, posted(folder_path="/Reports", file_name=""), headers=HTMX
    ).content.decode()
    assert "Q3 &quot;final&quot;" in page
    assert 'aria-current="true">Reports</button>' in page


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"domain_name": ""}, "Fill in Domain Name first."),
    ({"server_relative_path": "/x"}, "Fill in Relative Path first."),
    ({"folder_path": "/Nowhere"}, "/Nowhere does not exist yet."),
    ({"account_type": "personal"}, "This connection is a business account."),
])  # fmt: skip
def test_where_there_is_nothing_to_browse_it_is_said_why(
    client_logged_in: Client, kate: Authentication, changes: Any, sentence: str
) -> None:
    url = reverse("export_browse", args=[kate.pk])
    assert sentence in client_logged_in.post(url, posted(**changes), headers=HTMX).content.decode()


def test_a_connector_without_folders_has_none_to_browse(client_logged_in: Client) -> None:
    treasure = make_authentication()
    assert client_logged_in.post(reverse("export_browse", args=[treasure.pk])).status_code == 404
    assert client_logged_in.get(reverse("export_browse", args=[treasure.pk])).status_code == 405
