"""What activations tell the rooms below them. Called once, from `AppConfig.ready`."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.urls import reverse

from activations import finishing, making, refreshing, scheduled, telling
from activations.models import Activation, ParentSegment, Segment
from console.shell import search, status
from console.workbench import origins, runners, upkeep
from integrations.authentications import usage


def register() -> None:
    origins.register(
        "activation", origins.Origin(where=finishing.where, finish=finishing.finish, maker=making.maker)
    )
    runners.register(scheduled.RUNNER)
    telling.register()
    search.register("Activations", _find_activations)
    status.register_count("activations", Activation.objects.saved().count)
    search.register("Parent segments", _find_parents)
    search.register("Segments", _find_segments)
    status.register_count("parent_segments", ParentSegment.objects.count)
    upkeep.turned.connect(refreshing.turned, dispatch_uid="refreshes of parent segments")
    usage.register(
        usage.Kind(
            singular="activation",
            plural="activations",
            list_url=lambda pk: f"{reverse('activations')}?authentication={pk}",
            counts=_uses,
            named=_users_of,
        )
    )


def _find_parents(text: str, user: Any) -> Iterable[search.Hit]:
    for one in ParentSegment.objects.filter(name__icontains=text)[: search.LIMIT]:
        detail = "Not counted yet" if one.customers is None else f"{one.customers:,} profiles"
        yield search.Hit(one.name, reverse("audience", args=[one.pk]), detail, "users-group")


def _find_segments(text: str, user: Any) -> Iterable[search.Hit]:
    found = Segment.objects.filter(name__icontains=text).select_related("audience")
    for one in found.defer("rules", "previous_rules", "sample")[: search.LIMIT]:
        yield search.Hit(one.name, reverse("segment", args=[one.pk]), one.audience.name, "users")


def _uses(ids: Iterable[int]) -> dict[int, int]:
    found = Activation.objects.filter(authentication__in=list(ids)).values_list("authentication")
    return dict(found.annotate(n=Count("pk")).order_by())


def _users_of(pk: int) -> Iterable[tuple[str, str]]:
    for activation in Activation.objects.filter(authentication=pk):
        yield str(activation), reverse("activation", args=[activation.pk])


def _find_activations(text: str, user: Any) -> Iterable[search.Hit]:
    found = Activation.objects.saved().filter(name__icontains=text).select_related("segment")
    for one in found[: search.LIMIT]:
        yield search.Hit(one.name, reverse("activation", args=[one.pk]), f"Sends {one.segment}", "send")
