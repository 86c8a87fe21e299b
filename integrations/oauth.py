"""Sign-in at the other side instead of typed secrets: what a connector declares, and what can go wrong."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from integrations.errors import RefusedError

Keys = Mapping[str, Any]


class Refusal(StrEnum):
    """Why a sign-in did not end with an account, named by what has to be done about it."""

    DECLINED = (
        "declined"  # the person said no, or an administrator has to agree first: the answer is the same
    )
    APPROVAL = "approval"  # an administrator has to agree first
    EXPIRED = "expired"  # the code came too late, twice, or without its verifier
    STATE = "state"  # not a sign-in that was begun here, or one that has been answered before
    TENANT = "tenant"  # this account is not of a tenant the app serves
    REGISTRATION = "registration"  # what the operator registered does not fit
    SECRET = "secret"  # the operator's client id or secret is wrong or has expired
    TEMPORARY = "temporary"  # the other side had a failure of its own
    OTHER_ACCOUNT = "other_account"  # reconnected with another account than before
    SIGNED_OUT = "signed_out"  # nobody, or somebody else, is logged in to the console by now
    STOPPED = "stopped"  # the person stopped waiting


class Refused(Exception):
    """`str(error)` is the other side's own first line, with its code; "" where it said nothing."""

    def __init__(self, refusal: Refusal, words: str = "") -> None:
        super().__init__(words)
        self.refusal = refusal


class NotSetUp(RefusedError):
    """The operator's registration is at fault: no user can mend it by connecting again."""


@dataclass(frozen=True)
class Grant:
    """What a sign-in or a renewal gave. No refresh token: the old one stays."""

    access_token: str
    expires_at: int  # Unix seconds
    refresh_token: str = ""
    scope: str = ""

    @classmethod
    def of(cls, answer: Keys) -> "Grant":
        """From a token endpoint's answer (RFC 6749, section 5.1)."""
        return cls(
            access_token=str(answer["access_token"]),
            expires_at=int(time.time()) + int(answer.get("expires_in") or 3600),
            refresh_token=str(answer.get("refresh_token") or ""),
            scope=str(answer.get("scope") or ""),
        )


@dataclass(frozen=True)
class Plan:
    """A kind of account, chosen before the person is sent away, because each is asked for other permissions."""

    key: str
    label: str
    backend: str  # social-auth's name of it


@dataclass(frozen=True)
class Permission:
    name: str
    purpose: str
    only: str = ""  # "Business only", where it is not asked of every plan


@dataclass(frozen=True, kw_only=True)
class OAuth:
    provider: str  # "Microsoft"
    question: str  # over the two ways
    plan_key: str  # under which an authentication keeps its plan
    plan_label: str
    plans: tuple[Plan, ...]
    permissions: tuple[Permission, ...]
    settings: tuple[str, ...]  # what the operator sets with what was registered
    missing: Callable[[], tuple[str, ...]]  # those that are not set; none: it can be used
    registration: Callable[[], tuple[tuple[str, str], ...]]  # label, value: what to register over there
    renew: Callable[[Keys], Grant]  # credentials -> a fresh access token; raises DeliveryError
    approval_url: Callable[[str, str], str]  # return address, state -> the link for an administrator
    approved_plan: str  # the plan whose accounts an administrator approves

    def plan(self, key: str) -> Plan | None:
        return next((plan for plan in self.plans if plan.key == key), None)


class Credentials(dict[str, Any]):
    """Keys and secrets of an authentication that was signed in, and the way to a fresh access token."""

    def __init__(self, values: Keys, renew: Callable[[str], Keys]) -> None:
        super().__init__(values)
        self._renew = renew

    def renewed(self, spent: str) -> str:
        """An access token that is not `spent`. Raises `DeliveryError`."""
        self.update(self._renew(spent))
        return str(self["access_token"])
