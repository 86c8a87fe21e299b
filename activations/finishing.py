"""What happens between a run's SQL and its export: keys are set aside, and compared with the last run that arrived."""

from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from activations import profile_keys, wording
from activations.models import Activation, ActivationRun
from console.warehouse.engine.interface import Outcome, SqlError
from console.workbench.models import Job
from console.workbench.origins import Where
from integrations.errors import Lost


def keys_dir() -> Path:
    folder: Path = settings.RESULTS_DIR / "keys"
    return folder


def where(job: Job) -> Where | None:
    """Where the activation sends now, so that an error in it can be mended before the export is run again."""
    run = ActivationRun.objects.select_related("activation__authentication").filter(job=job).first()
    return (run.activation.authentication, run.activation.export_settings) if run else None


def finish(job: Job, output: Path, outcome: Outcome) -> Outcome:
    """The result without its key column. Raises SqlError where a profile would be sent twice."""
    run = ActivationRun.objects.filter(job=job).first()
    if run is None:
        return outcome
    name = f"{job.pk}-{job.fence}.parquet"
    try:
        profiles = profile_keys.set_aside(output, keys_dir() / name)
    except profile_keys.Repeated as repeated:
        raise SqlError(
            f"Profiles would be sent more than once, such as {', '.join(repeated.examples)}: "
            f"{wording.rows(repeated.count)} too many.",
            hint="Refresh the parent segment to see in which table a key comes more than once.",
        ) from None
    _count(job, run, name, profiles)
    _forget(run)
    return replace(outcome, columns=outcome.columns[:-1], bytes=output.stat().st_size)


def last_arrived(run: ActivationRun) -> ActivationRun | None:
    """The newest run before this one whose export is done and whose keys are kept; no journey's, which is of others."""
    done = Job.Status.SUCCESS
    arrived = Q(job__status=done) | Q(job__exports_again__status=done)  # the export may have been run again
    before = ActivationRun.objects.filter(
        arrived, activation=run.activation_id, pk__lt=run.pk, journey_step=None
    )
    return before.exclude(keys_path="").first()


def forget_all(activation: Activation) -> None:
    """Removes every key file of an activation that is being deleted."""
    for run in activation.runs.exclude(keys_path=""):
        (keys_dir() / run.keys_path).unlink(missing_ok=True)


def _count(job: Job, run: ActivationRun, name: str, profiles: int) -> None:
    before = None if hasattr(run, "journey_step") else last_arrived(run)
    found = None
    if before and (path := keys_dir() / before.keys_path).is_file():
        found = profile_keys.difference(keys_dir() / name, path)
    with transaction.atomic():
        # A worker that was thought dead must not write over what its successor found.
        if Job.objects.select_for_update().values_list("fence", flat=True).get(pk=job.pk) != job.fence:
            raise Lost
        run.keys_path, run.profiles = name, profiles
        run.compared_with = before if found else None
        run.added, run.removed, run.unchanged = (
            (found.added, found.removed, found.unchanged) if found else (None, None, None)
        )
        run.save(update_fields=["keys_path", "profiles", "compared_with", "added", "removed", "unchanged"])
    if found:
        job.log(
            "info",
            f"{found.added:,} profiles added, {found.removed:,} removed, {found.unchanged:,} unchanged",
        )


def _forget(run: ActivationRun) -> None:
    """Keys are needed of the last run that arrived, and of those that may yet. Also removes what dead workers left."""
    before = last_arrived(run)
    kept = {run.keys_path, before.keys_path if before else ""}
    ended = ActivationRun.objects.filter(
        activation=run.activation_id, pk__lt=run.pk, job__status__in=Job.FINAL
    )
    numbers = {run.job_id, *ended.values_list("job_id", flat=True)}
    for path in keys_dir().glob("*-*.parquet"):
        if path.name not in kept and int(path.name.partition("-")[0]) in numbers:
            path.unlink(missing_ok=True)
    ended.exclude(keys_path__in=kept).update(keys_path="")
