from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import models, transaction

from console.accounts import keys
from console.accounts.models import ApiKey
from integrations import vault


class Command(BaseCommand):
    help = (
        "Seals every API key, authentication and webhook again with the newest of SENDOFF_ENCRYPTION_KEYS, and makes "
        "the digests of API keys again from SENDOFF_SECRET_KEY. Afterwards the older encryption keys can go."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        counts = [f"{_api_keys()} API keys"]
        counts += [f"{_rows(model)} {model._meta.verbose_name_plural}" for model in _sealing()]
        self.stdout.write(f"{', '.join(counts)} sealed again.")


def _api_keys() -> int:
    numbers = list(ApiKey.objects.values_list("pk", flat=True))
    for pk in numbers:
        with transaction.atomic():
            key = ApiKey.objects.select_for_update().get(pk=pk)
            key.sealed, key.digest = vault.reseal(key.sealed), keys.digest(keys.reveal(key))
            key.save(update_fields=["sealed", "digest"])
    return len(numbers)


def _sealing() -> list[type[models.Model]]:
    """Every other model of whichever room whose rows hold secrets: they keep them in a field called `sealed`."""
    named = (model for model in apps.get_models() if model is not ApiKey)
    return [model for model in named if any(field.name == "sealed" for field in model._meta.get_fields())]


def _rows(model: type[models.Model]) -> int:
    """One row at a time under its lock, so that a token refreshed meanwhile is not overwritten."""
    numbers = list(model._default_manager.exclude(sealed="").values_list("pk", flat=True))
    for pk in numbers:
        with transaction.atomic():
            row: Any = model._default_manager.select_for_update().filter(pk=pk).first()
            if row is not None:
                model._default_manager.filter(pk=pk).update(sealed=vault.reseal(row.sealed))
    return len(numbers)
