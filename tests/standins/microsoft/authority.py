"""login.microsoftonline.com, strict: authorize, token and admin consent of the v2.0 endpoints."""

import base64
import hashlib
import re
import time
import uuid
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.standins.microsoft import pages
from tests.standins.microsoft.state import Account, App, Code, Refusal, Request, Tenant, Token, moment
from tests.standins.microsoft.world import World

CODE_SECONDS = 600
FORM = "application/x-www-form-urlencoded"


class Page(Exception):
    def __init__(self, html: str, status: int = 200) -> None:
        super().__init__(status)
        self.html, self.status = html, status


class Redirect(Exception):
    def __init__(self, url: str, **query: str) -> None:
        self.url = f"{url}?{urlencode(query)}"
        super().__init__(self.url)


def wrong(status: int, error: str, number: int, text: str, **more: Any) -> Refusal:
    trace = str(uuid.uuid4())
    description = (
        f"AADSTS{number}: {text}\r\nTrace ID: {trace}\r\nCorrelation ID: {trace}\r\nTimestamp: {moment()}"
    )
    return Refusal(
        status,
        {
            "error": error,
            "error_description": description,
            "error_codes": [number],
            "timestamp": moment(),
            "trace_id": trace,
            "correlation_id": trace,
            **more,
        },
    )


