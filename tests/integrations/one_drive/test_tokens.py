"""Access tokens: renewed once whoever needs them, kept before they are used, never lost."""

import threading
from typing import Any

import pytest
from django.db import connection

from integrations import tokens
from integrations.authentications import health
from integrations.connectors.one_drive.client import Client
from integrations.errors import CredentialsError, RefusedError, TemporaryError
from integrations.models import Authentication
from integrations.oauth import Credentials, NotSetUp
from tests.factories import make_authentication
from tests.integrations.one_drive.conftest import make_account
from tests.standins.microsoft import Fault, StandIn

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def spent(microsoft: StandIn) -> Authentication:
    """Kate's, with an access token that has ended."""
    authentication = make_account(microsoft, microsoft.world.kate, name="spent")
    microsoft.authority.end_access(microsoft.world.kate)
    authentication.keys = {**authentication.keys, "expires_at": 1}
    authentication.save()
    return authentication


def test_a_good_token_is_used_as_it_is(microsoft: StandIn) -> None:
    authentication = make_account(microsoft, microsoft.world.kate)
    found = tokens.credentials(authentication)
    assert found["access_token"] == authentication.secrets()["access_token"]
    assert microsoft.authority.refreshes == 0


def test_a_connector_without_a_sign_in_gets_what_it_always_got() -> None:
    authentication = make_authentication(secrets={"apikey": "1/" + "a" * 40}, keys={"endpoint": "x"})
    assert tokens.credentials(authentication) == {"apikey": "1/" + "a" * 40, "endpoint": "x"}


def test_a_spent_token_is_renewed_and_both_new_ones_are_kept(
    microsoft: StandIn, spent: Authentication
) -> None:
    before = spent.secrets()
    found = tokens.credentials(spent)
    spent.refresh_from_db()
    kept = spent.secrets()
    assert found["access_token"] == kept["access_token"] != before["access_token"]
    assert kept["refresh_token"] != before["refresh_token"]
    assert Client(found).me()["userPrincipalName"] == "kate.tiny@contoso.com"
    assert microsoft.authority.refreshes == 1


def test_a_refresh_token_that_is_not_sent_again_stays(microsoft: StandIn, spent: Authentication) -> None:
    microsoft.authority.rotates = False
    before = spent.secrets()["refresh_token"]
    tokens.credentials(spent)
    spent.refresh_from_db()
    assert spent.secrets()["refresh_token"] == before


