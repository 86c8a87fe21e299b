"""Batch journeys: the list, one journey, and what is done with it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from activations.errors import Refused
from activations.journeys import acting, steps
from activations.models import Journey, JourneyEvaluation, JourneyStepRun, ParentSegment
from activations.permissions import may_edit, require_edit
from activations.views import studio
from console.accounts.models import User
from console.workbench.models import Job
from console.workbench.permissions import signed_in

PER_PAGE, EVALUATIONS = 50, 20
HEAVY = ("run__job__sql", "run__job__translated_sql", "run__job__result_schema", "run__job__export_settings")
HEAVY_LAST = tuple(name.replace("run__job", "schedule__last_job") for name in HEAVY)
RELATED = ("audience", "entry_segment", "exit_segment", "schedule__last_job", "owner", "saved_by")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    q = request.GET.get("q", "").strip()
    found = Journey.objects.select_related("audience", "schedule__last_job").defer(*HEAVY_LAST)
    total = found.count()
    if q:
        found = found.filter(name__icontains=q) | found.filter(audience__name__icontains=q)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"q": q, "page": page, "total": total, "any_audience": ParentSegment.objects.exists()}
    return render(request, "audience/journeys.html", context)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    journey = find(pk)
    newest = journey.evaluations.select_related("job").defer("job__sql", "job__translated_sql")
    evaluations = list(newest.prefetch_related("step_runs__activation", "step_runs__run")[:EVALUATIONS])
    context: dict[str, Any] = {
        "journey": journey, "schedule": journey.schedule, "editable": may_edit(signed_in(request), journey),
        "problems": acting.problems(journey), "stages": _stages(journey), "evaluations": evaluations,
        "waiting": _waiting(journey), "going": _going(evaluations),
    }  # fmt: skip
    return render(request, "audience/journey.html", context)


def _stages(journey: Journey) -> list[dict[str, Any]]:
    """Each with its counts after the last evaluation, and its steps with their last run."""
    runs = JourneyStepRun.objects.filter(evaluation__journey=journey)
    newest = runs.order_by().values("activation").annotate(newest=Max("pk")).values("newest")
    shown = runs.filter(pk__in=newest).select_related("run__job__export").defer(*HEAVY)
    last = {run.activation_id: run for run in shown}
    counts = (journey.counts or {}).get("stages", [])
    found = journey.stages.select_related("segment").prefetch_related("steps__activation__authentication")
    return [
        {
            "stage": stage,
            "counts": counts[i] if i < len(counts) else None,
            "steps": [(step.activation, last.get(step.activation_id)) for step in stage.steps.all()],
        }
        for i, stage in enumerate(found)
    ]


def _waiting(journey: Journey) -> list[JourneyStepRun]:
    """What was not sent yet and can be tried again."""
    found = JourneyStepRun.objects.filter(evaluation__journey=journey).exclude(
        run__job__status=Job.Status.SUCCESS
    )
    runs = found.select_related("activation", "run__job", "evaluation").defer(*HEAVY)[:100]
    return [one for one in runs if steps.may_again(one)]


def _going(evaluations: list[JourneyEvaluation]) -> JourneyEvaluation | None:
    return next((one for one in evaluations if one.settled_at is None), None)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, acting.start, "is started")


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, acting.pause, "is paused")


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, acting.resume, "goes on")


@require_POST
def evaluate(request: HttpRequest, pk: int) -> HttpResponse:
    """Anybody's, as running an activation is."""
    journey = find(pk)
    try:
        job = acting.evaluate_now(journey, signed_in(request))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.info(request, f"{journey} is being evaluated by job {job.pk}")
    return redirect("journey", pk)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    step = get_object_or_404(JourneyStepRun.objects.select_related("evaluation"), pk=pk)
    try:
        run = steps.start(step, signed_in(request))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("journey", step.evaluation.journey_id)
    return redirect("job", run.job_id)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    journey = find(pk)
    require_edit(signed_in(request), journey)
    problem = ""
    if request.method == "POST":
        try:
            acting.delete(journey)
        except Refused as refused:
            problem = str(refused)
        else:
            messages.info(request, f"{journey} is deleted")
            return studio.onward(request, reverse("journeys"))
    context = {"journey": journey, "problem": problem, "back_url": reverse("journey", args=[pk])}
    return render(request, "audience/journey_delete.html", context, status=422 if problem else 200)


def find(pk: int) -> Journey:
    return get_object_or_404(Journey.objects.select_related(*RELATED), pk=pk)


def _act(request: HttpRequest, pk: int, act: Callable[[Journey, User], Journey], words: str) -> HttpResponse:
    journey, user = find(pk), signed_in(request)
    require_edit(user, journey)
    try:
        act(journey, user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.info(request, f"{journey} {words}")
    return redirect("journey", pk)
