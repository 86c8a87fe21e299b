"""The one door: where it leads, and what a failure on the way is called. Real sockets on loopback."""

import socket
from pathlib import Path
from typing import Any

import certifi
import pytest

from integrations import http
from integrations.errors import CredentialsError, DeliveryError, Kind, TemporaryError
from tests.loopback import OK, free_port, listening, make_certificate


def get(url: str) -> Any:
    """One request through the door; its failure as a user would read it."""
    host = url.split("/")[2]
    try:
        return http.pool(1).request("GET", url, redirect=False)
    except http.Failure as error:
        raise http.explain(error, host) from error


@pytest.fixture
def allowed(settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.1", "localhost"]


def test_an_allowed_host_is_reached(allowed: None) -> None:
    with listening(OK) as port:
        assert get(f"http://127.0.0.1:{port}/").data == b"ok"


def test_the_own_address_is_reached_and_its_neighbour_is_not(settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = []
    with listening(OK) as port, listening(OK) as other:
        settings.BASE_URL = f"http://127.0.0.1:{port}"
        assert get(f"http://127.0.0.1:{port}/").data == b"ok"
        with pytest.raises(CredentialsError, match="private network"):
            get(f"http://127.0.0.1:{other}/")


@pytest.mark.parametrize("address", [
    "10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "0.0.0.0", "100.64.0.1",
    "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
])  # fmt: skip
def test_no_name_leads_to_a_private_address(
    address: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the name: what it resolves to is judged, at the moment of connecting."""
    settings.ALLOW_PRIVATE_HOSTS = []
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    answer = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    with pytest.raises(CredentialsError, match=r"innocent\.example is an address of a private network"):
        get("https://innocent.example/")


def test_an_operator_may_allow_a_network(settings: Any) -> None:
    settings.ALLOW_PRIVATE_HOSTS = ["127.0.0.0/8"]
    with listening(OK) as port:
        assert get(f"http://127.0.0.1:{port}/").data == b"ok"


def test_a_redirect_is_not_followed(allowed: None) -> None:
    with listening(OK) as other:
        moved = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other}/\r\nContent-Length: 0\r\n\r\n"
        with listening(moved.encode()) as port:
            assert get(f"http://127.0.0.1:{port}/").status == 302


def fails(url: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        get(url)
    return caught.value


def test_a_refused_connection(allowed: None) -> None:
    port = free_port()
    error = fails(f"http://127.0.0.1:{port}/")
    assert str(error) == f"127.0.0.1:{port} refused the connection."
    assert error.retryable


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = fails("https://nowhere.example/")
    assert str(error) == "The name nowhere.example could not be found."
    assert error.action == "Check the host in the authentication."


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example"])
def test_a_name_no_resolver_can_be_asked_for(name: str) -> None:
    assert str(fails(f"https://{name}/")) == f"The name {name} could not be found."


def test_a_host_that_is_out_of_reach(allowed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any) -> None:
        raise OSError(113, "No route to host")

    monkeypatch.setattr(socket.socket, "connect", unreachable)
    assert str(fails("http://127.0.0.1:1/")) == "127.0.0.1:1 could not be reached."


def test_a_host_that_takes_too_long_to_connect(allowed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", slow)
    assert str(fails("http://127.0.0.1:1/")) == "127.0.0.1:1 could not be reached within 10 seconds."


def test_a_host_that_does_not_answer(allowed: None) -> None:
    with listening(OK, delay=5) as port:
        error = fails(f"http://127.0.0.1:{port}/")
        assert str(error) == f"127.0.0.1:{port} did not answer in time."
        assert isinstance(error, TemporaryError)


def test_a_connection_that_is_cut_off(allowed: None) -> None:
    with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf") as port:
        assert "before an answer came" in str(fails(f"http://127.0.0.1:{port}/"))


def test_a_certificate_nobody_vouches_for(allowed: None, tmp_path: Path) -> None:
    with listening(OK, make_certificate(tmp_path / "c.pem", "localhost")) as port:
        error = fails(f"https://localhost:{port}/")
    assert error.kind == Kind.CREDENTIALS
    assert not error.retryable
    assert "signed by itself" in str(error)
    assert "Nothing was sent." in str(error)


@pytest.mark.parametrize(
    ("name", "days", "reason"),
    [("other.example", 1, "is for another name"), ("localhost", -1, "has expired")],
)
def test_a_certificate_that_is_wrong(
    name: str, days: int, reason: str, allowed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_certificate(tmp_path / "c.pem", name, days=days)
    monkeypatch.setattr(certifi, "where", lambda: str(path))
    with listening(OK, path) as port:
        error = fails(f"https://localhost:{port}/")
    assert reason in str(error)
    assert not error.retryable


def test_a_server_that_does_not_speak_https(allowed: None) -> None:
    with listening(OK) as port:
        assert "does not speak HTTPS" in str(fails(f"https://localhost:{port}/"))


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), (None, None), ("", None), ("soon", None)])
def test_retry_after_is_read(header: str | None, seconds: float | None) -> None:
    assert http.retry_after(header) == seconds
