"""Backfill...: choose, see exactly which slots will run, agree."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from console.accounts.models import User
from console.workbench import backfills, runners
from console.workbench.backfill_form import OFFERED, BackfillForm
from console.workbench.models import Schedule
from console.workbench.permissions import require_schedule, signed_in
from console.workbench.scheduling import ScheduleRefused
from console.workbench.views.schedule import find


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    schedule, user = find(pk), signed_in(request)
    require_schedule(user, schedule)
    step = request.POST.get("step", "") if request.method == "POST" else "choose"
    form = BackfillForm(schedule, None if request.method != "POST" else request.POST)
    if step == "choose" or not form.is_valid():
        return _choose(request, schedule, form, status=422 if step != "choose" and form.errors else 200)
    if step != "agreed":
        return _listed(request, schedule, form)
    try:
        count = _queue(schedule, form, user)
    except ScheduleRefused as refused:
        form.add_error(None, str(refused))
        return _choose(request, schedule, form, status=422)
    messages.info(request, f"{count} run{'' if count == 1 else 's'} queued")
    address = reverse("schedule", args=[pk])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]


def _queue(schedule: Schedule, form: BackfillForm, user: User) -> int:
    if form.cleaned_data["way"] == OFFERED:
        return len(backfills.backfill_slots(schedule, form.cleaned_data["slots"], user))
    return len(backfills.backfill(schedule, *form.range(), user))


def _choose(
    request: HttpRequest, schedule: Schedule, form: BackfillForm, *, status: int = 200
) -> HttpResponse:
    try:
        backfills.require_open(schedule)
        closed = ""
    except ScheduleRefused as refused:
        closed = str(refused)
    context = _context(schedule, form) | {"closed": closed}
    return render(request, "workbench/schedule_backfill.html", context, status=status)


def _listed(request: HttpRequest, schedule: Schedule, form: BackfillForm) -> HttpResponse:
    slots = form.planned()
    context = _context(schedule, form) | {"slots": slots, "until": timezone.now().isoformat()}
    return render(request, "workbench/schedule_backfill_listed.html", context)


def _context(schedule: Schedule, form: BackfillForm) -> dict[str, object]:
    return {
        "schedule": schedule, "name": runners.get(schedule).name(schedule), "form": form, "dialog_size": "md",
        "back_url": reverse("schedule", args=[schedule.pk]),
    }  # fmt: skip
