"""One schedule: its runs that were and will be, and what people do with it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from console.notices import subjects
from console.workbench import backfills, runners, schedule_words, scheduling
from console.workbench.models import Schedule, Slot
from console.workbench.permissions import require_schedule, signed_in
from console.workbench.scheduling import ScheduleRefused
from console.workbench.slot_history import history
from console.workbench.slots import upcoming


class PauseForm(forms.Form):
    reason = forms.CharField(
        label="Reason", required=False, max_length=500, help_text="Shown on its pages until it is resumed.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    schedule = find(pk)
    runner = runners.get(schedule)
    context = history(schedule, request.GET.get("state", ""), request.GET.get("before", "")) | {
        "schedule": schedule,
        "name": runner.name(schedule),
        "url": runner.url(schedule),
        "noun": runner.noun,
        "rule_url": runner.rule_url(schedule),
        "notifications": subjects.settings_url(runner.subject(schedule)),
        "changeable": runner.may_change(signed_in(request), schedule),
        "runs": schedule_words.runs(upcoming(schedule, 5)),
        "asked": schedule.slots.filter(state=Slot.State.QUEUED, backfill=True).count(),
        "here": request.get_full_path(),
    }
    partial = request.htmx.target == "slot-list"  # type: ignore[attr-defined]
    return render(request, "workbench/_slot_list.html" if partial else "workbench/schedule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    schedule, user = find(pk), signed_in(request)
    require_schedule(user, schedule)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"].strip()
        words = f"Paused by {user}: {reason}" if reason else ""
        return _done(request, schedule, lambda: scheduling.pause(schedule, user, words), "is paused")
    context = {
        "schedule": schedule, "name": runners.get(schedule).name(schedule), "form": form,
        "back_url": reverse("schedule", args=[pk]),
    }  # fmt: skip
    return render(request, "workbench/schedule_pause.html", context, status=422 if form.errors else 200)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    schedule, user = find(pk), signed_in(request)
    require_schedule(user, schedule)
    return _done(request, schedule, lambda: scheduling.resume(schedule, user), "goes on")


@require_POST
def run_now(request: HttpRequest, pk: int) -> HttpResponse:
    schedule = find(pk)
    try:
        job = scheduling.run_now(schedule, signed_in(request))
    except ScheduleRefused as refused:
        messages.error(request, str(refused))
        return redirect(_back(request, schedule))
    return redirect("job", job.pk)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    schedule, user = find(pk), signed_in(request)
    require_schedule(user, schedule)
    count = backfills.withdraw(schedule, user)
    messages.info(request, f"{count} run{'' if count == 1 else 's'} taken back")
    return redirect("schedule", pk)


def find(pk: int) -> Schedule:
    related = ("owner", "paused_by", "last_job__export", *runners.related())
    return get_object_or_404(Schedule.objects.select_related(*related), pk=pk)


def _done(request: HttpRequest, schedule: Schedule, act: Callable[[], Any], words: str) -> HttpResponse:
    """Acts, says so, and goes back to where it was asked for."""
    try:
        act()
    except ScheduleRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.info(request, f"The schedule of {runners.get(schedule).name(schedule)} {words}")
    address = _back(request, schedule)
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def _back(request: HttpRequest, schedule: Schedule) -> str:
    asked = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=request.is_secure())
    return asked if safe and asked.startswith("/") else reverse("schedule", args=[schedule.pk])
