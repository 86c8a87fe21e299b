"""What the workbench tells the rooms below it and the page frame. Called once, from `AppConfig.ready`."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.db.models.signals import post_delete
from django.urls import reverse

from console.shell import search, status
from console.workbench import query_runs, runners, schedule_telling, telling
from console.workbench.firing import bells
from console.workbench.models import Job, Query, Schedule
from integrations.authentications import usage
from integrations.models import Authentication


def register() -> None:
    telling.register()
    schedule_telling.register()
    runners.register(query_runs.RUNNER)
    post_delete.connect(_schedule_deleted, sender=Schedule)
    search.register("Queries", _find_queries)
    search.register("Jobs", _find_jobs)
    search.register("Authentications", _find_authentications)
    status.register_count("queries", Query.objects.count)
    status.register_count("authentications", Authentication.objects.saved().count)
    status.register_running(_running)
    usage.register(
        usage.Kind(
            singular="query",
            plural="queries",
            list_url=lambda pk: f"{reverse('queries')}?authentication={pk}",
            counts=_uses,
            named=_users_of,
        )
    )


def _schedule_deleted(instance: Schedule, **_: Any) -> None:
    bells.silence([instance])


def _find_queries(text: str, user: Any) -> Iterable[search.Hit]:
    found = Query.objects.filter(Q(name__icontains=text) | Q(sql__icontains=text)).defer("sql")[
        : search.LIMIT
    ]
    for query in found:
        yield search.Hit(
            query.name, reverse("query", args=[query.pk]), f"{query.type} · {query.database}", "code"
        )


def _find_jobs(text: str, user: Any) -> Iterable[search.Hit]:
    number = Q(pk=int(text)) if text.isdecimal() and len(text) < 19 else Q()
    found = (
        Job.objects.filter(number | Q(query_name__icontains=text))
        .order_by("-id")
        .only("query_name", "status")
    )
    for job in found[: search.LIMIT]:
        detail = " · ".join(word for word in (job.query_name, job.get_status_display()) if word)
        yield search.Hit(f"Job {job.pk}", reverse("job", args=[job.pk]), detail, "player-play")


def _find_authentications(text: str, user: Any) -> Iterable[search.Hit]:
    found = Authentication.objects.saved().filter(Q(name__icontains=text) | Q(account__icontains=text))
    for one in found.order_by("name")[: search.LIMIT]:
        url = f"{reverse('authentications')}?{urlencode({'q': one.name})}"
        yield search.Hit(one.name or "", url, one.account, "key")


def _running(user: Any) -> status.Running:
    return status.Running(Job.objects.unfinished().count(), f"{reverse('jobs')}?status=unfinished")


def _uses(ids: Iterable[int]) -> dict[int, int]:
    found = Query.objects.filter(export_authentication__in=list(ids)).values_list("export_authentication")
    return dict(found.annotate(n=Count("pk")).order_by())


def _users_of(pk: int) -> Iterable[tuple[str, str]]:
    for number, name in Query.objects.filter(export_authentication=pk).values_list("pk", "name"):
        yield name, reverse("query", args=[number])
