"""API keys: a master and a write-only key per user, found by digest, kept encrypted.

A key reads `<account number>/<40 lower-case hex>`, the shape that Treasure Data's clients expect.
"""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from console.accounts.models import ApiKey, User
from integrations import vault

STAMP_EVERY = timedelta(minutes=1)


def find(text: str) -> ApiKey | None:
    """The key of an active user whose text this is, with `user` loaded. Stamps last_used_at at most once a minute.

    The look-up is by HMAC: its time tells nothing about how much of a guess was right, and the
    database alone holds nothing that signs in.
    """
    key = ApiKey.objects.select_related("user").filter(digest=digest(text), user__is_active=True).first()
    if key:
        _stamp(key)
    return key


def create_pair(user: User) -> tuple[ApiKey, ApiKey]:
    """The write-only and the master key of a new user. A user who has them already keeps them."""
    return _create(user, ApiKey.Kind.WRITE_ONLY), _create(user, ApiKey.Kind.MASTER)


def regenerate(key: ApiKey) -> str:
    """Replaces the key and returns the new text. The old one stops with this call's commit."""
    text = _new_text()
    key.digest, key.sealed = digest(text), vault.seal({"key": text})
    key.created_at, key.last_used_at = timezone.now(), None
    key.save(update_fields=["digest", "sealed", "created_at", "last_used_at"])
    return text


def reveal(key: ApiKey) -> str:
    """The text of the key. Show it only after the password was asked for again."""
    text: str = vault.unseal(key.sealed)["key"]
    return text


def masked(key: ApiKey) -> str:
    """`1/••••••••`: tells the shape and nothing of the key."""
    return f"{settings.ACCOUNT_ID}/{'•' * 40}"


def digest(text: str) -> str:
    """HMAC-SHA256, in hex, under a key derived from SECRET_KEY."""
    derived = sha256(b"console.accounts.keys" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(derived, text.encode(), sha256).hexdigest()


def _create(user: User, kind: ApiKey.Kind) -> ApiKey:
    text = _new_text()
    try:
        with transaction.atomic():
            return ApiKey.objects.create(
                user=user, kind=kind, digest=digest(text), sealed=vault.seal({"key": text})
            )
    except IntegrityError:
        return ApiKey.objects.get(user=user, kind=kind)


def _new_text() -> str:
    return f"{settings.ACCOUNT_ID}/{secrets.token_hex(20)}"


def _stamp(key: ApiKey) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - STAMP_EVERY)
    if key.last_used_at is None or key.last_used_at < now - STAMP_EVERY:
        ApiKey.objects.filter(stale, pk=key.pk, digest=key.digest).update(last_used_at=now)
        key.last_used_at = now