def test_a_token_that_ends_early_is_renewed_by_the_request_that_finds_out(
    microsoft: StandIn, spent: Authentication
) -> None:
    """The clock said it was good; Microsoft says 401."""
    Authentication.objects.update(keys={**spent.keys, "expires_at": 2_000_000_000})
    spent.refresh_from_db()
    found = tokens.credentials(spent)
    assert microsoft.authority.refreshes == 0
    assert Client(found).me()["id"] == microsoft.world.kate.id
    assert microsoft.authority.refreshes == 1
    spent.refresh_from_db()
    assert spent.secrets()["access_token"] == found["access_token"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_cause_one_refresh(microsoft: StandIn, spent: Authentication) -> None:
    microsoft.authority.kills_old = True  # a second refresh with the old token would fail
    gate, got, failed = threading.Barrier(2), [], []

    def work() -> None:
        try:
            mine = Authentication.objects.get(pk=spent.pk)
            gate.wait()
            got.append(tokens.credentials(mine)["access_token"])
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    assert len(set(got)) == 1
    assert microsoft.authority.refreshes == 1
    spent.refresh_from_db()
    assert spent.secrets()["access_token"] == got[0]


def test_a_worker_that_comes_late_takes_the_token_that_is_there(
    microsoft: StandIn, spent: Authentication
) -> None:
    stale = Authentication.objects.get(pk=spent.pk)
    first = tokens.credentials(spent)["access_token"]
    assert tokens.credentials(stale)["access_token"] == first
    late = Credentials(stale.credentials(), lambda token: tokens.credentials(stale))
    assert late.renewed(stale.secrets()["access_token"]) == first
    assert microsoft.authority.refreshes == 1


@pytest.mark.django_db(transaction=True)
def test_new_tokens_are_committed_before_anybody_has_them(
    microsoft: StandIn, spent: Authentication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another connection reads in the moment `credentials` returns is what was returned."""
    found = tokens.credentials(spent)
    seen: list[Any] = []

    def look() -> None:
        seen.append(Authentication.objects.get(pk=spent.pk).secrets()["access_token"])
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [found["access_token"]]
    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_no_renewal_hides_inside_somebody_elses_transaction(spent: Authentication) -> None:
    from django.db import transaction

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        tokens.credentials(spent)


@pytest.mark.parametrize("number", [50173, 700082, 70008, 70043, 50076, 65001])
def test_a_revoked_grant_asks_to_reconnect_and_marks_the_authentication(
    microsoft: StandIn, spent: Authentication, number: int
) -> None:
    microsoft.authority.revoke(microsoft.world.kate, number)
    with pytest.raises(CredentialsError, match="no longer accepts the refresh token"):
        tokens.credentials(spent)
    spent.refresh_from_db()
    assert spent.health == "reconnect"
    assert spent.health_message == (
        f"Microsoft no longer accepts the refresh token (invalid_grant, AADSTS{number}). Reconnect."
    )
    assert spent.secrets()["refresh_token"]


@pytest.mark.parametrize(("status", "error", "number"), [
    (401, "invalid_client", 7000222), (401, "invalid_client", 7000215), (400, "unauthorized_client", 700016),
    (400, "invalid_scope", 70011),
])  # fmt: skip
def test_the_operator_s_mistake_is_no_user_s_to_mend(
    microsoft: StandIn, spent: Authentication, status: int, error: str, number: int
) -> None:
    other = make_account(microsoft, microsoft.world.michelle, health="healthy")
    elsewhere = make_authentication(health="healthy")
    microsoft.faults = [Fault("POST .*/token", status=status, code=error, number=number)]
    with pytest.raises(NotSetUp) as caught:
        tokens.credentials(spent)
    assert "SENDOFF_MICROSOFT_CLIENT_SECRET" in caught.value.action
    for row in (spent, other, elsewhere):
        row.refresh_from_db()
    assert (spent.health, other.health, elsewhere.health) == ("unreachable", "unreachable", "healthy")
    assert isinstance(caught.value, RefusedError)


@pytest.mark.parametrize("fault", [
    Fault("POST .*/token", status=429, code="temporarily_unavailable", number=90055, headers={"Retry-After": "9"}),
    Fault("POST .*/token", status=503, code="server_error", number=90033),
    Fault("POST .*/token", status=400, code="temporarily_unavailable", number=90006),
    Fault("POST .*/token", cut="before"),
    Fault("POST .*/token", cut="after"),
], ids=lambda fault: str(fault.cut or fault.number))  # fmt: skip
def test_a_passing_failure_is_tried_again_and_loses_no_token(
    microsoft: StandIn, spent: Authentication, fault: Fault
) -> None:
    microsoft.faults = [Fault(**vars(fault))]
    with pytest.raises(TemporaryError) as caught:
        tokens.credentials(spent)
    assert caught.value.retry_after == (9.0 if fault.status == 429 else None)
    spent.refresh_from_db()
    assert spent.health == "unknown"
    assert tokens.credentials(spent)["access_token"]


def test_the_test_of_an_account_says_whose_it_is_and_what_is_missing(microsoft: StandIn) -> None:
    authentication = make_account(microsoft, microsoft.world.kate)
    health.test(authentication)
    assert authentication.health == "healthy"
    assert authentication.account == "kate.tiny@contoso.com"
    assert authentication.detail == "Business"
    assert authentication.health_message.startswith("Kate Tiny on OneDrive Business, answered in")
    assert "GB free." in authentication.health_message

    authentication.keys = {**authentication.keys, "scope": "User.Read files.readwrite.all offline_access"}
    health.test(authentication)
    assert "Sites.ReadWrite.All was not granted" in authentication.health_message
    authentication.keys = {**authentication.keys, "scope": "https://graph.microsoft.com/User.Read"}
    health.test(authentication)
    assert authentication.health == "reconnect"
    assert "Files.ReadWrite.All was not granted" in authentication.health_message


def test_a_full_drive_is_said(microsoft: StandIn) -> None:
    microsoft.world.kate.drive.quota = 0
    authentication = make_account(microsoft, microsoft.world.kate)
    health.test(authentication)
    assert "The drive is full" in authentication.health_message
