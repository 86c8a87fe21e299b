"""Users, roles, one-time passwords, profile."""

import re

import pytest
from django.test import Client

from console.accounts import users
from console.accounts.models import User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def one_time(response) -> str:
    found = re.search(r'id="one-time">([^<]+)<', response.content.decode())
    assert found is not None
    return found[1]


def add(client: Client, **fields: str):
    return client.post(
        "/settings/users/new/", {"email": "Kate@Example.com", "name": "Kate", "role": "member"} | fields
    )


@pytest.mark.parametrize("address", ["", "new/", "1/password/"])
def test_members_do_not_see_users(client_logged_in, address):
    response = client_logged_in.get(f"/settings/users/{address}")
    assert response.status_code == 403
    assert "Only administrators can see and change users." in response.content.decode()
    assert "/settings/users/" not in client_logged_in.get("/help/").content.decode()


def test_members_cannot_change_roles(client_logged_in, user):
    assert client_logged_in.post(f"/settings/users/{user.pk}/", {"role": "administrator"}).status_code == 403
    assert not User.objects.get(pk=user.pk).is_administrator


def test_a_new_user_gets_keys_and_a_one_time_password_that_must_be_changed(as_admin):
    response = add(as_admin)
    kate = User.objects.get(email="kate@example.com")
    assert kate.api_keys.count() == 2
    browser = Client()
    browser.post("/login/", {"username": "kate@example.com", "password": one_time(response)})
    assert browser.get("/help/").headers["Location"] == "/settings/password/"
    new = {
        "old_password": one_time(response),
        "new_password1": "a quite long one",
        "new_password2": "a quite long one",
    }
    assert browser.post("/settings/password/", new).status_code == 302
    assert browser.get("/help/").status_code == 200
    assert one_time(response) not in as_admin.get("/settings/users/").content.decode()


def test_an_address_that_has_an_account_is_refused_beside_the_field(as_admin, admin):
    response = add(as_admin, email=admin.email.upper())
    assert response.status_code == 422
    assert f"{admin.email} has an account already." in response.content.decode()
    assert 'aria-invalid="true"' in response.content.decode()


def test_a_new_one_time_password_ends_the_users_sessions(as_admin):
    kate = make_user()
    browser = Client()
    browser.force_login(kate)
    password = one_time(as_admin.post(f"/settings/users/{kate.pk}/password/"))
    assert browser.get("/help/").headers["Location"].startswith("/login/")
    assert User.objects.get(pk=kate.pk).check_password(password)


def test_roles_and_activity_change(as_admin):
    kate = make_user(name="Kate")
    as_admin.post(f"/settings/users/{kate.pk}/", {"role": "administrator"})
    assert User.objects.get(pk=kate.pk).is_administrator
    as_admin.post(f"/settings/users/{kate.pk}/", {"active": "0"})
    assert not User.objects.get(pk=kate.pk).is_active
    as_admin.post(f"/settings/users/{kate.pk}/", {"active": "1"})
    assert User.objects.get(pk=kate.pk).is_active


@pytest.mark.parametrize("change", [{"role": "member"}, {"active": "0"}])
def test_the_last_administrator_stays(as_admin, admin, change):
    make_user(role=User.Role.ADMINISTRATOR, is_active=False)
    response = as_admin.post(f"/settings/users/{admin.pk}/", change, follow=True)
    assert "is the only active administrator" in response.content.decode()
    admin.refresh_from_db()
    assert admin.is_administrator
    assert admin.is_active


def test_one_time_passwords_are_long_and_differ():
    made = {users.one_time_password() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password) for password in made)


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(client_logged_in, user):
    elsewhere = Client()
    elsewhere.force_login(user)
    new = {"old_password": PASSWORD, "new_password1": "a quite long one", "new_password2": "a quite long one"}
    assert client_logged_in.post("/settings/password/", new).status_code == 302
    assert client_logged_in.get("/help/").status_code == 200
    assert elsewhere.get("/help/").status_code == 302
    wrong = client_logged_in.post("/settings/password/", new | {"new_password2": "another"})
    assert wrong.status_code == 422


def test_times_are_shown_in_the_users_zone(client, admin):
    User.objects.filter(pk=admin.pk).update(created_at="2026-01-15T12:00:00Z")
    client.force_login(admin)
    client.post("/settings/profile/", {"name": "Mika", "time_zone": "Asia/Tokyo"})
    page = client.get("/settings/users/").content.decode()
    assert 'title="Thu Jan 15 2026, 21:00:00 Asia/Tokyo"' in page
    assert "Jan 15, 21:00" in page or "Jan 15 2026, 21:00" in page


def test_a_zone_that_does_not_exist_is_refused(client_logged_in, user):
    assert client_logged_in.post("/settings/profile/", {"time_zone": "Mars/Base"}).status_code == 422
    assert User.objects.get(pk=user.pk).time_zone == "UTC"
