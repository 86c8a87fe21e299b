from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from console.accounts import keys
from console.accounts.models import ApiKey
from integrations import vault
from integrations.models import Authentication


class Command(BaseCommand):
    help = (
        "Seals every API key and authentication again with the newest of SENDOFF_ENCRYPTION_KEYS, and makes the "
        "digests of API keys again from SENDOFF_SECRET_KEY. Afterwards the older encryption keys can go."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{_api_keys()} API keys and {_authentications()} authentications sealed again.")


def _api_keys() -> int:
    numbers = list(ApiKey.objects.values_list("pk", flat=True))
    for pk in numbers:
        with transaction.atomic():
            key = ApiKey.objects.select_for_update().get(pk=pk)
            key.sealed, key.digest = vault.reseal(key.sealed), keys.digest(keys.reveal(key))
            key.save(update_fields=["sealed", "digest"])
    return len(numbers)


def _authentications() -> int:
    """One row at a time under its lock, so that a token refreshed meanwhile is not overwritten."""
    numbers = list(Authentication.objects.exclude(sealed="").values_list("pk", flat=True))
    for pk in numbers:
        with transaction.atomic():
            row = Authentication.objects.select_for_update().get(pk=pk)
            Authentication.objects.filter(pk=pk).update(sealed=vault.reseal(row.sealed))
    return len(numbers)
