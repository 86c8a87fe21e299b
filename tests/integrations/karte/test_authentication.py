"""JSON Credential: pasted or uploaded, completed, checked for shape, and tested against the token endpoint."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from pytest_django.fixtures import Settings

from integrations.connectors.karte import key_file
from integrations.connectors.karte.authentication import AuthenticationForm, check
from integrations.errors import CredentialsError, TemporaryError
from integrations.redaction import redact
from tests.standins.gcs import Fault, StandIn
from tests.standins.gcs.accounts import Account, private_key

EMAIL = "exporter@some-project.iam.gserviceaccount.com"
TOKEN_URI = "https://oauth2.googleapis.com/token"


def make_key(**changes: Any) -> dict[str, Any]:
    account = Account(EMAIL, private_key("exporter"), "ABCDEFGHIJ", {})
    members = account.key_file(TOKEN_URI) | changes
    return {name: value for name, value in members.items() if value is not None}


def form(text: str, **options: Any) -> AuthenticationForm:
    return AuthenticationForm({"json_keyfile": text}, **options)


def stored(text: str) -> dict[str, Any]:
    bound = form(text)
    assert bound.is_valid(), bound.errors
    found: dict[str, Any] = json.loads(bound.secrets()["json_keyfile"])
    return found


def refusal(text: str) -> str:
    bound = form(text)
    assert not bound.is_valid()
    return str(bound.errors["json_keyfile"][0])


def test_the_one_field_is_the_documents() -> None:
    assert [(field.name, field.label) for field in AuthenticationForm()] == [
        ("json_keyfile", "JSON Credential")
    ]


def test_a_pasted_key_is_kept_as_it_is() -> None:
    assert stored(json.dumps(make_key(), indent=2)) == make_key(project_id="sample-project")


def test_an_uploaded_file_is_as_good_and_wins_over_the_text_area() -> None:
    file = SimpleUploadedFile("key.json", b"\xef\xbb\xbf" + json.dumps(make_key()).encode())
    for text in ("", "something else"):
        bound = AuthenticationForm({"json_keyfile": text}, files={"json_keyfile_file": file})
        assert bound.is_valid(), bound.errors
        assert json.loads(bound.secrets()["json_keyfile"]) == make_key()
        file.seek(0)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 70_000, b"%PDF-1.7"])
def test_another_file_is_refused(content: bytes) -> None:
    bound = AuthenticationForm({}, files={"json_keyfile_file": SimpleUploadedFile("key.json", content)})
    assert not bound.is_valid()
    assert bound.errors["json_keyfile"] == ["This is not a JSON key file."]


def test_the_documents_example_without_token_uri_and_project_is_completed() -> None:
    sample = {
        name: make_key()[name]
        for name in ("private_key_id", "private_key", "client_email", "client_id", "type")
    }
    found = stored(json.dumps(sample))
    assert found["token_uri"] == TOKEN_URI
    assert found["project_id"] == "some-project"
    nameless = stored(json.dumps(sample | {"client_email": "ABCDEFGHIJ@developer.gserviceaccount.com"}))
    assert nameless["project_id"] == ""


def test_line_ends_written_as_backslash_and_n_are_repaired() -> None:
    pem = make_key()["private_key"]
    assert stored(json.dumps(make_key(private_key=pem.replace("\n", "\\n"))))["private_key"] == pem


def test_real_line_ends_inside_the_string_and_json_within_json_are_understood() -> None:
    assert stored(json.dumps(make_key()).replace("\\n", "\n"))["private_key"] == make_key()["private_key"]
    assert stored(json.dumps(json.dumps(make_key()))) == make_key()


def elliptic() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, none).decode()


@pytest.mark.parametrize(("text", "sentence"), [
    ("nonsense", "This is not a JSON key file."),
    ("[1, 2]", "This is not a JSON key file."),
    ("null", "This is not a JSON key file."),
    ('"text"', "This is not a JSON key file."),
    ("[" * 60_000, "This is not a JSON key file."),
    (json.dumps(make_key(type="authorized_user")), "Use a service account key (type service_account)."),
    (json.dumps(make_key(type=None)), "Use a service account key (type service_account)."),
    (json.dumps(make_key(client_email=None)), "The key file has no client_email."),
    (json.dumps(make_key(private_key="")), "The key file has no private_key."),
    (json.dumps(make_key(private_key=7)), "The key file has no private_key."),
    (json.dumps(make_key(private_key="ABCDEFGHIJ")), "The private key in this file cannot be read."),
    (json.dumps(make_key(private_key=elliptic())), "The private key in this file cannot be read."),
    (json.dumps(make_key(universe_domain="a.example")), "This key is for a.example. Use a key of Google Cloud."),
])  # fmt: skip
def test_what_is_no_usable_key_is_named(text: str, sentence: str) -> None:
    assert refusal(text) == sentence


@pytest.mark.parametrize("uri", [
    "https://evil.example/token", "http://oauth2.googleapis.com/token", "https://oauth2.googleapis.com.evil.example/",
    "https://oauth2.googleapis.com@evil.example/", "https://oauth2.googleapis.com:8443/token", "http://169.254.169.254/",
    "file:///etc/passwd", "https://[", "token",
])  # fmt: skip
def test_a_key_that_leads_elsewhere_than_to_google_is_refused(uri: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = []
    sentence = refusal(json.dumps(make_key(token_uri=uri)))
    assert sentence.startswith("The token_uri of this key file leads to ")
    assert "SENDOFF_ALLOW_PRIVATE_HOSTS" in sentence


@pytest.mark.parametrize("uri", [
    TOKEN_URI, "https://accounts.google.com/o/oauth2/token", "https://www.googleapis.com/oauth2/v4/token",
    "http://127.0.0.1:9400/token", "https://token.example/",
])  # fmt: skip
def test_google_and_what_an_operator_allows_are_asked(uri: str, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1:9400", "token.example"]
    assert stored(json.dumps(make_key(token_uri=uri)))["token_uri"] == uri


def test_a_blank_field_keeps_the_stored_key_and_nothing_of_it_is_shown() -> None:
    kept = {"json_keyfile": json.dumps(make_key())}
    bound = AuthenticationForm({"json_keyfile": ""}, files={}, stored_secrets=kept)
    assert bound.is_valid()
    assert bound.secrets() == kept
    refused = form(json.dumps(make_key(type="other")), stored_secrets=kept)
    assert not refused.is_valid()
    for shown in (bound, refused, AuthenticationForm.shown(kept)):
        page = render_to_string("integrations/export_form.html", {"form": shown})
        assert "PRIVATE KEY" not in page
        assert EMAIL not in page


def test_the_page_offers_a_text_area_and_a_file_input_with_names_of_their_own() -> None:
    page = render_to_string("integrations/export_form.html", {"form": AuthenticationForm()})
    assert AuthenticationForm().is_multipart()
    assert '<textarea name="json_keyfile"' in page
    assert 'type="file" name="json_keyfile_file"' in page
    assert 'for="id_json_keyfile_0"' in page
    assert '<label class="s12 t2" for="id_json_keyfile_1">Or choose the file</label>' in page
    assert "required" not in page.replace("requiredField", "")


def test_the_private_key_is_kept_out_of_every_log() -> None:
    key_file.KeyFile.read(json.dumps(make_key()))
    line = make_key()["private_key"].splitlines()[3]
    assert redact(f"failed with {line}") == "failed with [secret]"


# --- the test of the key, over real HTTP -----------------------------------------------------------


def test_an_accepted_key_says_whose_it_is_and_what_is_not_tested(service: StandIn, credentials: Any) -> None:
    found = check(credentials)
    assert found.account == service.writer.email
    assert found.detail == "sample-project"
    assert f"Google accepts the key of {service.writer.email}, answered in" in found.message
    assert "tested with the bucket" in found.message
    assert service.requests == ["POST /token"]


def test_a_revoked_or_foreign_key_is_rejected_at_once(service: StandIn, credentials: Any) -> None:
    service.writer.key = private_key("new")
    with pytest.raises(CredentialsError, match="Google rejected this key") as caught:
        check(credentials)
    assert str(caught.value) == "Google rejected this key (revoked or deleted key, or wrong clock)."
    assert "Invalid JWT Signature" in caught.value.response
    assert service.requests == ["POST /token"]


def test_a_wrong_clock_is_part_of_the_sentence(service: StandIn, credentials: Any, monkeypatch: Any) -> None:
    import datetime

    from google.auth import _helpers

    real = _helpers.utcnow
    monkeypatch.setattr(_helpers, "utcnow", lambda: real() - datetime.timedelta(hours=3))
    with pytest.raises(CredentialsError, match="or wrong clock") as caught:
        check(credentials)
    assert "clock" in caught.value.action


def test_a_service_account_that_is_gone_is_named(service: StandIn, credentials: Any) -> None:
    service.accounts.known.clear()
    with pytest.raises(CredentialsError, match=r"^The service account no longer exists\.$") as caught:
        check(credentials)
    assert service.writer.email in caught.value.action


@pytest.mark.parametrize("fault", [Fault("/token", 9, status=503), Fault("/token", 9, status=429)])
def test_a_busy_token_endpoint_is_asked_once_and_is_no_fault_of_the_key(
    service: StandIn, credentials: Any, fault: Fault
) -> None:
    fault.headers = {"Retry-After": "7"}
    service.faults = [fault]
    with pytest.raises(TemporaryError, match="issues no tokens at the moment") as caught:
        check(credentials)
    assert caught.value.retry_after == 7
    assert service.requests == ["POST /token"]


def test_an_unreachable_token_endpoint_is_named(settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1:9 refused the connection"):
        check({"json_keyfile": json.dumps(make_key(token_uri="http://127.0.0.1:9/token"))})


def test_a_private_address_behind_an_allowed_name_is_not_connected_to(
    service: StandIn, credentials: Any, settings: Settings, monkeypatch: Any
) -> None:
    """Google's own name, answered by a resolver of an attacker with an inner address."""
    import socket

    real = socket.getaddrinfo

    def lying(host: str, port: Any, *rest: Any, **named: Any) -> Any:
        return real("127.0.0.1" if host == "oauth2.googleapis.com" else host, port, *rest, **named)

    settings.ALLOW_PRIVATE_HOSTS = []
    settings.GCS_ENDPOINT = "https://storage.googleapis.com"
    monkeypatch.setattr(socket, "getaddrinfo", lying)
    with pytest.raises(CredentialsError, match="is an address of a private network"):
        check({"json_keyfile": json.dumps(make_key())})


def test_a_stored_key_that_is_unusable_is_for_the_user_to_mend() -> None:
    with pytest.raises(CredentialsError, match="This is not a JSON key file"):
        check({"json_keyfile": "lost"})
