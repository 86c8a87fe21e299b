"""Where a dialog's step leads."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect


def next_url(request: HttpRequest) -> str:
    """The address to return to, if it is one of ours; else ""."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if ours else ""


def onward(request: HttpRequest, name: str, *arguments: object) -> HttpResponse:
    """To another step, which carries the way back with it."""
    back = next_url(request)
    return redirect(reverse(name, args=arguments) + (f"?{urlencode({'next': back})}" if back else ""))


def finished(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to where the dialog was opened, with the new authentication selected; else to the list."""
    back = next_url(request)
    if back:
        parts = urlsplit(back)
        query = "&".join(part for part in (parts.query, urlencode({"authentication": pk})) if part)
        return redirect(urlunsplit(parts._replace(query=query)))
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(reverse("authentications"))
    return redirect("authentications")
