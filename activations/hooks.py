"""What activations tell the rooms below them. Called once, from `AppConfig.ready`."""

from collections.abc import Iterable

from django.db.models import Count
from django.urls import reverse

from activations import finishing, making, scheduled, telling
from activations.models import Activation
from console.workbench import origins, runners
from integrations.authentications import usage


def register() -> None:
    origins.register(
        "activation", origins.Origin(where=finishing.where, finish=finishing.finish, maker=making.maker)
    )
    runners.register(scheduled.RUNNER)
    telling.register()
    usage.register(
        usage.Kind(
            singular="activation",
            plural="activations",
            list_url=lambda pk: f"{reverse('activations')}?authentication={pk}",
            counts=_uses,
            named=_users_of,
        )
    )


def _uses(ids: Iterable[int]) -> dict[int, int]:
    found = Activation.objects.filter(authentication__in=list(ids)).values_list("authentication")
    return dict(found.annotate(n=Count("pk")).order_by())


def _users_of(pk: int) -> Iterable[tuple[str, str]]:
    for activation in Activation.objects.filter(authentication=pk):
        yield str(activation), reverse("activation", args=[activation.pk])
