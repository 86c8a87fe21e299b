"""The Authentications list: health, last use, users; broken ones say why, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from integrations import registry
from integrations.authentications import health, usage
from integrations.authentications.forms import HEALTH, FilterForm
from integrations.authentications.permissions import may_edit
from integrations.connector import Connector
from integrations.models import Authentication, AuthenticationQuerySet

PER_PAGE = 50
WELL = (Authentication.Health.HEALTHY, Authentication.Health.UNKNOWN)
BROKEN = (Authentication.Health.RECONNECT, Authentication.Health.UNREACHABLE)


@dataclass(frozen=True)
class Row:
    authentication: Authentication
    connector: Connector
    uses: list[usage.Use]
    editable: bool
    broken: bool


@require_safe
def authentications(request: HttpRequest) -> HttpResponse:
    filters = FilterForm(request.GET).values()
    found = _matching(filters["q"], filters["connector"])
    totals = found.aggregate(
        all=Count("pk"), healthy=Count("pk", filter=Q(health__in=WELL)), checked=Max("health_checked_at")
    )
    shown = {"healthy": found.filter(health__in=WELL), "attention": found.exclude(health__in=WELL)}
    numbers = {
        "": totals["all"],
        "healthy": totals["healthy"],
        "attention": totals["all"] - totals["healthy"],
    }
    page = Paginator(shown.get(filters["health"], found), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        **filters,
        "filtered": any(filters.values()),
        "rows": _rows(request.user, page.object_list),
        "page": page,
        "connectors": registry.connectors(),
        "checked": totals["checked"],
        "tabs": [(value, label, numbers[value]) for value, label in HEALTH],
    }
    part = request.htmx.target == "authentications"  # type: ignore[attr-defined]
    template = "integrations/_authentications.html" if part else "integrations/authentications.html"
    return render(request, template, context | {"part": part})


@require_POST
def check_all(request: HttpRequest) -> HttpResponse:
    oldest_first = F("health_checked_at").asc(nulls_first=True)
    tally = health.test_all(
        Authentication.objects.saved().filter(connector__in=_keys()).order_by(oldest_first)
    )
    say = messages.warning if tally.refused or tally.skipped else messages.info
    say(request, _told(tally))
    return redirect("authentications")


def _told(tally: health.Tally) -> str:
    if not tally.refused and not tally.skipped:
        return f"All {tally.accepted:,} accepted" if tally.accepted else "There is nothing to check"
    words = f"{tally.accepted:,} accepted, {tally.refused:,} need{'s' * (tally.refused == 1)} attention"
    more = f". {tally.skipped:,} not checked for want of time: press Check all again"
    return words + more * bool(tally.skipped)


def _matching(text: str, connector: str) -> AuthenticationQuerySet:
    found = (
        Authentication.objects.saved().filter(connector__in=_keys()).select_related("owner").order_by("name")
    )
    if connector:
        found = found.filter(connector=connector)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(account__icontains=text))
    return found


def _rows(user: Any, shown: Iterable[Authentication]) -> list[Row]:
    known = list(shown)
    uses = usage.of_many([authentication.pk for authentication in known])
    return [
        Row(
            authentication,
            registry.get(authentication.connector),
            uses[authentication.pk],
            may_edit(user, authentication),
            authentication.health in BROKEN,
        )
        for authentication in known
    ]


def _keys() -> list[str]:
    return [connector.tile.key for connector in registry.connectors()]
