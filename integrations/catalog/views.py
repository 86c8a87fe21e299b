"""The Catalog: the connectors of this build, and no other."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from integrations import registry
from integrations.connector import Connector
from integrations.models import Authentication


@dataclass(frozen=True)
class Category:
    name: str  # "" is all of them
    count: int


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    text, category = request.GET.get("q", "").strip(), request.GET.get("category", "")
    met = [connector for connector in registry.connectors() if _meets(connector, text)]
    counts = Counter(connector.tile.category for connector in met)
    shown = [connector for connector in met if category in ("", connector.tile.category)]
    authentications = dict(
        Authentication.objects.saved().values_list("connector").annotate(number=Count("pk")).order_by()
    )
    context = {
        "q": text,
        "category": category,
        "categories": [Category("", len(met)), *(Category(name, counts[name]) for name in counts)],
        "tiles": [(connector, authentications.get(connector.tile.key, 0)) for connector in shown],
        "saved": sum(authentications.values()),
    }
    part = request.htmx.target == "catalog"  # type: ignore[attr-defined]
    return render(request, "integrations/_tiles.html" if part else "integrations/catalog.html", context)


def _meets(connector: Connector, text: str) -> bool:
    tile = connector.tile
    return all(word in f"{tile.name} {tile.category} {tile.summary}".lower() for word in text.lower().split())
