"""Which dialog a sign-in was begun from: its address says all there is to know."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from integrations import registry
from integrations.authentications.permissions import editable, own_draft
from integrations.connector import Connector
from integrations.models import Authentication
from integrations.oauth import OAuth

MODES = {
    "authentication_new": "new",
    "authentication_draft": "new",
    "authentication_edit": "edit",
    "authentication_reconnect": "reconnect",
}


@dataclass(frozen=True)
class Place:
    address: str
    mode: str  # "new", "edit", "reconnect"
    connector: Connector
    authentication: Authentication | None  # the draft, or the saved one

    @property
    def oauth(self) -> OAuth:
        assert self.connector.oauth is not None
        return self.connector.oauth


def place(request: HttpRequest, address: str) -> Place:
    """Raises Http404 or PermissionDenied, as the dialog itself would."""
    parts = urlsplit(address)
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        raise Http404("Not an address of this console.")
    try:
        found = resolve(parts.path)
    except Resolver404 as error:
        raise Http404("No such dialog.") from error
    mode, pk = MODES.get(found.url_name or "", ""), found.kwargs.get("pk")
    if not mode:
        raise Http404("No such dialog.")
    row = None
    if pk is not None:
        row = own_draft(request, pk) if mode == "new" else editable(request, pk)
    key = row.connector if row else parse_qs(parts.query).get("connector", [""])[0]
    try:
        connector = registry.get(key)
    except KeyError as error:
        raise Http404(f"There is no integration {key}.") from error
    if connector.oauth is None:
        raise Http404(f"{connector.tile.name} has no sign-in.")
    return Place(address, mode, connector, row)
