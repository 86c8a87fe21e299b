"""Seals secrets at rest. The key ring comes from SENDOFF_ENCRYPTION_KEYS, newest key first."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

from integrations import redaction


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def ring() -> MultiFernet:
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def seal(secrets: Mapping[str, Any]) -> str:
    redaction.guard(secrets.values())
    return ring().encrypt(json.dumps(dict(secrets)).encode()).decode()


def unseal(sealed: str) -> dict[str, Any]:
    if not sealed:
        return {}
    opened: dict[str, Any] = json.loads(ring().decrypt(sealed.encode()))
    redaction.guard(opened.values())
    return opened


def reseal(sealed: str) -> str:
    """The same secrets under the newest key, for the rotation command."""
    return ring().rotate(sealed.encode()).decode()
