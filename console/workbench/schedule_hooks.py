"""What schedules tell the page frame. Called once, from `AppConfig.ready`."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse

from console.shell import search, status
from console.workbench import runners
from console.workbench.models import Schedule
from console.workbench.schedule_words import label
from console.workbench.scheduling import schedules_of


def register() -> None:
    search.register("Schedules", _find)
    status.register_count("schedules", Schedule.objects.exclude(cron="").count)


def _find(text: str, user: Any) -> Iterable[search.Hit]:
    found = schedules_of().filter(runners.named(text) | Q(cron__icontains=text))
    for schedule in found.order_by("query__name", "pk")[: search.LIMIT]:
        state = "Paused" if schedule.is_paused else schedule.zone
        detail = f"{label(schedule.cron)} · {state}"
        yield search.Hit(
            runners.get(schedule).name(schedule),
            reverse("schedule", args=[schedule.pk]),
            detail,
            "calendar-time",
        )
