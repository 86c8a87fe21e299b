"""API keys: shape, look-up, sealing, the page that shows them, rotation."""

import base64
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from console.accounts import keys
from console.accounts.models import ApiKey, User
from console.notices.models import Preferences
from integrations import vault
from tests.factories import PASSWORD, make_authentication, make_user

pytestmark = pytest.mark.django_db
PAGE = "/settings/api-keys/"


def texts(user: User) -> list[str]:
    return [keys.reveal(key) for key in user.api_keys.order_by("kind")]


def dump() -> str:
    """Every value of every row of the database."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return repr(rows)


def validate(client) -> None:
    assert client.post(PAGE, {"password": PASSWORD}).status_code == 302


def test_every_new_user_has_both_keys_in_the_shape_clients_expect(user):
    assert {key.kind for key in user.api_keys.all()} == {"master", "write_only"}
    assert all(re.fullmatch(r"1/[0-9a-f]{40}", text) for text in texts(user))


def test_making_the_pair_again_keeps_the_keys(user):
    before = texts(user)
    write_only, master = keys.create_pair(user)
    assert (write_only.kind, master.kind) == ("write_only", "master")
    assert texts(user) == before


def test_a_key_is_found_by_its_text_alone(user):
    for key in user.api_keys.all():
        found = keys.find(keys.reveal(key))
        assert found is not None
        assert found == key
        assert found.user == user
    assert keys.find("1/" + "0" * 40) is None
    assert keys.find("") is None


def test_a_deactivated_users_key_is_not_found(user):
    text = texts(user)[0]
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert keys.find(text) is None


def test_last_used_is_stamped_at_most_once_a_minute(user, django_assert_num_queries):
    text = texts(user)[0]
    keys.find(text)
    first = ApiKey.objects.get(digest=keys.digest(text)).last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        keys.find(text)
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    keys.find(text)
    second = ApiKey.objects.get(digest=keys.digest(text)).last_used_at
    assert second is not None
    assert second >= first


def test_regenerate_stops_the_old_key_at_once(user):
    key = user.api_keys.get(kind="master")
    old = keys.reveal(key)
    new = keys.regenerate(key)
    assert keys.find(old) is None
    assert keys.find(new) == key
    assert key.is_master


def test_no_key_text_is_in_the_database_the_pages_or_the_log(client, user, caplog):
    caplog.set_level(logging.DEBUG)
    client.force_login(user)
    secret = [text.split("/")[1] for text in texts(user)]
    pages = client.get(PAGE).content.decode() + client.get(f"{PAGE}master/regenerate/").content.decode()
    keys.find(texts(user)[0])
    validate(client)
    client.get(PAGE)
    new = keys.regenerate(user.api_keys.get(kind="master")).split("/")[1]
    stored = dump()
    for text in [*secret, new]:
        assert text not in stored
        assert base64.b64encode(text.encode()).decode().rstrip("=") not in stored
        assert text not in caplog.text
    assert not any(text in pages for text in secret)


def test_the_page_shows_keys_only_after_the_password(client, user):
    client.force_login(user)
    assert "Show" not in re.findall(r">(\w+)</button>", client.get(PAGE).content.decode())
    response = client.post(PAGE, {"password": "wrong"})
    assert response.status_code == 422
    assert "This is not your password." in response.content.decode()
    validate(client)
    response = client.get(PAGE)
    assert all(text in response.content.decode() for text in texts(user))
    assert "no-store" in response.headers["Cache-Control"]


def test_validated_access_ends_after_ten_minutes(client, user):
    client.force_login(user)
    validate(client)
    session = client.session
    session["validated_at"] -= 601
    session.save()
    assert not any(text in client.get(PAGE).content.decode() for text in texts(user))


def test_a_page_never_shows_somebody_elses_keys(client, user):
    other = make_user()
    client.force_login(user)
    validate(client)
    assert not any(text in client.get(PAGE).content.decode() for text in texts(other))


def test_guessing_the_password_here_is_throttled_too(client, user):
    client.force_login(user)
    for _ in range(5):
        client.post(PAGE, {"password": "wrong"})
    response = client.post(PAGE, {"password": PASSWORD})
    assert response.status_code == 422
    assert "Too many failed log-ins" in response.content.decode()


def test_regenerating_on_the_page_asks_for_the_password_and_shows_the_new_key_once(client, user):
    client.force_login(user)
    before = keys.reveal(user.api_keys.get(kind="write_only"))
    address = f"{PAGE}write_only/regenerate/"
    assert "fails until it has the new one" in client.get(address).content.decode()
    assert client.post(address, {"password": "wrong"}).status_code == 422
    assert keys.find(before) is not None
    response = client.post(address, {"password": PASSWORD})
    new = keys.reveal(user.api_keys.get(kind="write_only"))
    assert new != before
    assert new in response.content.decode()
    assert client.get(f"{PAGE}other/regenerate/").status_code == 404


def test_rotation_reseals_keys_authentications_and_webhooks(user, settings):
    old, new = settings.ENCRYPTION_KEYS[0], base64.urlsafe_b64encode(b"n" * 32).decode()
    authentication = make_authentication(owner=user, secrets={"apikey": "1/secret"})
    told = Preferences.objects.create(
        subject="query:1", sealed=vault.seal({"webhook_url": "https://a.example/"})
    )
    before = texts(user)
    settings.ENCRYPTION_KEYS = [new, old]
    settings.SECRET_KEY = "another"
    assert keys.find(before[0]) is None
    call_command("rotate_encryption_keys")
    settings.ENCRYPTION_KEYS = [new]
    authentication.refresh_from_db()
    assert authentication.secrets() == {"apikey": "1/secret"}
    told.refresh_from_db()
    assert told.secrets() == {"webhook_url": "https://a.example/"}
    assert texts(user) == before
    assert keys.find(before[0]) is not None


def test_a_key_the_ring_does_not_hold_stops_rotation_and_changes_nothing(user, settings):
    sealed = user.api_keys.get(kind="master").sealed
    settings.ENCRYPTION_KEYS = [base64.urlsafe_b64encode(b"x" * 32).decode()]
    with pytest.raises(InvalidToken):
        vault.unseal(sealed)
    with pytest.raises(InvalidToken):
        call_command("rotate_encryption_keys")
    assert user.api_keys.get(kind="master").sealed == sealed


def test_the_first_account_is_made_once(settings, tmp_path: Path, capsys, monkeypatch):
    settings.DATA_DIR = tmp_path
    call_command("create_first_account")
    call_command("create_first_account")
    admin = User.objects.get()
    file = tmp_path / "first-login.txt"
    email, password = file.read_text().split()
    assert (email, admin.email, admin.is_administrator) == ("admin@example.com", "admin@example.com", True)
    assert admin.check_password(password)
    assert file.stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().out.count(password) == 1
    assert admin.api_keys.count() == 2


def test_the_first_account_takes_what_the_operator_says(settings, tmp_path: Path, capsys, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setenv("SENDOFF_ADMIN_EMAIL", "Mika@Example.com")
    monkeypatch.setenv("SENDOFF_ADMIN_PASSWORD", "given by the operator")
    call_command("create_first_account")
    assert User.objects.get(email="mika@example.com").check_password("given by the operator")
    assert not (tmp_path / "first-login.txt").exists()
    assert "given by the operator" not in capsys.readouterr().out
