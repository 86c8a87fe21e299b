"""Slows down guessing of passwords without locking anybody out.

Failures are counted per e-mail and client address, so a guesser never blocks the right user elsewhere,
and more slowly per client address, so one machine can't try every account. A pair that has signed in
before is exempt from the address's limit: a stranger behind the same proxy doesn't lock it out.
An attempt counts as failed until it has succeeded, so parallel guesses gain nothing.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.http import HttpRequest
from django.utils import timezone

from console.accounts.models import SignIns, User

FORGET_AFTER = timedelta(hours=1)
TRUST_FOR = timedelta(days=30)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    free: int  # failures without a wait
    first: timedelta  # the wait after the next one; doubled with each that follows

    def wait(self, failures: int) -> timedelta:
        over = failures - self.free
        return timedelta(0) if over < 0 else min(self.first * 2 ** min(over, 20), LONGEST)


PAIR = Limit(free=5, first=timedelta(seconds=15))
ADDRESS = Limit(free=50, first=timedelta(seconds=5))


class Throttled(Exception):
    """Too many failures; `seconds` until the next attempt is looked at."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"Too many failed log-ins from this address. Try again in {spoken(seconds)}.")


def sign_in(email: str, password: str, address: str) -> User | None:
    """The user, or None where e-mail or password is wrong. Raises Throttled without looking at the password.

    An unknown e-mail costs the same hashing as a known one.
    """
    email = email.strip().lower()
    pair, machine = _subject("pair", email, address), _subject("address", address)
    _admit(pair, machine)
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        return None
    _forgive(pair, machine)
    return user


def client_address(request: HttpRequest) -> str:
    """Behind a proxy (SENDOFF_BEHIND_PROXY) what the proxy saw, else the other end of the connection.

    IPv6 addresses count by their /64: one machine owns them all.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        address = request.headers.get("X-Forwarded-For", address).split(",")[-1].strip()
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def spoken(seconds: int) -> str:
    if seconds < 90:
        return "1 second" if seconds == 1 else f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"


@transaction.atomic
def _admit(pair: str, machine: str) -> None:
    """Counts the attempt for both subjects, or raises Throttled and counts nothing."""
    now = timezone.now()
    rows = {row.subject: row for row in (_locked(machine), _locked(pair))}
    trusted = (rows[pair].succeeded_at or datetime.min.replace(tzinfo=now.tzinfo)) > now - TRUST_FOR
    watched = [(rows[pair], PAIR)] if trusted else [(rows[pair], PAIR), (rows[machine], ADDRESS)]
    wait = max((row.blocked_until - now for row, _ in watched if row.blocked_until), default=timedelta(0))
    if wait > timedelta(0):
        raise Throttled(max(1, round(wait.total_seconds())))
    for row, limit in watched:
        _count(row, limit, now)


def _locked(subject: str) -> SignIns:
    SignIns.objects.get_or_create(subject=subject)
    return SignIns.objects.select_for_update().get(subject=subject)


def _count(row: SignIns, limit: Limit, now: datetime) -> None:
    remembered = row.last_at is not None and row.last_at > now - FORGET_AFTER
    row.failures = row.failures + 1 if remembered else 1
    row.last_at, row.blocked_until = now, None
    if wait := limit.wait(row.failures):
        row.blocked_until = now + wait
    row.save()


def _forgive(pair: str, machine: str) -> None:
    SignIns.objects.filter(subject=pair).update(failures=0, blocked_until=None, succeeded_at=timezone.now())
    SignIns.objects.filter(subject=machine).update(failures=Greatest(F("failures") - 1, 0))


def forget_old() -> int:
    """Deletes rows that no longer mean anything; called by the daily maintenance. Returns how many."""
    now = timezone.now()
    untrusted = Q(succeeded_at=None) | Q(succeeded_at__lt=now - TRUST_FOR)
    deleted, _ = SignIns.objects.filter(untrusted, last_at__lt=now - FORGET_AFTER).delete()
    return deleted


def _subject(kind: str, *parts: str) -> str:
    return sha256("\0".join((settings.SECRET_KEY, kind, *parts)).encode()).hexdigest()
