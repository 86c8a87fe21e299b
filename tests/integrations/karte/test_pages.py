"""The dialogs of KARTE as pages: the key file goes up, nothing of it comes back, and the settings are asked for."""

import json
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from console.accounts.models import User
from integrations.models import Authentication
from tests.factories import make_authentication, make_query
from tests.standins.gcs import BUCKET, StandIn
from tests.standins.gcs.accounts import private_key

pytestmark = pytest.mark.django_db
NEW = "/integrations/authentications/new/?connector=karte"
Upload = Callable[..., SimpleUploadedFile]


@pytest.fixture
def upload(service: StandIn) -> Upload:
    return lambda text=None: SimpleUploadedFile("key.json", (text or service.key_file()).encode())


def test_the_form_goes_up_as_one_with_a_file(client_logged_in: Client) -> None:
    page = client_logged_in.get(NEW).content.decode()
    assert 'enctype="multipart/form-data" hx-encoding="multipart/form-data"' in page
    assert "JSON Credential" in page
    assert 'type="file" name="json_keyfile_file"' in page
    plain = client_logged_in.get(
        "/integrations/authentications/new/?connector=treasure_data"
    ).content.decode()
    assert "multipart" not in plain


def test_a_draft_is_made_from_an_uploaded_file(
    client_logged_in: Client, service: StandIn, upload: Upload
) -> None:
    answer = client_logged_in.post(NEW, {"json_keyfile_file": upload(), "action": "continue"})
    assert answer.status_code == 302
    draft = Authentication.objects.get()
    assert answer["Location"] == f"/integrations/authentications/{draft.pk}/name/"
    assert json.loads(draft.secrets()["json_keyfile"])["client_email"] == service.writer.email
    assert (draft.account, draft.health) == (service.writer.email, "healthy")
    assert draft.keys == {}
    assert "PRIVATE KEY" not in draft.sealed


def test_the_test_button_keeps_the_key_and_shows_whose_it_is(
    client_logged_in: Client, service: StandIn, upload: Upload
) -> None:
    answer = client_logged_in.post(NEW, {"json_keyfile_file": upload(), "action": "test"}, follow=True)
    page = answer.content.decode()
    assert f"Google accepts the key of {service.writer.email}" in page
    assert 'placeholder="Unchanged"' in page
    assert "PRIVATE KEY" not in page
    again = client_logged_in.post(answer.request["PATH_INFO"], {"json_keyfile": "", "action": "continue"})
    assert again.status_code == 302


