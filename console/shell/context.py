"""What every template gets: `base`, `in_dialog` and, lazily, `frame`."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import cached_property

from console.shell import navigation, status
from console.shell.requests import request_id, wants_fragment

THEMES = ("system", "light", "dark")


class Frame:
    """The numbers around a page. Nothing is asked of the database until a template prints it."""

    version = settings.VERSION
    sandbox = settings.SANDBOX

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else "system"

    @cached_property
    def areas(self) -> list[navigation.Area]:
        return navigation.areas(self.request)

    @cached_property
    def heartbeat(self) -> dict[str, str] | None:
        """What works in the background: "Scheduler · Workers 2 of 2"."""
        workers, scheduler = status.workers(), status.scheduler()
        words, well = [], True
        if scheduler is not None:
            words.append("Scheduler" if scheduler else "Scheduler stopped")
            well = scheduler
        if workers:
            alive, expected = workers
            words.append(f"Workers {alive} of {expected}")
            well = well and alive >= expected
        return {"words": " · ".join(words), "kind": "ok" if well else "err"} if words else None

    @cached_property
    def running(self) -> status.Running | None:
        return status.running(self.request.user)


def shell(request: HttpRequest) -> dict[str, Any]:
    """`base` is the template to extend: the page frame, or nothing around a fragment that htmx asked for."""
    fragment = wants_fragment(request)
    return {
        "base": "_fragment.html" if fragment else "base.html",
        "in_dialog": fragment,
        "frame": Frame(request),
        "request_id": request_id(request),
    }
