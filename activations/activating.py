"""What people do with activations: begin, fill in, create, change, duplicate, pause, delete.

A draft is kept on the server as it was typed, panel by panel, so that leaving and coming back loses nothing.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from activations import finishing, mapping, naming, scheduled, sources, telling
from activations.errors import Invalid, Problem, Refused, Stale
from activations.models import Activation, Segment
from console.accounts.models import User
from console.workbench import scheduling
from console.workbench.models import Job
from integrations import registry
from integrations.models import Authentication

PANELS = ("details", "mapping", "schedule")


class ActivationError(Invalid):
    """Paths: "name", "authentication", "export_settings.<field>", and those of the mapping after "mapping."."""


@dataclass(frozen=True)
class Content:
    """What is saved: Details and Output Mapping."""

    name: str
    authentication: Authentication | None
    export_settings: dict[str, Any]
    mapping: dict[str, Any]
    zone: str = "UTC"  # of the schedule


def begin(segment: Segment, user: User, *, afresh: bool = False) -> Activation:
    """The draft of Create Activation: the one this user left for this segment, or a new one."""
    left = Activation.objects.filter(segment=segment, owner=user, created_at=None).order_by("-pk").first()
    return left if left and not afresh else Activation.objects.create(segment=segment, owner=user)


@transaction.atomic
def keep(activation: Activation, panel: str, typed: Any, *, version: int | None = None) -> Activation:
    """Keeps what a panel has as it was typed, right or wrong. Two panels kept at once both stay.

    With `version`, what was typed before that one was saved is left: a letter that arrives after Create is no change.
    """
    if panel not in PANELS:
        raise ValueError(f"{panel} is no panel")
    current = Activation.objects.select_for_update().get(pk=activation.pk)
    if version is not None and version != current.version:
        return current
    current.draft = {**current.draft, panel: typed}
    current.save(update_fields=["draft", "updated_at"])
    return current


def suppose(activation: Activation, panel: str, typed: Any) -> Activation:
    """The same for a look at a panel that nobody has changed: nothing is stored."""
    activation.draft = {**activation.draft, panel: typed}
    return activation


def discard(activation: Activation) -> None:
    """Cancel: a draft goes, of another only the changes."""
    if activation.is_draft:
        activation.delete()
    else:
        Activation.objects.filter(pk=activation.pk).update(draft={})


def create(activation: Activation, content: Content, user: User) -> Activation:
    """Makes the draft an activation. Raises ActivationError with every problem, Refused for a name that is taken."""
    return _write(
        activation, content, user, activation.version, created_at=activation.created_at or timezone.now()
    )


def save(activation: Activation, content: Content, user: User, *, version: int) -> Activation:
    """Saves over `version`. Raises Stale, ActivationError, Refused."""
    return _write(activation, content, user, version)


def duplicate(activation: Activation, user: User) -> Activation:
    """A copy of the same segment that belongs to `user` and tells the same people of its runs.

    It has no schedule yet, so it runs only by hand.
    """
    taken = Activation.objects.saved().filter(segment=activation.segment_id).values_list("name", flat=True)
    name = naming.copy_of(activation.name, taken)
    with naming.unique("activation", name, activation.segment):
        copy = Activation.objects.create(
            segment=activation.segment, name=name, authentication=activation.authentication,
            export_settings=activation.export_settings, mapping=activation.mapping, zone=activation.zone, owner=user,
            created_at=timezone.now(),
        )  # fmt: skip
    telling.copy(activation, copy)
    return copy


def pause(activation: Activation, user: User) -> Activation:
    """Starts nothing more until `resume`; what runs is not stopped. Pauses its schedule, where it has one."""
    if activation.is_paused:
        return activation
    if activation.schedule is not None:
        scheduled.pause(activation, user)
    else:
        activation.paused_at, activation.paused_by = timezone.now(), user
        activation.save(update_fields=["paused_at", "paused_by", "updated_at"])
    return activation


def resume(activation: Activation, user: User | None = None) -> Activation:
    if activation.schedule is not None and activation.is_paused:
        scheduled.resume(activation, user or activation.owner)
        return activation
    activation.paused_at = activation.paused_by = None
    activation.save(update_fields=["paused_at", "paused_by", "updated_at"])
    return activation


@transaction.atomic
def delete(activation: Activation) -> None:
    """Its jobs stay, its schedule goes. Raises Refused while one of them is going."""
    if activation.schedule is not None:
        scheduling.lock(activation.schedule)  # first, as the firing does
    Activation.objects.select_for_update().get(pk=activation.pk)
    if going := activation.runs.exclude(job__status__in=Job.FINAL).first():
        raise Refused(f"Job {going.job_id} of this activation is still running. Wait for it, or kill it.")
    steps = activation.journey_steps.values_list("stage__journey__name", flat=True)
    if named := list(steps[:3]):
        raise Refused(f"{activation} is a step of {', '.join(named)}. Take it out of those journeys first.")
    finishing.forget_all(activation)
    schedule = activation.schedule
    activation.delete()
    if schedule is not None:
        schedule.delete()


@transaction.atomic
def _write(activation: Activation, content: Content, user: User, version: int, **fields: Any) -> Activation:
    settings, kept = _checked(activation, content)
    current = (
        Activation.objects.select_for_update(of=("self",))
        .select_related("segment", "saved_by")
        .get(pk=activation.pk)
    )
    if current.version != version:
        raise Stale(current)
    with naming.unique("activation", content.name.strip(), current.segment):
        Activation.objects.filter(pk=activation.pk).update(
            name=content.name.strip(), authentication=content.authentication, export_settings=settings,
            mapping=kept, zone=content.zone, draft={}, version=F("version") + 1, saved_by=user,
            updated_at=timezone.now(), **fields,
        )  # fmt: skip
    return Activation.objects.select_related("segment__audience", "authentication").get(pk=activation.pk)


def _checked(activation: Activation, content: Content) -> tuple[dict[str, Any], dict[str, Any]]:
    """Export settings and mapping, each in one spelling. Raises ActivationError."""
    found: list[Problem] = []
    try:
        naming.checked(content.name)
    except Refused as refused:
        found.append(Problem("name", str(refused)))
    settings = _settings(content, found)
    kept: dict[str, Any] = {}
    try:
        available = sources.attribute_names(activation.segment.audience)
        # What "all columns" means is said anew with every save.
        said = {key: value for key, value in content.mapping.items() if key != "known"}
        kept = mapping.to_json(mapping.parse(said, available))
    except mapping.MappingError as error:
        found += [Problem(f"mapping.{one.path}".rstrip("."), one.message) for one in error.problems]
    if found:
        raise ActivationError(found)
    return settings, kept


def _settings(content: Content, found: list[Problem]) -> dict[str, Any]:
    if content.authentication is None or content.authentication.name is None:
        found.append(Problem("authentication", "Choose an authentication."))
        return {}
    form = registry.get(content.authentication.connector).export_form.from_keys(content.export_settings)
    if form.is_valid():
        return form.settings()
    for name, errors in form.errors.items():
        found.append(Problem(f"export_settings.{name}", " ".join(map(str, errors))))
    return {}
