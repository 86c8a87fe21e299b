"""Which dialog a sign-in was begun from: its address says all there is to know."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from django.http import Http404, HttpRequest
from django.urls import Resolver404, resolve, reverse
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

    def query(self, name: str) -> str:
        return parse_qs(urlsplit(self.address).query).get(name, [""])[0]

    def with_query(self, **changes: str) -> str:
        return with_query(self.address, **changes)

    @property
    def back_url(self) -> str:
        """Where Cancel leads: to where the dialog was opened, if that is an address of ours."""
        back = self.query("next")
        if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
            return back
        return reverse("catalog" if self.mode == "new" else "authentications")


def with_query(address: str, **changes: str) -> str:
    """The same address with these parts of its query set."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return urlunsplit(parts._replace(query=urlencode(query)))


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
