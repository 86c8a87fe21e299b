"""What activations tell the rooms below them. Called once, from `AppConfig.ready`."""

from collections.abc import Iterable

from django.db.models import Count

from activations import finishing
from activations.models import Activation
from console.workbench import origins
from integrations.authentications import usage

LIST = "/audience/activations/"


def register() -> None:
    origins.register("activation", origins.Origin(where=finishing.where, finish=finishing.finish))
    usage.register(
        usage.Kind(
            singular="activation",
            plural="activations",
            list_url=lambda pk: f"{LIST}?authentication={pk}",
            counts=_uses,
            named=_users_of,
        )
    )


def _uses(ids: Iterable[int]) -> dict[int, int]:
    found = Activation.objects.filter(authentication__in=list(ids)).values_list("authentication")
    return dict(found.annotate(n=Count("pk")).order_by())


def _users_of(pk: int) -> Iterable[tuple[str, str]]:
    for activation in Activation.objects.filter(authentication=pk):
        yield str(activation), f"{LIST}{activation.pk}/"
