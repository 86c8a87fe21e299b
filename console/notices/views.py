"""The delivery log of the notices: what was told, to whom, what came back, and Send again."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from console.accounts.access import current_user
from console.notices import outbox, post, subjects
from console.notices.models import Dispatch, DispatchQuerySet, Notice

PER_PAGE = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    subject, status = request.GET.get("subject", ""), request.GET.get("status", "")
    matching = _matching(subject, status)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        matching = matching.filter(pk__lt=int(before))
    found = list(matching.select_related("notice").order_by("-id")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    user = current_user(request)
    may = {key: subjects.may_change(user, key) for key in {one.notice.subject for one in shown}}
    context = {
        "dispatches": [(one, may[one.notice.subject]) for one in shown],
        "subject": subject,
        "name": _name(subject),
        "settings_url": subjects.settings_url(subject),
        "status": status,
        "statuses": Dispatch.Status.choices,
        "filtered": bool(subject or status),
        "live": not before and any(not one.is_decided for one in shown),
        "here": "?" + _query_string(request.GET, before),
        "more": _query_string(request.GET, str(shown[-1].pk)) if len(found) > PER_PAGE else "",
        "first": _query_string(request.GET, "") if before else "",
        "in_mailbox": not post.has_server(),
    }
    partial = request.htmx.target == "notice-list"  # type: ignore[attr-defined]
    return render(request, "notices/_list.html" if partial else "notices/notices.html", context)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Notice, pk=pk)
    context: dict[str, Any] = {
        "notice": notice,
        "dispatches": notice.dispatches.prefetch_related("attempts"),
        "may_change": subjects.may_change(current_user(request), notice.subject),
        "settings_url": subjects.settings_url(notice.subject),
        "in_mailbox": not post.has_server(),
    }
    return render(request, "notices/notice.html", context)


@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    dispatch = get_object_or_404(Dispatch.objects.select_related("notice"), pk=pk)
    if not subjects.may_change(current_user(request), dispatch.notice.subject):
        raise PermissionDenied(
            f"Only the owner of {dispatch.notice.name} or an administrator may send its notices again."
        )
    if outbox.send_again(dispatch):
        messages.info(request, f"The notice is sent to {dispatch.recipient} again.")
    else:
        messages.info(request, f"The notice to {dispatch.recipient} is waiting to be sent already.")
    return redirect("notice", dispatch.notice_id)


def _matching(subject: str, status: str) -> DispatchQuerySet:
    found = Dispatch.objects.all()
    if subject:
        found = found.filter(notice__subject=subject)
    return found.filter(status=status) if status in Dispatch.Status.values else found


def _name(subject: str) -> str:
    latest = Notice.objects.filter(subject=subject).first() if subject else None
    return latest.name if latest else ""


def _query_string(given: QueryDict, before: str) -> str:
    kept = given.copy()
    kept.pop("before", None)
    if before:
        kept["before"] = before
    return kept.urlencode()
