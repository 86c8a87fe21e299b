"""The stand-in for Microsoft refuses what Microsoft refuses: a connector that passes here has kept the rules."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.console_process import ROOT
from tests.integrations.one_drive.conftest import tokens_of, visit
from tests.standins.microsoft import StandIn
from tests.standins.microsoft.quickxor import quickxor

KB = 1024


@pytest.fixture
def token(microsoft: StandIn) -> str:
    return str(tokens_of(microsoft, microsoft.world.kate)["access_token"])


def ask(
    microsoft: StandIn, method: str, path: str, token: str = "", body: Any = None, **headers: str
) -> tuple[int, Any]:
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    url = path if path.startswith("http") else microsoft.url + path
    request = urllib.request.Request(url, data, method=method)
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("client-request-id", "00000000-0000-4000-8000-000000000000")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def codes(answer: Any) -> list[str]:
    error, found = answer["error"], []
    while isinstance(error, dict):
        found.append(error.get("code", ""))
        error = error.get("innerError")
    return found


# --- the authority --------------------------------------------------------------------------------


def authorize(microsoft: StandIn, tenant: str = "organizations", **changes: str) -> tuple[int, str, str]:
    query = {
        "client_id": microsoft.app.client_id, "response_type": "code", "scope": "User.Read Sites.ReadWrite.All",
        "redirect_uri": "http://testserver/integrations/authentications/oauth/callback/", "state": "s",
        "code_challenge": "a" * 43, "code_challenge_method": "S256", **changes,
    }  # fmt: skip
    return visit(f"{microsoft.url}/{tenant}/oauth2/v2.0/authorize?{urlencode(query)}")


@pytest.mark.parametrize(("changes", "number"), [
    ({"client_id": "x"}, 700016), ({"redirect_uri": "http://testserver/other/"}, 50011), ({"state": ""}, 900144),
])  # fmt: skip
def test_what_is_not_registered_is_said_on_a_page_and_never_redirected(
    microsoft: StandIn, changes: dict[str, str], number: int
) -> None:
    status, page, location = authorize(microsoft, **changes)
    assert (status, location) == (400, "")
    assert f"AADSTS{number}" in page


@pytest.mark.parametrize(("tenant", "changes", "error"), [
    ("organizations", {"response_type": "token"}, "unsupported_response_type"),
    ("organizations", {"scope": " "}, "invalid_request"),
    ("organizations", {"code_challenge": ""}, "invalid_request"),
    ("organizations", {"code_challenge_method": "plain"}, "invalid_request"),
    ("consumers", {}, "invalid_scope"),
])  # fmt: skip
def test_what_is_wrong_about_a_request_goes_back_with_its_state(
    microsoft: StandIn, tenant: str, changes: dict[str, str], error: str
) -> None:
    status, _, location = authorize(microsoft, tenant, **changes)
    assert status == 302
    assert f"error={error}" in location
    assert location.endswith("state=s")


@pytest.mark.parametrize(("tenant", "changes"), [
    ("common", {}), ("organizations", {"scope": ""}), ("organizations", {"scope": "Files.ReadWrite.All"}),
])  # fmt: skip
def test_admin_consent_wants_a_tenant_and_full_permission_addresses(
    microsoft: StandIn, tenant: str, changes: dict[str, str]
) -> None:
    query = {
        "client_id": microsoft.app.client_id, "scope": "https://graph.microsoft.com/.default", "state": "s",
        "redirect_uri": "http://testserver/integrations/authentications/oauth/approved/", **changes,
    }  # fmt: skip
    assert visit(f"{microsoft.url}/{tenant}/v2.0/adminconsent?{urlencode(query)}")[0] == 400


def test_tokens_are_asked_for_in_a_form_s_body_alone(microsoft: StandIn) -> None:
    path = "/organizations/oauth2/v2.0/token"
    assert ask(microsoft, "POST", path, body={"grant_type": "refresh_token"})[0] == 400
    form = urlencode({"client_id": microsoft.app.client_id, "client_secret": "x"}).encode()
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    status, answer = ask(microsoft, "POST", path, body=form, **kind)
    assert (status, answer["error"], answer["error_codes"]) == (401, "invalid_client", [7000215])
    assert ask(microsoft, "POST", f"{path}?client_secret=x", body=form, **kind)[0] == 400


# --- Graph ----------------------------------------------------------------------------------------


def test_a_token_is_needed_and_has_to_be_good(microsoft: StandIn, token: str) -> None:
    assert ask(microsoft, "GET", "/v1.0/me")[0] == 401
    assert ask(microsoft, "GET", "/v1.0/me", token)[0] == 200
    microsoft.authority.end_access(microsoft.world.kate)
    status, answer = ask(microsoft, "GET", "/v1.0/me", token)
    assert (status, codes(answer)[0]) == (401, "InvalidAuthenticationToken")


def test_sites_need_their_own_permission(microsoft: StandIn) -> None:
    poor = tokens_of(microsoft, microsoft.world.kate, "offline_access User.Read Files.ReadWrite.All")[
        "access_token"
    ]
    assert ask(microsoft, "GET", "/v1.0/sites/contoso.sharepoint.com:/sites/Marketing", poor)[0] == 403
    library = microsoft.world.marketing.drives[0].id
    assert ask(microsoft, "GET", f"/v1.0/drives/{library}/root", poor)[0] == 403


@pytest.mark.parametrize("path", ["a%2Fb.csv", "a b.csv".replace(" ", "%20") + "%2f"])
def test_a_path_has_to_be_encoded_segment_by_segment(microsoft: StandIn, token: str, path: str) -> None:
    drive = microsoft.world.kate.drive.id
    status, answer = ask(microsoft, "GET", f"/v1.0/drives/{drive}/root:/{path}", token)
    assert (status, codes(answer)[-1]) == (400, "invalidPath")


@pytest.mark.parametrize("name", ["a%3Ab.csv", "CON", "%20a.csv", "_vti_x", "~%24a.csv"])
def test_forbidden_names_are_refused(microsoft: StandIn, token: str, name: str) -> None:
    drive = microsoft.world.kate.drive.id
    status, _ = ask(microsoft, "PUT", f"/v1.0/drives/{drive}/root:/{name}:/content", token, b"x")
    assert status == 400


def test_nothing_can_be_deleted_or_changed_otherwise(microsoft: StandIn, token: str) -> None:
    drive = microsoft.world.kate.drive
    item = drive.root.add("a.csv", b"x")
    for method in ("DELETE", "PATCH", "POST"):
        assert ask(microsoft, method, f"/v1.0/drives/{drive.id}/items/{item.id}", token, b"{}")[0] == 405


def open_session(microsoft: StandIn, token: str, name: str = "a.csv", **item: Any) -> tuple[int, Any]:
    body = {"item": {"@microsoft.graph.conflictBehavior": "replace", "name": name, **item}}
    path = f"/v1.0/drives/{microsoft.world.kate.drive.id}/root:/a.csv:/createUploadSession"
    return ask(microsoft, "POST", path, token, body)


def put(microsoft: StandIn, url: str, data: bytes, first: int, total: int, **headers: str) -> tuple[int, Any]:
    span = f"bytes {first}-{first + len(data) - 1}/{total}"
    return ask(microsoft, "PUT", url, "", data, Content_Range=span, **headers)


def test_an_upload_session_keeps_every_rule(microsoft: StandIn, token: str) -> None:
    assert open_session(microsoft, token, name="b.csv")[0] == 400
    assert open_session(microsoft, token, **{"@microsoft.graph.conflictBehavior": "merge"})[0] == 400
    assert open_session(microsoft, token, fileSize=1 << 50)[0] == 507
    url = open_session(microsoft, token)[1]["uploadUrl"]
    total = 640 * KB + 5
    assert put(microsoft, url, b"x" * 320 * KB, 0, total, Authorization="Bearer x")[0] == 401
    assert put(microsoft, url, b"x" * 300 * KB, 0, total)[0] == 400  # not a multiple of 320 KiB
    assert codes(put(microsoft, url, b"x" * 320 * KB, 320 * KB, total)[1])[-1] == "fragmentOutOfOrder"
    status, answer = put(microsoft, url, b"x" * 320 * KB, 0, total)
    assert (status, answer["nextExpectedRanges"]) == (202, [f"{320 * KB}-"])
    assert put(microsoft, url, b"x" * 320 * KB, 0, total)[0] == 416  # overlaps
    assert codes(put(microsoft, url, b"x" * 320 * KB, 320 * KB, total + 1)[1])[-1] == "fragmentLengthMismatch"
    assert put(microsoft, url, b"x" * 320 * KB, 320 * KB, total)[0] == 202
    assert ask(microsoft, "GET", url)[1]["nextExpectedRanges"] == [f"{640 * KB}-"]
    status, answer = put(microsoft, url, b"y" * 5, 640 * KB, total)
    assert (status, answer["name"], answer["size"]) == (201, "a.csv", total)
    assert ask(microsoft, "GET", url)[0] == 404  # the session ends with the file


@pytest.mark.parametrize(("data", "digest"), [
    (b"", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    (b"\x00", "AAAAAAAAAAAAAAAAAQAAAAAAAAA="),
    (b"\x01", "AQAAAAAAAAAAAAAAAQAAAAAAAAA="),
    (b"J", "SgAAAAAAAAAAAAAAAQAAAAAAAAA="),
])  # fmt: skip
def test_the_hash_is_the_published_one(data: bytes, digest: str) -> None:
    assert quickxor(data) == digest


def test_it_can_be_started_by_itself() -> None:
    command = [sys.executable, "-m", "tests.standins.microsoft", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(4)]
        url = said[0].split()[6].rstrip(".")
        try:
            assert "SENDOFF_MICROSOFT_CLIENT_SECRET=" in "".join(said)
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(f"{url}/v1.0/me")
            assert caught.value.code == 401
        finally:
            process.terminate()
        assert process.wait() == 0
