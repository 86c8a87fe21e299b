"""Who hears how an activation's runs end: the notices' subject "activation"."""

from typing import Any

from django.db.models.signals import post_delete
from django.urls import reverse

from activations.models import Activation, ActivationRun
from activations.permissions import may_edit
from console.accounts.models import User
from console.notices import subjects, telling
from console.notices.models import Preferences
from console.workbench import signals
from console.workbench.models import Job
from console.workbench.telling import heard, report_of

KIND = "activation"
COPIED = ("on_failure", "on_rejected", "on_success", "on_pause", "emails")


def subject_of(activation: Activation) -> str:
    return subjects.key(KIND, activation.pk)


def register() -> None:
    subjects.register(
        KIND,
        subjects.Kind(
            may_change=_may_change, settings_url=lambda pk: reverse("activation_schedule", args=[pk])
        ),
    )
    signals.job_ended.connect(job_ended)
    post_delete.connect(activation_deleted, sender=Activation)


def job_ended(sender: Any, job: Job, **_: Any) -> None:
    heard(_tell, job)


def activation_deleted(sender: Any, instance: Activation, **_: Any) -> None:
    telling.forget(subject_of(instance))


def copy(source: Activation, target: Activation) -> None:
    """Whom a copy tells. The webhook stays behind: its address is a secret of whoever entered it."""
    if wants := Preferences.objects.filter(subject=subject_of(source)).first():
        fields = {name: getattr(wants, name) for name in COPIED}
        Preferences.objects.create(subject=subject_of(target), **fields)


def run_of(job: Job) -> ActivationRun | None:
    """The run that a job is, or whose result it sends again."""
    found = ActivationRun.objects.select_related("activation__segment__audience")
    return found.filter(job=job.source_id or job.pk).first()


def _tell(job: Job) -> None:
    run = run_of(job)
    if run is None or not telling.is_wanted(subject_of(run.activation)):
        return
    if report := report_of(job, subject_of(run.activation), run.activation.name):
        telling.tell(report)


def _may_change(user: User, pk: int) -> bool:
    activation = Activation.objects.filter(pk=pk).first()
    return activation is not None and may_edit(user, activation)
