"""A journey's form and its schedule."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from activations.errors import Refused, Stale
from activations.journeys import acting, definitions
from activations.journeys.definitions import MOST_STAGES, Definition, JourneyError, Stage
from activations.journeys.forms import Forms
from activations.models import Journey, ParentSegment
from activations.permissions import require_edit
from activations.views.journeys import find
from console.workbench.permissions import signed_in
from console.workbench.schedule_form import ScheduleForm, fingerprint, read_back
from console.workbench.views.drafts import number

EMPTY = Definition(name="", entry_segment=None, stages=(Stage("", wait=1),))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    audiences = ParentSegment.objects.order_by("name")
    asked = request.GET.get("audience", "")
    if not asked and len(audiences) == 1:
        asked = str(audiences[0].pk)
    if (pk := number(asked)) is None:
        return render(request, "audience/journey_audience.html", {"audiences": audiences})
    audience = get_object_or_404(ParentSegment, pk=pk)
    if request.method != "POST":
        return _page(request, Forms.of(audience, EMPTY), None)
    return _posted(request, audience, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    journey = find(pk)
    require_edit(signed_in(request), journey)
    if request.method != "POST":
        return _page(request, Forms.of(journey.audience, definitions.definition_of(journey)), journey)
    return _posted(request, journey.audience, journey)


def _posted(request: HttpRequest, audience: ParentSegment, journey: Journey | None) -> HttpResponse:
    then, user = request.POST.get("then", ""), signed_in(request)
    if then:
        return _page(request, Forms.rearranged(audience, request.POST, then), journey)
    forms = Forms.bound(audience, request.POST)
    if not forms.is_valid():
        forms.note(definitions.check(audience, forms.definition()))
        return _page(request, forms, journey, status=422)
    try:
        if journey is None:
            saved = definitions.create(audience, forms.definition(), user)
        else:
            version = number(request.POST.get("version", "")) or 0
            saved = definitions.save(journey, forms.definition(), user, version=version)
    except JourneyError as error:
        forms.note(error.problems)
        return _page(request, forms, journey, status=422)
    except Refused as refused:
        forms.main.add_error(refused.field if refused.field in forms.main.fields else None, str(refused))
        return _page(request, forms, journey, status=422)
    except Stale as stale:
        return _page(request, forms, stale.current, status=409, changed=str(stale))
    messages.info(request, f"{saved} is saved")
    return redirect("journey", saved.pk)


def _page(
    request: HttpRequest, forms: Forms, journey: Journey | None, *, status: int = 200, changed: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "forms": forms, "form": forms.main, "audience": forms.audience, "journey": journey, "changed": changed,
        "fixed": journey is not None and not journey.is_draft, "full": len(forms.stages) >= MOST_STAGES,
        "back_url": reverse("journey", args=[journey.pk]) if journey else reverse("journeys"),
    }  # fmt: skip
    return render(request, "audience/journey_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    journey, user = find(pk), signed_in(request)
    require_edit(user, journey)
    if request.method != "POST":
        return _picker(request, journey, ScheduleForm(schedule=journey.schedule, home=user.time_zone))
    form = ScheduleForm(request.POST, schedule=journey.schedule, home=user.time_zone)
    if request.POST.get("then") == "look":
        return _picker(request, journey, form)
    if not form.is_valid():
        return _picker(request, journey, form, status=422)
    if form.cleaned_data["seen"] != fingerprint(journey.schedule):
        data = request.POST.copy()
        data["seen"] = fingerprint(journey.schedule)
        form = ScheduleForm(data, schedule=journey.schedule, home=user.time_zone)
        return _picker(request, journey, form, status=409, changed=True)
    try:
        acting.set_schedule(journey, user, **form.rule_fields())
    except Refused as refused:
        form.add_error("choice", str(refused))
        return _picker(request, journey, form, status=422)
    messages.info(request, f"{journey} is scheduled")
    return redirect("journey", pk)


def _picker(
    request: HttpRequest, journey: Journey, form: ScheduleForm, *, status: int = 200, changed: bool = False
) -> HttpResponse:
    context = {
        "journey": journey, "form": form, "readout": read_back(form), "editable": True, "changed": changed,
        "back_url": reverse("journey", args=[journey.pk]),
    }  # fmt: skip
    return render(request, "audience/journey_schedule.html", context, status=status)
