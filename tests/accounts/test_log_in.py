"""Logging in and out, and what a guesser meets."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from console.accounts import throttle
from console.accounts.models import SignIns, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def log_in(client: Client, email: str, password: str, address: str = "203.0.113.7"):
    return client.post("/login/", {"username": email, "password": password}, REMOTE_ADDR=address)


def age(minutes: float) -> None:
    """Lets time pass: everything the throttle remembers moves into the past."""
    for row in SignIns.objects.all():
        for name in ("last_at", "blocked_until", "succeeded_at"):
            if moment := getattr(row, name):
                setattr(row, name, moment - timedelta(minutes=minutes))
        row.save()


def test_the_case_of_the_e_mail_does_not_matter(client, user):
    response = log_in(client, "MEMBER@Example.COM", PASSWORD)
    assert response.status_code == 302
    assert get_user(client) == user


def test_a_page_asks_to_log_in_and_comes_back(client, user):
    response = client.get("/settings/api-keys/")
    assert response.headers["Location"] == "/login/?next=/settings/api-keys/"
    response = client.post(response.headers["Location"], {"username": user.email, "password": PASSWORD})
    assert response.headers["Location"] == "/settings/api-keys/"


def test_it_does_not_send_people_to_other_sites(client, user):
    response = client.post(
        "/login/?next=https://evil.example/", {"username": user.email, "password": PASSWORD}
    )
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("email", ["member@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_e_mail_read_the_same(client, user, email):
    response = log_in(client, email, "wrong")
    assert response.status_code == 422
    assert "The e-mail address or the password is wrong." in response.content.decode()


def test_a_deactivated_user_stays_out_and_open_sessions_end(client_logged_in, client, user):
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client_logged_in.get("/help/").headers["Location"].startswith("/login/")
    assert log_in(Client(), user.email, PASSWORD).status_code == 422


def test_log_out_is_a_post(client_logged_in):
    assert client_logged_in.get("/logout/").status_code == 405
    assert get_user(client_logged_in).is_authenticated
    assert client_logged_in.post("/logout/").status_code == 302
    assert not get_user(client_logged_in).is_authenticated


def test_htmx_is_sent_to_the_log_in_page_instead_of_swapping_it_in(client):
    response = client.get("/login/", headers={"HX-Request": "true"})
    assert response.headers["HX-Redirect"] == "/login/"
    where = {"HX-Request": "true", "HX-Current-URL": "http://testserver/integrations/catalog/?q=x"}
    response = client.get("/integrations/catalog/", headers=where, follow=True)
    assert response.headers["HX-Redirect"] == "/login/?next=%2Fintegrations%2Fcatalog%2F"


def test_guessing_is_slowed_down_and_the_page_says_how_long(client, user):
    for _ in range(throttle.PAIR.free):
        assert log_in(client, user.email, "wrong").status_code == 422
    response = log_in(client, user.email, PASSWORD)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) in {14, 15}
    assert "Try again in 1" in response.content.decode()


def test_the_wait_doubles_and_an_attempt_during_it_does_not_count(client, user):
    for _ in range(throttle.PAIR.free + 3):
        log_in(client, user.email, "wrong")
    age(minutes=0.5)
    assert log_in(client, user.email, "wrong").status_code == 422
    assert int(log_in(client, user.email, "wrong").headers["Retry-After"]) in {29, 30}


def test_after_the_wait_the_right_password_works_and_clears_the_count(client, user):
    for _ in range(throttle.PAIR.free):
        log_in(client, user.email, "wrong")
    age(minutes=1)
    assert log_in(client, user.email, PASSWORD).status_code == 302
    assert log_in(Client(), user.email, "wrong").status_code == 422


def test_a_guesser_elsewhere_does_not_lock_the_user_out(client, user):
    for _ in range(throttle.PAIR.free + 5):
        log_in(client, user.email, "wrong", address="198.51.100.66")
    assert log_in(client, user.email, PASSWORD, address="203.0.113.7").status_code == 302


def test_one_address_cannot_try_every_account(client, user):
    for number in range(throttle.ADDRESS.free):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(throttle, "authenticate", lambda **kwargs: None)
            throttle.sign_in(f"user{number}@example.com", "guess", "198.51.100.66")
    assert log_in(client, user.email, PASSWORD, address="198.51.100.66").status_code == 429


def test_who_logged_in_before_from_an_address_is_not_locked_out_by_its_other_users(client, user):
    assert log_in(client, user.email, PASSWORD).status_code == 302
    row = SignIns.objects.get(subject=throttle._subject("address", "203.0.113.7"))
    row.failures, row.last_at = 500, timezone.now()
    row.blocked_until = timezone.now() + throttle.LONGEST
    row.save()
    assert log_in(Client(), user.email, PASSWORD).status_code == 302
    stranger = make_user()
    assert log_in(Client(), stranger.email, PASSWORD).status_code == 429


def test_failures_are_forgotten_after_an_hour(client, user):
    for _ in range(throttle.PAIR.free):
        log_in(client, user.email, "wrong")
    age(minutes=61)
    assert log_in(client, user.email, "wrong").status_code == 422
    assert log_in(client, user.email, PASSWORD).status_code == 302


def test_no_e_mail_or_address_is_kept_in_the_clear(client, user):
    log_in(client, user.email, "wrong")
    subjects = list(SignIns.objects.values_list("subject", flat=True))
    assert len(subjects) == 2
    assert all(len(subject) == 64 for subject in subjects)


def test_old_rows_are_deleted_and_living_ones_stay(client, user):
    log_in(client, user.email, "wrong")
    assert throttle.forget_old() == 0
    age(minutes=61)
    assert throttle.forget_old() == 2


@pytest.mark.parametrize(
    ("proxied", "expected"), [(None, "10.0.0.1"), (("HTTP_X_FORWARDED_PROTO", "https"), "203.0.113.9")]
)
def test_the_address_is_the_proxys_word_only_behind_a_proxy(rf, settings, proxied, expected):
    settings.SECURE_PROXY_SSL_HEADER = proxied
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.9"})
    assert throttle.client_address(request) == expected


def test_ipv6_counts_by_network(rf):
    request = rf.get("/", REMOTE_ADDR="2001:db8:1:2:aaaa::1")
    assert throttle.client_address(request) == "2001:db8:1:2::/64"


def test_the_longest_wait_has_a_bound():
    assert throttle.PAIR.wait(10_000) == throttle.LONGEST
