"""What holds for whoever is signed in: their time zone, and a one-time password that must be changed."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from console.accounts.models import User


class SignedIn:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user if isinstance(request.user, User) else None
        with timezone.override(zone(user)):
            if user and user.must_change_password and request.path not in _open_pages():
                return redirect("password_change")
            return self.get_response(request)


def zone(user: User | None) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(user.time_zone if user else "UTC")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def _open_pages() -> set[str]:
    return {reverse("password_change"), reverse("logout"), reverse("theme")}
