"""Account ID, Account Passcode, Region, and the test that proves them."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from integrations.connectors.clevertap import CONNECTOR
from integrations.connectors.clevertap.authentication import AuthenticationForm, check
from integrations.connectors.clevertap.client import Client
from integrations.connectors.clevertap.regions import REGIONS, address
from integrations.errors import CredentialsError, RefusedError, TemporaryError
from tests.integrations.clevertap.conftest import ACCOUNT
from tests.loopback import free_port
from tests.standins.clevertap import Account, Fault, StandIn


def test_the_labels_are_the_documents() -> None:
    labels = [str(field.label) for field in AuthenticationForm.base_fields.values()]
    assert labels == ["Account ID", "Account Passcode", "Region"]


@pytest.mark.parametrize(("keys", "field", "message"), [
    ({"account_id": ""}, "account_id", "Enter the Project ID of the CleverTap account."),
    ({"passcode": ""}, "passcode", "Enter the passcode of the CleverTap account."),
    ({"region": ""}, "region", "Choose the region of the CleverTap account."),
    ({"account_id": "948 4KK"}, "account_id",
     "The Account ID holds a space or a character that is no letter, digit or sign. Copy it again."),
    ({"passcode": "pass–code"}, "passcode",
     "The Account Passcode holds a space or a character that is no letter, digit or sign. Copy it again."),
])  # fmt: skip
def test_an_error_stands_beside_its_field(keys: dict[str, str], field: str, message: str) -> None:
    whole = {"account_id": ACCOUNT, "passcode": "AAA-BBB-CCCC", "region": "in1"}
    form = AuthenticationForm.from_keys({**whole, **keys})
    assert not form.is_valid()
    assert form.errors[field] == [message]


def test_the_passcode_is_a_secret_and_the_rest_is_not() -> None:
    form = AuthenticationForm.from_keys(
        {"account_id": ACCOUNT, "passcode": " AAA-BBB-CCCC ", "region": "in1"}
    )
    assert form.is_valid()
    assert form.settings() == {"account_id": ACCOUNT, "region": "in1"}
    assert form.secrets() == {"passcode": "AAA-BBB-CCCC"}


@pytest.mark.parametrize(("code", "host"), [(code, host) for code, _, host in REGIONS])
def test_each_region_has_its_host(service: StandIn, code: str, host: str) -> None:
    service.accounts = {ACCOUNT: Account(region=code)}
    found = check({"account_id": ACCOUNT, "passcode": "AAA-BBB-CCCC", "region": code})
    assert found.account == f"{ACCOUNT} · {host}"


def test_without_an_operators_address_the_region_decides(settings: Settings) -> None:
    settings.CLEVERTAP_URL = ""
    assert address("eu1") == "https://api.clevertap.com"
    assert address("in1") == "https://in1.api.clevertap.com"


def test_the_test_stores_nothing(service: StandIn, credentials: Any) -> None:
    found = check(credentials)
    assert (found.detail, found.facts["region"]) == ("region India", "in1")
    assert "A test profile was checked and not stored." in found.message
    assert service.profiles == {}
    assert service.requests == ["POST /1/upload"]


@pytest.mark.parametrize("change", [{"account_id": "OTHER"}, {"passcode": "wrong-one"}, {"region": "us1"}])
def test_wrong_credentials_and_a_wrong_region_look_the_same(
    service: StandIn, credentials: Any, change: Any
) -> None:
    with pytest.raises(CredentialsError) as caught:
        check({**credentials, **change})
    assert str(caught.value) == "CleverTap rejected the Account ID or Passcode, or the Region is wrong."
    assert (caught.value.action, caught.value.field) == (
        "Check Account ID, Account Passcode and Region in the authentication.", "account_id",
    )  # fmt: skip
    assert "wrong-one" not in f"{caught.value} {caught.value.response}"


def test_an_account_without_the_right_says_so(service: StandIn, credentials: Any) -> None:
    service.forbidden = {"/1/upload"}
    with pytest.raises(RefusedError, match="This CleverTap account does not allow this operation"):
        check(credentials)


def test_a_host_that_does_not_answer_is_not_the_passcodes_fault(credentials: Any, settings: Settings) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1"]
    settings.CLEVERTAP_URL = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(TemporaryError, match=r"in1.api.clevertap.com refused the connection"):
        check(credentials)


def test_a_server_that_is_no_clevertap_is_told(service: StandIn, credentials: Any) -> None:
    service.faults = [Fault("POST", status=200, text="<html>")]
    with pytest.raises(CredentialsError, match="does not answer like CleverTap"):
        check(credentials)


def test_an_address_that_nobody_vouches_for_is_not_asked(settings: Settings, credentials: Any) -> None:
    settings.CLEVERTAP_URL = "http://127.0.0.1:9"
    settings.ALLOW_PRIVATE_HOSTS = []
    with pytest.raises(CredentialsError, match="not reached over HTTPS"):
        Client(credentials)


def test_a_run_proves_the_credentials_first(service: StandIn, credentials: Any) -> None:
    with pytest.raises(CredentialsError):
        CONNECTOR.precheck({**credentials, "passcode": "wrong-one"}, {})
    CONNECTOR.precheck(credentials, {})
