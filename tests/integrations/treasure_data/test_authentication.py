"""API Key and API Hostname, and the test that says which kind of key it is."""

from typing import Any

import pytest

from integrations.connectors.treasure_data.authentication import SERVERS, AuthenticationForm, check
from integrations.connectors.treasure_data.client import endpoint
from integrations.errors import CredentialsError
from tests.integrations.treasure_data.stand_in import WRITE_ONLY, StandIn

KEY = "1/" + "0123456789abcdef0123456789abcdef01234567"


def form(**keys: str) -> AuthenticationForm:
    return AuthenticationForm({"apikey": KEY, "endpoint": "", **keys})


@pytest.mark.parametrize(
    "host", ["", *(host for _, host in SERVERS), "api.ap02.treasuredata.com", "https://td.example.com:8443/"]
)
def test_documented_servers_and_other_hosts_are_accepted(host: str) -> None:
    assert form(endpoint=host).is_valid()


def test_this_console_is_offered_and_accepted(settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    assert ("This console", "http://127.0.0.1:8000") in form().suggestions("endpoint")
    assert form(endpoint="http://127.0.0.1:8000").is_valid()


@pytest.mark.parametrize("host", ["http://example.com", "http://127.0.0.1:9999", "http://169.254.169.254"])
def test_plain_http_is_for_this_console_and_allowed_hosts_only(host: str, settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = []
    refused = form(endpoint=host)
    assert not refused.is_valid()
    assert "is not reached over HTTPS" in refused.errors["endpoint"][0]


@pytest.mark.parametrize(
    "host",
    [
        "https://user:pw@host",
        "ftp://host",
        "https://host/path",
        "a b",
        "https://host:99999",
        "a..b",
        ".a",
        "x" * 64 + ".example",
        ".".join(["x" * 60] * 4) + ".com.example",
    ],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    assert "Enter a host such as" in form(endpoint=host).errors["endpoint"][0]


@pytest.mark.parametrize("key", ["nonsense", "0/" + "a" * 40, "1/" + "A" * 40, "1/" + "a" * 39])
def test_a_key_of_another_shape_is_refused_and_not_repeated(key: str) -> None:
    refused = form(apikey=key)
    assert str(refused.errors["apikey"][0]).startswith("This does not look like a Treasure Data API key.")
    assert key not in str(refused)


def test_a_blank_key_keeps_the_stored_one() -> None:
    edited = AuthenticationForm({"apikey": "", "endpoint": ""}, stored_secrets={"apikey": KEY})
    assert edited.is_valid()
    assert edited.secrets() == {"apikey": KEY}
    assert edited.settings() == {"endpoint": ""}
    assert KEY not in edited.as_p()


@pytest.mark.parametrize(("text", "url"), [
    ("", "https://api.treasuredata.com/"),
    ("api.treasuredata.co.jp", "https://api.treasuredata.co.jp/"),
    ("http://127.0.0.1:8000//", "http://127.0.0.1:8000/"),
])  # fmt: skip
def test_an_address_ends_in_exactly_one_slash(text: str, url: str) -> None:
    assert endpoint(text) == url


def test_the_test_names_the_kind_of_key(service: StandIn, credentials: Any) -> None:
    found = check(credentials)
    assert found.detail == "master key"
    assert found.account.startswith("1 · 127.0.0.1:")
    assert "Append and Replace work with this key." in found.message
    found = check({**credentials, "apikey": WRITE_ONLY})
    assert found.detail == "write-only key"
    assert "Replace needs the master key." in found.message


def test_a_refused_validation_means_a_write_only_key(service: StandIn, credentials: Any) -> None:
    service.forbid_validate = True
    assert check({**credentials, "apikey": WRITE_ONLY}).detail == "write-only key"


def test_a_rejected_key_says_what_to_check(service: StandIn, credentials: Any) -> None:
    with pytest.raises(CredentialsError, match="rejected the API key, or the key belongs to another region"):
        check({**credentials, "apikey": KEY})
