"""What the authority's error codes mean. https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations.errors import CredentialsError, DeliveryError, RefusedError, TemporaryError
from integrations.oauth import NotSetUp, Refusal, Refused
from integrations.redaction import redact

# By AADSTS number first: `invalid_request` alone covers half of them.
_NUMBERS: dict[Refusal, set[int]] = {
    Refusal.DECLINED: {65004},
    Refusal.APPROVAL: {65001, 90094, 90095},
    Refusal.SECRET: {70002, 7000215, 7000222},
    Refusal.TENANT: {50020, 50034, 90002, 90072},
    Refusal.REGISTRATION: {50011, 50194, 70011, 700011, 700016, 900144, 9002325, 9002332},
    Refusal.TEMPORARY: {90006, 90024, 90033, 90055},
}
_ERRORS: dict[str, Refusal] = {
    "access_denied": Refusal.DECLINED,
    "consent_required": Refusal.APPROVAL,
    "interaction_required": Refusal.APPROVAL,
    "invalid_client": Refusal.SECRET,
    "invalid_grant": Refusal.EXPIRED,
    "invalid_request": Refusal.REGISTRATION,
    "invalid_scope": Refusal.REGISTRATION,
    "unauthorized_client": Refusal.REGISTRATION,
    "unsupported_response_type": Refusal.REGISTRATION,
    "server_error": Refusal.TEMPORARY,
    "temporarily_unavailable": Refusal.TEMPORARY,
    "login_required": Refusal.TEMPORARY,
}
OPERATOR = (
    "An operator of this console has to correct the app registration or SENDOFF_MICROSOFT_CLIENT_SECRET."
)


@dataclass(frozen=True)
class AuthorityError:
    """An OAuth error of the v2.0 endpoints, from a redirect's query or from the body of an answer."""

    error: str
    number: int  # 0 where there is none
    words: str  # the first line of the description; the others are ids and a time

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "AuthorityError":
        words = redact(str(data.get("error_description") or "").strip().split("\r\n")[0].split("\n")[0])
        codes = data.get("error_codes")
        known = (
            codes if isinstance(codes, list) else re.findall(r"^AADSTS(\d+)", words)
        )  # a redirect has no list
        number = int(known[0]) if known and str(known[0]).isdecimal() else 0
        return cls(str(data.get("error") or ""), number, words[:300])

    @property
    def refusal(self) -> Refusal:
        for refusal, numbers in _NUMBERS.items():
            if self.number in numbers:
                return refusal
        return _ERRORS.get(self.error, Refusal.REGISTRATION)

    @property
    def code(self) -> str:
        return f"{self.error}, AADSTS{self.number}" if self.number else self.error

    def at_sign_in(self) -> Refused:
        return Refused(self.refusal, self.words or self.error)

    def at_renewal(self) -> DeliveryError:
        """Consent that is missing by now, a second factor, a revoked grant: each is mended by signing in again."""
        response = f"{self.code}: {self.words}" if self.words else self.code
        if self.refusal in {Refusal.SECRET, Refusal.REGISTRATION} and self.error != "invalid_grant":
            return NotSetUp(
                f"The Microsoft client secret is wrong or expired ({self.code})."
                if self.refusal == Refusal.SECRET
                else f"Microsoft does not accept this console's app registration ({self.code}).",
                action=OPERATOR,
                response=response,
            )
        if self.error in {"invalid_grant", "interaction_required", "consent_required", "access_denied"}:
            return CredentialsError(
                f"Microsoft no longer accepts the refresh token ({self.code}).",
                action="Reconnect.",
                response=response,
            )
        if self.refusal == Refusal.TEMPORARY:
            return TemporaryError("Microsoft's sign-in service has a failure of its own.", response=response)
        return RefusedError(f"Microsoft refused to renew the access token ({self.code}).", response=response)