class Authority:
    def __init__(self, world: World, app: App) -> None:
        self.world, self.app = world, app
        self.codes: dict[str, Code] = {}
        self.access: dict[str, Token] = {}
        self.refresh: dict[str, Token] = {}
        self.lifetime = 3600  # seconds of an access token
        self.rotates = True  # a refresh gives a new refresh token
        self.kills_old = False  # and the old one no longer works
        self.redirect_error: dict[str, str] = {}  # sent instead of a code
        self.refreshes = 0

    def answer(self, request: Request) -> Any:
        tenant, _, endpoint = request.path.strip("/").partition("/")
        if request.method == "POST" and endpoint.endswith("/token"):
            return self._token(tenant, request)
        given = dict(parse_qsl(request.body.decode())) if request.method == "POST" else request.query
        if endpoint == "oauth2/v2.0/authorize":
            return self._authorize(tenant, given)
        if endpoint == "v2.0/adminconsent":
            return self._admin_consent(tenant, given)
        raise Refusal(404, {"error": "no such endpoint"})

    # --- sign-in ----------------------------------------------------------------------------------

    def _authorize(self, tenant: str, given: dict[str, str]) -> Any:
        back = self._registered(given)
        query = {k: v for k, v in given.items() if k not in {"account", "answer"}}
        state = query.get("state") or self._fail(900144, "The request must contain 'state'.")
        if query.get("response_type") != "code":
            raise self._back(back, state, "unsupported_response_type", 70005, "Only 'code' is supported.")
        if not query.get("scope", "").strip():
            raise self._back(back, state, "invalid_request", 900144, "The request body must contain 'scope'.")
        challenge = re.fullmatch(r"[A-Za-z0-9_-]{43}", query.get("code_challenge", ""))
        if not challenge or query.get("code_challenge_method") != "S256":
            raise self._back(
                back, state, "invalid_request", 9002325, "Proof Key for Code Exchange is required."
            )
        if tenant == "consumers" and "sites." in query["scope"].lower():
            raise self._back(
                back, state, "invalid_scope", 70011, "The scope Sites.ReadWrite.All is not valid."
            )
        people = self._people(tenant)
        if self.redirect_error:
            raise Redirect(back, **self.redirect_error, state=state)
        if given.get("answer") == "cancel":
            text = "AADSTS65004: User declined to consent to access the app."
            raise Redirect(
                back, error="access_denied", error_subcode="cancel", error_description=text, state=state
            )
        account = next((each for each in people if each.address == given.get("account")), None)
        if account is None:
            raise Page(pages.pick(query, people))
        free = account.consented or (account.tenant is not None and account.tenant.approved)
        if not free and account.tenant and account.tenant.needs_admin:
            raise Page(pages.need_approval(query, account))
        if not free and given.get("answer") != "accept":
            raise Page(pages.consent(query, account, query["scope"]))
        account.consented = True
        code = base64.urlsafe_b64encode(uuid.uuid4().bytes * 3).decode()
        self.codes[code] = Code(account, back, query["scope"], query["code_challenge"], time.time())
        raise Redirect(back, code=code, state=state, session_state=str(uuid.uuid4()))

    def _registered(self, given: dict[str, str]) -> str:
        """The redirect address, or a page: what is not registered is never redirected to."""
        if given.get("client_id") != self.app.client_id:
            self._fail(700016, f"Application with identifier '{given.get('client_id')}' was not found.")
        back = given.get("redirect_uri", "")
        loopback = re.fullmatch(r"http://(127\.0\.0\.1|localhost)(:\d+)?/[\w/-]*", back)
        if back not in self.app.redirect_uris and not (self.app.any_redirect and loopback):
            self._fail(50011, f"The redirect URI '{back}' specified in the request does not match.")
        return back

    def _people(self, tenant: str) -> list[Account]:
        everybody = self.world.accounts
        if tenant == "common":
            return everybody
        if tenant in {"consumers", "organizations"}:
            return [each for each in everybody if each.personal == (tenant == "consumers")]
        named = self._tenant(tenant)
        return [each for each in everybody if each.tenant is named]

    def _tenant(self, name: str) -> Tenant:
        found = next((each for each in self.world.tenants if name in {each.id, each.domain}), None)
        if found is None:
            self._fail(90002, f"Tenant '{name}' not found.")
        assert found
        return found

    def _back(self, back: str, state: str, error: str, number: int, text: str) -> Redirect:
        return Redirect(back, error=error, error_description=f"AADSTS{number}: {text}", state=state)

    def _fail(self, number: int, text: str) -> Any:
        raise Page(pages.failure(number, text), 400)

    # --- admin consent ----------------------------------------------------------------------------

    def _admin_consent(self, tenant: str, given: dict[str, str]) -> Any:
        back = self._registered(given)
        scope, state = given.get("scope", ""), given.get("state", "")
        if tenant in {"common", "consumers"} or not scope.strip() or not state:
            self._fail(900144, "Admin consent needs a tenant, a scope and a state.")
        for each in scope.split():
            if not each.startswith("https://"):
                self._fail(70011, f"The scope {each} is not a full permission address.")
        named = None if tenant == "organizations" else self._tenant(tenant)
        admins = [a for a in self.world.accounts if a.is_admin and (named is None or a.tenant is named)]
        if not given.get("answer"):
            raise Page(pages.approve({k: v for k, v in given.items() if k != "account"}, admins, scope))
        admin = next((each for each in admins if each.address == given.get("account")), None)
        if given["answer"] != "accept" or admin is None or admin.tenant is None:
            text = "AADSTS65004: The resource owner or authorization server denied the request."
            raise Redirect(
                back, admin_consent="True", error="consent_required", error_description=text, state=state
            )
        admin.tenant.approved = True
        raise Redirect(back, admin_consent="True", tenant=admin.tenant.id, scope=scope, state=state)

    # --- tokens -----------------------------------------------------------------------------------

    def _token(self, tenant: str, request: Request) -> Any:
        if request.headers.get("content-type", "").split(";")[0] != FORM or request.query:
            raise wrong(400, "invalid_request", 900144, "The body must be a form, and only the body.")
        given = dict(parse_qsl(request.body.decode()))
        if given.get("client_id") != self.app.client_id:
            raise wrong(400, "unauthorized_client", 700016, "Application was not found in the directory.")
        if given.get("client_secret") != self.app.secret:
            raise wrong(401, "invalid_client", 7000215, "Invalid client secret provided.")
        kind = given.get("grant_type")
        if kind == "authorization_code":
            return self._exchange(tenant, given)
        if kind == "refresh_token":
            return self._renew(given)
        raise wrong(400, "unsupported_grant_type", 70003, f"The grant type {kind} is not supported.")

    def _exchange(self, tenant: str, given: dict[str, str]) -> Any:
        code = self.codes.get(given.get("code", ""))
        if code is None or code.redirect_uri != given.get("redirect_uri"):
            raise wrong(400, "invalid_grant", 70000, "The provided value for 'code' is not valid.")
        if code.account not in self._people(tenant):
            raise wrong(400, "invalid_grant", 50020, "The account does not exist in this tenant.")
        if code.used:
            raise wrong(400, "invalid_grant", 54005, "OAuth2 Authorization code was already redeemed.")
        if time.time() > code.issued + CODE_SECONDS:
            raise wrong(400, "invalid_grant", 70008, "The provided authorization code has expired.")
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != code.challenge:
            raise wrong(400, "invalid_grant", 501481, "The Code_Verifier does not match.")
        code.used = True
        return self._issue(Token(code.account, code.scope), first=True)

    def _renew(self, given: dict[str, str]) -> Any:
        value = given.get("refresh_token", "")
        known = self.refresh.get(value)
        if known is None:
            raise wrong(400, "invalid_grant", 9002313, "Invalid request. Request is malformed or invalid.")
        if known.revoked:
            more = {"suberror": "bad_token"} if known.revoked == 50173 else {}
            raise wrong(400, "invalid_grant", known.revoked, "The provided grant has expired.", **more)
        asked = given.get("scope", known.scope)
        if not set(asked.lower().split()) <= set(known.scope.lower().split()):
            raise wrong(
                400, "invalid_grant", 65001, "The user has not consented.", suberror="consent_required"
            )
        self.refreshes += 1
        if self.kills_old:
            del self.refresh[value]
        return self._issue(Token(known.account, known.scope), first=False)

    def _issue(self, token: Token, *, first: bool) -> Any:
        token.expires = time.time() + self.lifetime
        self.access[token.value] = token
        answer = {
            "token_type": "Bearer", "scope": token.scope, "expires_in": self.lifetime,
            "ext_expires_in": self.lifetime, "access_token": token.value,
        }  # fmt: skip
        if token.has("offline_access") and (first or self.rotates):
            kept = Token(token.account, token.scope)
            self.refresh[kept.value] = kept
            answer["refresh_token"] = kept.value
        return answer

    def revoke(self, account: Account, number: int = 50173) -> None:
        """The grant is gone: every refresh is refused, and access tokens end now."""
        for token in self.refresh.values():
            if token.account is account:
                token.revoked = number
        self.end_access(account)

    def end_access(self, account: Account) -> None:
        for token in self.access.values():
            if token.account is account:
                token.expires = 0.0
