"""Pages that belong to no room: search, help, the theme, the running-jobs chip, error pages."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_POST, require_safe

from console.shell import search as registry
from console.shell import status
from console.shell.context import THEMES

YEAR = 365 * 24 * 3600


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    return render(request, "shell/search.html", {"q": text, "groups": registry.groups(text, request.user)})


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "shell/help.html")


@login_not_required
@require_safe
def running(request: HttpRequest) -> HttpResponse:
    """Asked every few seconds: a session that has ended must not throw anybody off the page they write on."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    return render(request, "shell/_running.html", {"running": status.running(request.user)})


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keeps the choice in a cookie, which the server reads before the first paint."""
    choice = request.POST.get("theme", "")
    response = (
        HttpResponse(status=204)
        if request.headers.get("HX-Request")
        else HttpResponseRedirect(_back(request))
    )
    if choice in THEMES:
        response.set_cookie(
            "theme", choice, max_age=YEAR, samesite="Lax", secure=request.is_secure(), httponly=True
        )
    return response


def _back(request: HttpRequest) -> str:
    page = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return page if safe else "/"


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The session's token is gone or cookies are off; the page says how to go on."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Unlike Django's own, with the request's number on the page."""
    return render(request, "500.html", status=500)
