"""What a job's page says of the activation that made it."""

from django.urls import reverse

from activations.models import ActivationRun
from activations.telling import run_of
from console.workbench.models import Job
from console.workbench.origins import Maker


def maker(job: Job) -> Maker | None:
    run = run_of(job)
    if run is None:
        return None
    return Maker(
        name=f"Activation {run.activation}",
        url=reverse("activation", args=[run.activation_id]),
        settings_url=reverse("activation_details", args=[run.activation_id]),
        facts=(("Segment", str(run.activation.segment)), *changes(run)),
    )


def changes(run: ActivationRun) -> tuple[tuple[str, str], ...]:
    """Who came and went since the last run that arrived."""
    if run.profiles is None:
        return ()
    counted = f"{run.profiles:,}"
    if run.compared_with_id is None or run.added is None:
        return (("Profiles", f"{counted}. There is no earlier run to compare with"),)
    words = f"{run.added:,} added, {run.removed:,} removed, {run.unchanged:,} unchanged"
    return (("Profiles", counted), ("Since the last run", words))