@pytest.mark.parametrize(("text", "sentence"), [
    ("%PDF", "This is not a JSON key file."),
    ('{"type": "authorized_user"}', "Use a service account key (type service_account)."),
])  # fmt: skip
def test_a_wrong_file_is_named_beside_the_field(
    client_logged_in: Client, upload: Upload, text: str, sentence: str
) -> None:
    answer = client_logged_in.post(NEW, {"json_keyfile_file": upload(text), "action": "continue"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Authentication.objects.exists()


def test_nothing_given_asks_for_the_key(client_logged_in: Client) -> None:
    answer = client_logged_in.post(NEW, {"json_keyfile": "", "action": "continue"})
    assert answer.status_code == 422
    assert "Paste the JSON key of the service account, or choose its file." in answer.content.decode()


def test_a_rejected_key_is_told_in_google_s_words_and_can_be_kept(
    client_logged_in: Client, service: StandIn, upload: Upload
) -> None:
    file = upload()
    service.writer.key = private_key("another")
    answer = client_logged_in.post(NEW, {"json_keyfile_file": file, "action": "continue"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Google rejected this key (revoked or deleted key, or wrong clock)." in page
    assert "Continue anyway" in page
    assert "PRIVATE KEY" not in page


def test_reconnect_takes_a_new_file_and_keeps_the_id(
    client: Client, user: User, service: StandIn, upload: Upload
) -> None:
    authentication = make_authentication(
        owner=user, connector="karte", name="onsite", secrets={"json_keyfile": "old"}
    )
    client.force_login(user)
    address = f"/integrations/authentications/{authentication.pk}/reconnect/"
    assert "multipart/form-data" in client.get(address).content.decode()
    answer = client.post(address, {"name": "onsite", "json_keyfile_file": upload(), "action": "save"})
    assert answer.status_code == 302
    authentication.refresh_from_db()
    assert json.loads(authentication.secrets()["json_keyfile"])["client_email"] == service.writer.email
    assert authentication.health == "healthy"


# --- Export Results -----------------------------------------------------------------------------------

SETTINGS = {
    "bucket": BUCKET, "path_prefix": "/output/test.csv", "format": "csv", "compression": "", "header_line": "on",
    "delimiter": ",", "null_string": "", "newline": "CRLF",
}  # fmt: skip


@pytest.fixture
def address(client: Client, user: User, service: StandIn) -> str:
    client.force_login(user)
    query = make_query(owner=user)
    secrets = {"json_keyfile": service.key_file()}
    authentication = make_authentication(owner=user, connector="karte", secrets=secrets)
    return f"/workbench/queries/{query.pk}/export/{authentication.pk}/"


def options(page: str, name: str) -> list[str]:
    """The values a select or a set of radios offers."""
    if found := re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL):
        return re.findall(r'<option value="(.*?)"', found[0])
    return re.findall(rf'<input type="radio" name="{name}" value="(.*?)"', page)


def test_the_dialog_shows_the_documents_fields_and_their_defaults(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    assert options(page, "format") == ["csv", "tsv"]
    assert options(page, "compression") == ["", "gz", "encryption_pgp"]
    assert options(page, "delimiter") == [",", "\\t", "|"]
    assert options(page, "null_string") == ["", "\\N"]
    assert options(page, "newline") == ["CRLF", "LF", "CR"]
    shown = re.findall(r'<input type="(?:radio|checkbox)" name="(\w+)"(?: value="(\w+)")?[^>]*checked', page)
    assert {("format", "csv"), ("newline", "CRLF"), ("header_line", "")} <= set(shown)
    for text in (
        "Bucket",
        "Path",
        "Encoders",
        "Delimiter",
        "Null String",
        "End-of-line character",
        "Header line",
    ):
        assert text in page
    for absent in ("Quote Policy", "Max Retries", "json_keyfile"):
        assert absent not in page


def test_done_saves_the_settings_once_google_agrees(client: Client, address: str, service: StandIn) -> None:
    service.writer.permissions[BUCKET] = set()
    refused = client.post(address, SETTINGS)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert f"{service.writer.email} has no permission to write to samplebucket." in page
    assert "storage.objects.create" in page
    service.writer.permissions[BUCKET] = {"storage.objects.create"}
    assert client.post(address, SETTINGS).status_code == 302


def test_a_bucket_that_does_not_exist_stands_beside_its_field(client: Client, address: str) -> None:
    refused = client.post(address, {**SETTINGS, "bucket": "nowhere"})
    assert refused.status_code == 422
    assert "Bucket nowhere does not exist (or this account cannot see it)." in refused.content.decode()


@pytest.mark.parametrize(("values", "shown"), [
    ({}, "Stored as <span class=\"mono\">gs://samplebucket/output/test.csv</span>"),
    ({"path_prefix": "../../x/y.csv.gz"}, "gs://samplebucket/../x/y.csv.gz"),
    ({"path_prefix": ""}, ""),
    ({"bucket": "gs://b"}, ""),
])  # fmt: skip
def test_the_address_that_results_is_shown_while_it_is_typed(
    client: Client, address: str, values: dict[str, str], shown: str
) -> None:
    answer = client.post(f"{address}preview/", {**SETTINGS, **values}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    told = page[page.index('id="export-address"') :].partition("</p>")[0]
    assert shown in told
    assert ("gs://" in told) == bool(shown)


def test_preview_asks_google_nothing(client: Client, address: str, service: StandIn) -> None:
    client.post(f"{address}preview/", SETTINGS, headers={"HX-Request": "true"})
    assert service.requests == []
