"""Create and Save: the three panels of a draft become the activation, all at once or not at all."""

from dataclasses import dataclass

from django.db import transaction

from activations import activating, details, output_mapping, previewing, runs, scheduled, telling, timing
from activations.activating import ActivationError, Content
from activations.errors import Problem, Refused
from activations.models import Activation, ActivationRun
from activations.timing import Timing
from console.accounts.models import User
from console.workbench import scheduling
from console.workbench.schedules import CronError
from console.workbench.scheduling import ScheduleRefused


@dataclass(frozen=True)
class Created:
    activation: Activation
    run: ActivationRun | None = None
    refused: str = ""  # why the run that was wanted did not start


def content_of(activation: Activation, told: Timing) -> Content:
    made = details.of(activation)
    return Content(
        name=made.name,
        authentication=made.authentication,
        export_settings=details.settings_of(made),
        mapping=output_mapping.of(activation),
        zone=timing.zone_of(told),
    )


def finish(activation: Activation, told: Timing, user: User, *, version: int) -> Created:
    """`told` is valid. Raises ActivationError, Refused, Stale."""
    if lost := _lost(activation):
        raise ActivationError(lost)
    once = told.run_once and not told.form.text
    with transaction.atomic():
        if activation.schedule is not None:
            scheduling.lock(activation.schedule)  # before the activation, as the firing does
        saved = _save(activation, content_of(activation, told), user, version)
        try:
            scheduled.set_rule(saved, user, **timing.rule(told))
        except (CronError, ScheduleRefused) as refused:
            raise Refused(str(refused)) from refused
        told.mail.save(telling.subject_of(saved))
    return _run(saved, user) if once else Created(saved)


def _lost(activation: Activation) -> list[Problem]:
    """Columns of "all columns" that are gone since: they are seen in the Output Mapping before anything is saved, lest
    a new schedule also means sending less."""
    raw = output_mapping.of(activation)
    if "known" not in raw:
        return []
    found = output_mapping.problems(raw, previewing.available(activation))
    return [Problem(f"mapping.{one.path}", one.message) for one in found]


def _save(activation: Activation, content: Content, user: User, version: int) -> Activation:
    if activation.is_draft:
        return activating.create(activation, content, user)
    return activating.save(activation, content, user, version=version)


def _run(saved: Activation, user: User) -> Created:
    try:
        return Created(saved, runs.run(saved, user))
    except Refused as refused:
        return Created(saved, refused=str(refused))
