"""The side bar: only pages that exist in this build."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from console.shell import status

AREAS = (
    ("Integrations Hub", "plug", (("Catalog", "catalog"), ("Authentications", "authentications"))),
    (
        "Data Workbench",
        "database",
        (
            *(("Queries", "queries"), ("Jobs", "jobs"), ("Schedules", "schedules")),
            *(("Databases", "databases"), ("Notices", "notices")),
        ),
    ),
    (
        "Audience Studio",
        "users-group",
        (("Parent segments", "parent_segments"), ("Activations", "activations"), ("Journeys", "journeys")),
    ),
    ("My Settings", "settings", (("API Keys", "api_keys"), ("Users", "users"))),
)
ADMINISTRATORS_ONLY = {"users"}


@dataclass(frozen=True)
class Entry:
    label: str
    url: str
    count: int | None
    is_current: bool


@dataclass(frozen=True)
class Area:
    label: str
    icon: str
    entries: tuple[Entry, ...]

    @property
    def is_current(self) -> bool:
        return any(entry.is_current for entry in self.entries)


def areas(request: HttpRequest) -> list[Area]:
    """The areas with at least one page for this user; the current one is found by the longest address."""
    found = [(label, icon, _pages(request, pages)) for label, icon, pages in AREAS]
    addresses = [url for _, _, pages in found for _, _, url in pages if request.path.startswith(url)]
    current = max(addresses, key=len, default=None)
    return [
        Area(
            label,
            icon,
            tuple(Entry(text, url, status.count_for(name), url == current) for text, name, url in pages),
        )
        for label, icon, pages in found
        if pages
    ]


def _pages(request: HttpRequest, pages: tuple[tuple[str, str], ...]) -> list[tuple[str, str, str]]:
    shown = []
    for label, name in pages:
        if name in ADMINISTRATORS_ONLY and not getattr(request.user, "is_administrator", False):
            continue
        try:
            shown.append((label, name, reverse(name)))
        except NoReverseMatch:  # a room that is not in this build
            continue
    return shown
