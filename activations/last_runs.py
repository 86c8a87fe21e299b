"""A segment's activations with how each ran last and when it runs next, in three queries."""

from dataclasses import dataclass

from django.db.models import Max
from django.urls import reverse

from activations.models import Activation, ActivationRun, Segment
from console.workbench.models import Job


@dataclass(frozen=True)
class Sent:
    activation: Activation
    job: Job | None  # of the last run

    @property
    def url(self) -> str:
        return reverse("activation", args=[self.activation.pk])


def of_segment(segment: Segment) -> list[Sent]:
    saved = Activation.objects.saved().filter(segment=segment).select_related("authentication", "schedule")
    listed = list(saved.annotate(last=Max("runs__pk")))
    ids = {one.pk: getattr(one, "last") for one in listed}  # noqa: B009
    runs = ActivationRun.objects.filter(pk__in=[pk for pk in ids.values() if pk])
    heavy = ("job__sql", "job__translated_sql", "job__result_schema", "job__export_settings")
    jobs = {run.pk: run.job for run in runs.select_related("job__export").defer(*heavy)}
    return [Sent(one, jobs.get(ids[one.pk])) for one in listed]
