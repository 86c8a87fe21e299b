"""The numbers of `/metrics`, in the Prometheus text format (version 0.0.4)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import Count, Min, QuerySet, Sum
from django.utils import timezone

from console.notices.models import Dispatch
from console.operations import heartbeats, queue, timekeeping
from console.workbench.models import Job
from integrations.models import Export

Labels = Mapping[str, str]


class Metric(NamedTuple):
    name: str
    help: str
    values: Iterable[tuple[Labels, float]]


def exposition() -> str:
    return "".join(_lines(metric) for metric in metrics())


def metrics() -> list[Metric]:
    alive, expected = heartbeats.workers()
    rows = Export.objects.aggregate(delivered=Sum("rows_delivered"), rejected=Sum("rows_rejected"))
    return [
        Metric("sendoff_jobs", "Jobs by status.", _by_status(Job.objects.all(), Job.Status.values)),
        Metric("sendoff_queue_depth", "Jobs that wait for a worker.", [({}, queue.waiting())]),
        Metric("sendoff_queue_oldest_seconds", "Age of the job that waits longest.", [({}, _oldest())]),
        Metric(
            "sendoff_exports", "Exports by status.", _by_status(Export.objects.all(), Export.Status.values)
        ),
        Metric(
            "sendoff_exported_rows",
            "Rows acknowledged or rejected by destinations, over all exports that are kept.",
            [({"outcome": outcome}, total or 0) for outcome, total in rows.items()],
        ),
        Metric(
            "sendoff_notices",
            "Notices by what became of them, one for each recipient.",
            _by_status(Dispatch.objects.all(), Dispatch.Status.values),
        ),
        Metric(
            "sendoff_schedule_lateness_seconds",
            "How long the slot that is most overdue has not been started.",
            [({}, timekeeping.lateness().total_seconds())],
        ),
        Metric("sendoff_workers_alive", "Workers that live.", [({}, alive)]),
        Metric("sendoff_workers_expected", "Workers there should be.", [({}, expected)]),
    ]


def _by_status(
    rows: "QuerySet[Job] | QuerySet[Export] | QuerySet[Dispatch]", statuses: list[str]
) -> list[tuple[Labels, float]]:
    counts = dict(rows.order_by().values_list("status").annotate(Count("pk")))
    return [({"status": status}, counts.get(status, 0)) for status in statuses]


def _oldest() -> float:
    oldest = Job.objects.claimable().aggregate(at=Min("created_at"))["at"]
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0


def _lines(metric: Metric) -> str:
    lines = [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
    for labels, value in metric.values:
        inner = ",".join(f'{key}="{text}"' for key, text in labels.items())
        lines.append(f"{metric.name}{{{inner}}} {value}" if inner else f"{metric.name} {value}")
    return "\n".join(lines) + "\n"
