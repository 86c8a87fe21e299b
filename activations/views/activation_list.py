"""The list of activations: of all parent segments, of one segment, or of those that use one authentication."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from activations.models import Activation, ActivationRun, Segment
from activations.permissions import may_edit
from console.workbench.models import Job
from console.workbench.permissions import signed_in
from console.workbench.views.drafts import number
from integrations.models import Authentication

PER_PAGE = 50


@dataclass(frozen=True)
class Row:
    activation: Activation
    last: Job | None
    editable: bool


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    authentication = Authentication.objects.filter(
        pk=number(request.GET.get("authentication", "")) or 0
    ).first()
    segment = Segment.objects.filter(pk=number(request.GET.get("segment", "")) or 0).first()
    every = Activation.objects.saved()
    page = Paginator(_matching(every, text, authentication, segment), PER_PAGE).get_page(
        request.GET.get("page")
    )
    user = signed_in(request)
    jobs = Job.objects.select_related("export").defer("sql", "translated_sql", "result_schema")
    last = jobs.in_bulk([one.last_job_id for one in page if one.last_job_id])
    context = {
        "q": text,
        "authentication": authentication,
        "uses": str(authentication.pk) if authentication else "",
        "segment": segment,
        "page": page,
        "total": every.count(),
        "rows": [Row(one, last.get(one.last_job_id), may_edit(user, one)) for one in page],
    }
    part = request.htmx.target == "activation-list"  # type: ignore[attr-defined]
    return render(request, "audience/_activation_list.html" if part else "audience/activations.html", context)


def _matching(
    every: QuerySet[Activation], text: str, authentication: Authentication | None, segment: Segment | None
) -> QuerySet[Activation]:
    newest = ActivationRun.objects.filter(activation=OuterRef("pk")).order_by("-pk").values("job_id")[:1]
    found = every.annotate(last_job_id=Subquery(newest))
    found = found.select_related("segment__audience", "authentication", "schedule", "owner")
    if authentication:
        found = found.filter(authentication=authentication)
    if segment:
        found = found.filter(segment=segment)
    if text:
        found = found.filter(
            Q(name__icontains=text) | Q(segment__name__icontains=text) | Q(owner__name__icontains=text)
            | Q(segment__audience__name__icontains=text) | Q(authentication__name__icontains=text)
        )  # fmt: skip
    return found
