"""The test of an authentication, and what it leaves on the row."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from integrations import registry, tokens
from integrations.errors import DeliveryError, Kind
from integrations.models import Authentication

SLOW_MS = 3_000
PARALLEL = 16
PATIENCE = 60  # seconds somebody waits for a test of all of them
Health = Authentication.Health
ACCEPTED = frozenset({Health.HEALTHY, Health.SLOW})
FOUND = ["health", "health_message", "health_ms", "account", "detail", "health_checked_at", "updated_at"]


class Tally(NamedTuple):
    """What a test of many came to."""

    accepted: int
    refused: int
    skipped: int  # for want of time


def test(authentication: Authentication) -> DeliveryError | None:
    """Asks the destination and saves the answer. None where the credentials were accepted."""
    refusal = probe(authentication)
    authentication.save(update_fields=FOUND)
    return refusal


def probe(authentication: Authentication) -> DeliveryError | None:
    """Asks the destination and puts the answer on the object, saved or not."""
    authentication.health_checked_at = timezone.now()
    authentication.health_ms = None
    try:
        found = registry.get(authentication.connector).check(tokens.credentials(authentication))
    except DeliveryError as error:
        broken = error.kind in {Kind.CREDENTIALS, Kind.SETTINGS}
        authentication.health = Health.RECONNECT if broken else Health.UNREACHABLE
        authentication.health_message = in_words(error)
        return error
    authentication.health = Health.SLOW if found.milliseconds >= SLOW_MS else Health.HEALTHY
    authentication.health_message, authentication.health_ms = found.message, found.milliseconds
    authentication.account, authentication.detail = found.account, found.detail
    return None


def adopt(authentication: Authentication, trial: Authentication) -> None:
    """Saves what was found out about a copy with the same credentials."""
    for name in FOUND[:-1]:
        setattr(authentication, name, getattr(trial, name))
    authentication.save(update_fields=FOUND)


def test_all(authentications: Iterable[Authentication]) -> Tally:
    """Several at a time, in the order given: one that does not answer holds up no other."""
    known = list(authentications)
    until = time.monotonic() + PATIENCE

    def ask(authentication: Authentication) -> bool | None:
        try:
            return None if time.monotonic() > until else probe(authentication) is None
        finally:
            connection.close()  # this thread's own, where a token had to be renewed

    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(pool.map(ask, known))
    for authentication, answer in zip(known, answers, strict=True):
        if answer is not None:
            authentication.save(update_fields=FOUND)
    return Tally(*(answers.count(outcome) for outcome in (True, False, None)))


def in_words(error: DeliveryError) -> str:
    """What happened, then what to do."""
    return " ".join(part for part in (str(error), error.action) if part)
