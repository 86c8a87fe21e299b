"""Service accounts: their key files, and the token endpoint that checks what was signed with them."""

import base64
import json
import secrets
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.standins.gcs.answers import NoToken

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPES = {f"https://www.googleapis.com/auth/devstorage.{name}" for name in ("read_write", "full_control")}
SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)
SKEW = 300  # seconds a clock may be wrong
ALL = frozenset({"storage.objects.create", "storage.objects.delete", "storage.objects.get"})


@lru_cache(maxsize=8)
def private_key(name: str) -> rsa.RSAPrivateKey:
    """One key per name and process, half as long as Google's: reading one takes a tenth of the time."""
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)


@dataclass
class Account:
    email: str
    key: rsa.RSAPrivateKey
    key_id: str
    permissions: dict[str, set[str]]  # bucket -> what it may do there

    def key_file(self, token_uri: str) -> dict[str, str]:
        """What Google's console downloads for this account."""
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {
            "type": "service_account",
            "project_id": "sample-project",
            "private_key_id": self.key_id,
            "private_key": pem.decode(),
            "client_email": self.email,
            "client_id": "107450000000000000000",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": token_uri,
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "client_x509_cert_url": f"https://www.googleapis.com/robot/v1/metadata/x509/{self.email}",
            "universe_domain": "googleapis.com",
        }


@dataclass
class Accounts:
    known: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)  # token -> e-mail
    granted: int = 0

    def add(self, name: str, permissions: dict[str, set[str]]) -> Account:
        email = f"{name}@sample-project.iam.gserviceaccount.com"
        account = Account(email, private_key(name), secrets.token_hex(20), permissions)
        self.known[email] = account
        return account

    def holder(self, authorization: str | None) -> Account | None:
        email = self.tokens.get((authorization or "").removeprefix("Bearer "), "")
        return self.known.get(email)

    def grant(self, content_type: str, body: bytes) -> dict[str, Any]:
        """A token for a request signed with an account's key. Raises `NoToken`."""
        if content_type.partition(";")[0] != "application/x-www-form-urlencoded":
            raise NoToken(f"Content type {content_type}", "invalid_request")
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if form.get("grant_type") != GRANT:
            raise NoToken(f"Invalid grant_type: {form.get('grant_type')}", "unsupported_grant_type")
        account = self._signer(form.get("assertion", ""))
        token = f"ya29.{secrets.token_urlsafe(48)}"
        self.tokens[token] = account.email
        self.granted += 1
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def _signer(self, assertion: str) -> Account:
        try:
            head, claims, signature = (_decoded(part) for part in assertion.split("."))
            header, told = json.loads(head), json.loads(claims)
        except ValueError as error:
            raise NoToken("Bad Request", "invalid_request") from error
        account = self.known.get(str(told.get("iss")))
        if account is None:
            raise NoToken("Invalid grant: account not found")
        if header != {"typ": "JWT", "alg": "RS256", "kid": account.key_id}:
            raise NoToken("Invalid JWT Signature.")
        signed = assertion.rpartition(".")[0].encode()
        try:
            account.key.public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise NoToken("Invalid JWT Signature.") from error
        _check_claims(told)
        return account


def _check_claims(told: dict[str, Any]) -> None:
    now, issued, expires = time.time(), int(told.get("iat", 0)), int(told.get("exp", 0))
    if not (now - 3600 < issued <= now + SKEW and now < expires <= issued + 3600):
        raise NoToken(SHORT_LIVED)
    if told.get("aud") != AUDIENCE:
        raise NoToken("Invalid JWT: Failed audience check.")
    if not SCOPES & set(str(told.get("scope", "")).split()):
        raise NoToken("Invalid OAuth scope or ID token audience provided.", "invalid_scope")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
