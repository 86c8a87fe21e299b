"""The Schedules page: the next 24 hours as a picture, and every schedule, what runs next first."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.workbench import schedule_rows, timeline
from console.workbench.permissions import signed_in
from console.workbench.scheduling import schedules_of

PER_PAGE = 50
# Of the last job only its end is of interest here.
HEAVY = ("query__sql", "last_job__sql", "last_job__translated_sql", "last_job__result_schema")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in schedule_rows.FILTERS else "all"
    every = schedules_of().select_related("last_job__export").defer(*HEAVY)
    counts = schedule_rows.counts(every)
    page = Paginator(schedule_rows.matching(every, chosen, text), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": text,
        "chosen": chosen,
        "filters": [(key, label, counts[key]) for key, (label, _) in schedule_rows.FILTERS.items()],
        "total": counts["all"],
        "page": page,
        "rows": schedule_rows.rows(list(page), signed_in(request)),
    }
    if request.htmx.target == "schedule-list":  # type: ignore[attr-defined]
        return render(request, "workbench/_schedule_list.html", context)
    return render(request, "workbench/schedules.html", context | {"day": timeline.day()})
