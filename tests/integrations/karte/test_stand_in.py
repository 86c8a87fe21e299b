"""The stand-in refuses what Google refuses: a test that passes against it means something."""

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import urllib3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from pytest_django.fixtures import Settings

from tests.console_process import ROOT
from tests.integrations.karte.conftest import carry_out, make_file, make_rows, make_settings
from tests.standins.gcs import BUCKET, StandIn
from tests.standins.gcs.accounts import AUDIENCE, GRANT, SCOPES, private_key
from tests.standins.gcs.uploads import UNIT, crc32c


def ask(method: str, url: str, body: bytes = b"", **headers: str) -> urllib3.BaseHTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib3.request(method, url, body=body, headers=named, retries=False)


def signed(service: StandIn, key: Any = None, *, head: dict[str, Any] | None = None, **changes: Any) -> bytes:
    now = int(time.time())
    claims = {
        "iss": service.writer.email,
        "aud": AUDIENCE,
        "scope": min(SCOPES),
        "iat": now,
        "exp": now + 3600,
    }
    header = {"typ": "JWT", "alg": "RS256", "kid": service.writer.key_id, **(head or {})}
    parts = [json.dumps(part).encode() for part in (header, {**claims, **changes})]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = (key or service.writer.key).sign(text, padding.PKCS1v15(), hashes.SHA256())
    assertion = text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")
    return urlencode({"grant_type": GRANT, "assertion": assertion}).encode()


def token(service: StandIn, body: bytes) -> dict[str, Any]:
    kind = "application/x-www-form-urlencoded"
    found: dict[str, Any] = ask("POST", f"{service.url}/token", body, Content_Type=kind).json()
    return found


def test_a_token_is_given_for_a_request_signed_with_the_account_s_key(service: StandIn) -> None:
    assert token(service, signed(service))["token_type"] == "Bearer"


@pytest.mark.parametrize(("body", "words"), [
    (lambda s: signed(s, private_key("other")), "Invalid JWT Signature."),
    (lambda s: signed(s, head={"kid": "other"}), "Invalid JWT Signature."),
    (lambda s: signed(s, head={"alg": "none"}), "Invalid JWT Signature."),
    (lambda s: signed(s, iss="nobody@example.com"), "Invalid grant: account not found"),
    (lambda s: signed(s, aud=f"{s.url}/token"), "Invalid JWT: Failed audience check."),
    (lambda s: signed(s, scope="https://www.googleapis.com/auth/drive"), "Invalid OAuth scope"),
    (lambda s: signed(s, exp=int(time.time()) + 7200), "Invalid JWT: Token must be a short-lived token"),
    (lambda s: signed(s, iat=int(time.time()) + 900, exp=int(time.time()) + 4500), "Invalid JWT: Token must be"),
    (lambda s: signed(s).replace(b"jwt-bearer", b"saml2-bearer"), "Invalid grant_type"),
    (lambda s: urlencode({"grant_type": GRANT, "assertion": "a.b"}).encode(), "Bad Request"),
])  # fmt: skip
def test_any_other_request_for_a_token_is_refused(
    service: StandIn, body: Callable[[StandIn], bytes], words: str
) -> None:
    answer = token(service, body(service))
    assert "access_token" not in answer
    assert answer["error_description"].startswith(words)


@pytest.fixture
def bearer(service: StandIn) -> str:
    return f"Bearer {token(service, signed(service))['access_token']}"


def begin(service: StandIn, bearer: str, size: int, query: str = "", name: str = "a.csv") -> Any:
    url = f"{service.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=resumable{query}"
    body = json.dumps({"name": name}).encode()
    return ask("POST", url, body, Authorization=bearer, X_Upload_Content_Length=str(size))


def put(address: str, bearer: str, told: str, body: bytes = b"", crc: str = "") -> Any:
    goog = {"X_Goog_Hash": f"crc32c={crc}"} if crc else {}
    return ask("PUT", address, body, Authorization=bearer, Content_Range=told, **goog)


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong"])
def test_nothing_is_answered_without_a_token(service: StandIn, authorization: str) -> None:
    url = f"{service.url}/storage/v1/b/{BUCKET}/iam/testPermissions?permissions=storage.objects.create"
    assert ask("GET", url, Authorization=authorization).status == 401


