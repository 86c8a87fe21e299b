"""The test of an authentication, and what it leaves on the row."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from django.utils import timezone

from integrations import registry, tokens
from integrations.errors import DeliveryError, Kind
from integrations.models import Authentication

SLOW_MS = 3_000
Health = Authentication.Health
ACCEPTED = frozenset({Health.HEALTHY, Health.SLOW})
FOUND = ["health", "health_message", "account", "detail", "health_checked_at", "updated_at"]


def test(authentication: Authentication) -> bool:
    """Asks the destination and saves the answer. True where the credentials were accepted."""
    accepted = probe(authentication)
    authentication.save(update_fields=FOUND)
    return accepted


def probe(authentication: Authentication) -> bool:
    """Asks the destination and puts the answer on the object, saved or not."""
    authentication.health_checked_at = timezone.now()
    try:
        found = registry.get(authentication.connector).check(tokens.credentials(authentication))
    except DeliveryError as error:
        broken = error.kind in {Kind.CREDENTIALS, Kind.SETTINGS}
        authentication.health = Health.RECONNECT if broken else Health.UNREACHABLE
        authentication.health_message = " ".join(part for part in (str(error), error.action) if part)
        return False
    authentication.health = Health.SLOW if found.milliseconds >= SLOW_MS else Health.HEALTHY
    authentication.health_message = found.message
    authentication.account, authentication.detail = found.account, found.detail
    return True


def test_all(authentications: Iterable[Authentication]) -> tuple[int, int]:
    """(accepted, not accepted). Several at a time: one that does not answer holds up no other."""
    with ThreadPoolExecutor(8) as pool:
        known = list(authentications)
        answers = list(pool.map(probe, known))
    for authentication in known:
        authentication.save(update_fields=FOUND)
    return sum(answers), len(answers) - sum(answers)