def test_permissions_that_are_not_granted_are_absent(service: StandIn, bearer: str) -> None:
    url = f"{service.url}/storage/v1/b/{BUCKET}/iam/testPermissions?permissions=storage.objects.create"
    assert ask("GET", url, Authorization=bearer).json()["permissions"] == ["storage.objects.create"]
    service.writer.permissions[BUCKET] = set()
    assert "permissions" not in ask("GET", url, Authorization=bearer).json()
    assert begin(service, bearer, 5).status == 403
    assert ask("GET", url.replace(BUCKET, "nowhere"), Authorization=bearer).status == 404


def test_chunks_come_in_order_in_units_and_end_with_their_checksum(service: StandIn, bearer: str) -> None:
    data = os.urandom(UNIT + 10)
    address = begin(service, bearer, len(data)).headers["Location"]
    total = len(data)
    refused = [
        put(address, bearer, f"bytes 0-{UNIT - 2}/{total}", data[: UNIT - 1]),  # no multiple
        put(address, bearer, f"bytes 0-{UNIT - 1}/{total}", data[: UNIT - 5]),  # fewer bytes than told
        put(address, bearer, f"bytes {UNIT}-{total - 1}/{total}", data[UNIT:]),  # not in order
        put(address, bearer, f"bytes 0-{UNIT - 1}/{total + 1}", data[:UNIT]),  # another total than declared
        put(address, bearer, "bytes=0-5", b"x" * 6),
    ]
    assert [answer.status for answer in refused] == [400] * len(refused)
    nothing = put(address, bearer, "bytes */*")
    assert (nothing.status, nothing.headers.get("Range")) == (308, None)
    some = put(address, bearer, f"bytes 0-{UNIT - 1}/{total}", data[:UNIT])
    assert (some.status, some.headers["Range"]) == (308, f"bytes=0-{UNIT - 1}")
    wrong = put(address, bearer, f"bytes {UNIT}-{total - 1}/{total}", data[UNIT:], crc="AAAAAA==")
    assert wrong.status == 400
    assert service.object("a.csv") is None


def test_a_finished_upload_answers_with_its_object_and_a_cancelled_one_with_499(
    service: StandIn, bearer: str
) -> None:
    address = begin(service, bearer, 3).headers["Location"]
    done = put(address, bearer, "bytes 0-2/3", b"abc", crc32c(b"abc"))
    assert (done.status, done.json()["size"], done.json()["crc32c"]) == (200, "3", crc32c(b"abc"))
    assert put(address, bearer, "bytes */*").json() == done.json()
    other = begin(service, bearer, 3).headers["Location"]
    assert ask("DELETE", other, Authorization=bearer).status == 499
    assert put(other, bearer, "bytes 0-2/3", b"abc", crc32c(b"abc")).status == 499


def test_the_generation_is_compared_when_an_upload_begins_and_when_it_ends(
    service: StandIn, bearer: str
) -> None:
    first = begin(service, bearer, 3, "&ifGenerationMatch=0").headers["Location"]
    service.put_object("a.csv", b"theirs")
    assert put(first, bearer, "bytes 0-2/3", b"abc", crc32c(b"abc")).status == 412
    assert begin(service, bearer, 3, "&ifGenerationMatch=0").status == 412
    assert (
        begin(service, bearer, 3, f"&ifGenerationMatch={service.buckets[BUCKET]['a.csv'].generation}").status
        == 200
    )


def test_it_can_be_started_by_itself_with_a_key_that_works(settings: Settings) -> None:
    command = [sys.executable, "-m", "tests.standins.gcs"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        address = process.stdout.readline().strip().removeprefix("SENDOFF_GCS_ENDPOINT=")
        assert process.stdout.readline().strip() == f"Bucket: {BUCKET}"
        key = "".join(iter(process.stdout.readline, "}\n")) + "}"
        settings.GCS_ENDPOINT, settings.ALLOW_PRIVATE_HOSTS = address, ["127.0.0.1"]
        kept = carry_out({"json_keyfile": key}, make_settings(), make_rows(5))
        assert kept.delivered == 5
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0


def test_the_object_can_be_read_back(service: StandIn, credentials: Any, bearer: str) -> None:
    carry_out(credentials, make_settings(), make_rows(5))
    url = f"{service.url}/storage/v1/b/{BUCKET}/o/output%2Ftest.csv"
    assert ask("GET", f"{url}?alt=media", Authorization=bearer).data == make_file(
        make_rows(5), make_settings()
    )
    assert ask("GET", url, Authorization=bearer).json()["name"] == "output/test.csv"
