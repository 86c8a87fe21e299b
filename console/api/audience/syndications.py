"""/audiences/<id>/segments/<id>/syndications: activations, in the shape that Treasure Data's clients know."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from activations import activating, runs
from activations.activating import Content
from activations.errors import Invalid, Problem, Refused
from activations.mapping import MappingError
from activations.models import Activation, ActivationRun
from activations.permissions import require_edit
from activations.telling import subject_of
from console.api.answers import iso
from console.api.audience import fields, finding, notifications, schedules, shape
from console.api.audience.pages import page
from console.api.call import Call
from console.notices.models import Preferences
from console.workbench import scheduling

T = TypeVar("T")


def of_audience(call: Call, audience: str) -> dict[str, Any]:
    return _list(call, Activation.objects.saved().filter(segment__audience=finding.audience(audience)))


def of_segment(call: Call, audience: str, segment: str) -> dict[str, Any]:
    return _list(call, Activation.objects.saved().filter(segment=finding.segment(audience, segment)))


def show(call: Call, audience: str, segment: str, syndication: str) -> dict[str, Any]:
    """With `problems`: why the next run would not start."""
    return _whole(finding.activation(audience, segment, syndication))


def create(call: Call, audience: str, segment: str) -> dict[str, Any]:
    of = finding.segment(audience, segment)

    def write(content: Content) -> Activation:
        # Afresh: the draft that somebody left on the page stays theirs.
        return activating.create(activating.begin(of, call.user, afresh=True), content, call.user)

    return _whole(_written(call, call.body, write))


def update(call: Call, audience: str, segment: str, syndication: str) -> dict[str, Any]:
    """What the body leaves out stays as it is; a list that it has takes the place of the whole list."""
    activation = finding.activation(audience, segment, syndication)
    require_edit(call.user, activation)
    version = fields.version(call.body, activation.version)
    kept = {**shape.to_json(activation), **schedules.kept(activation, call.body)}
    if call.body.get("allColumns") is True and "columns" not in call.body:
        kept["columns"] = []

    def write(content: Content) -> Activation:
        if activation.schedule is not None:
            scheduling.lock(activation.schedule)  # before the activation, as the firing does
        return activating.save(activation, content, call.user, version=version)

    return _whole(_written(call, {**kept, **call.body}, write, notifications.stored(activation)))


def delete(call: Call, audience: str, segment: str, syndication: str) -> dict[str, Any]:
    activation = finding.activation(audience, segment, syndication)
    require_edit(call.user, activation)
    activating.delete(activation)
    return {"id": int(syndication), "deleted": True}


def pause(call: Call, audience: str, segment: str, syndication: str) -> dict[str, Any]:
    activation = finding.activation(audience, segment, syndication)
    require_edit(call.user, activation)
    return _whole(activating.pause(activation, call.user))


def resume(call: Call, audience: str, segment: str, syndication: str) -> dict[str, Any]:
    activation = finding.activation(audience, segment, syndication)
    require_edit(call.user, activation)
    return _whole(activating.resume(activation, call.user))


def run(call: Call, audience: str, segment: str, syndication: str) -> dict[str, Any]:
    """Everybody may. The job is polled with job/status."""
    activation = finding.activation(audience, segment, syndication)
    return _run_printed(_said(lambda: runs.run(activation, call.user)))


def run_list(call: Call, audience: str, segment: str, syndication: str) -> dict[str, Any]:
    found = finding.activation(audience, segment, syndication).runs.select_related(
        "job__export", "compared_with"
    )
    return page(call, "runs", found, _run_printed)


def sql(call: Call, audience: str, segment: str, syndication: str) -> dict[str, Any]:
    """What a run at this moment would run. The moment is in it only where a Timestamp string is sent."""
    activation, now = finding.activation(audience, segment, syndication), timezone.now()
    return {"sql": _said(lambda: runs.run_sql(activation, now)), "exported_at": iso(now)}


def _list(call: Call, found: "QuerySet[Activation]") -> dict[str, Any]:
    related = ("segment", "owner", "schedule")
    return page(call, "syndications", found.select_related(*related), shape.to_json)


def _written(
    call: Call, body: dict[str, Any], write: Callable[[Content], Activation], wants: Preferences | None = None
) -> Activation:
    """Saved; or Invalid with all that is wrong, in the paths of the body, and nothing is kept."""
    content, timing, problems = shape.content(body)
    mail = notifications.read(call.body, wants, problems)
    try:
        with transaction.atomic():
            written = write(content)
            schedules.write(written, timing, call.user)
            if mail and not problems:
                mail.save(subject_of(written))
            if problems:
                raise Invalid([])
    except Invalid as invalid:
        found = [one for one in shape.problems_of(invalid.problems) if one.path not in _paths(problems)]
        raise Invalid([*problems, *found]) from None
    return written


def _paths(problems: Sequence[Problem]) -> set[str]:
    return {one.path for one in problems}


def _said(ask: Callable[[], T]) -> T:
    """Where a mapping stops a run, the path is the client's."""
    try:
        return ask()
    except Refused as refused:
        if isinstance(refused.__cause__, MappingError):
            raise Invalid(shape.problems_of(refused.__cause__.problems)) from refused
        raise


def _whole(activation: Activation) -> dict[str, Any]:
    problems = [
        {"path": one.path, "message": one.message} for one in shape.problems_of(runs.problems(activation))
    ]
    told = notifications.to_json(notifications.stored(activation))
    return {**shape.to_json(activation), **told, "problems": problems}


def _run_printed(run: ActivationRun) -> dict[str, Any]:
    """Counts are null until the SQL is done; the last three also for the first run, which has none to compare with."""
    return {
        "job_id": str(run.job_id),
        "status": run.job.status,
        "outcome": run.job.outcome,
        "exported_at": iso(run.exported_at),
        "profiles": run.profiles,
        "added": run.added,
        "removed": run.removed,
        "unchanged": run.unchanged,
        "compared_with_job_id": str(run.compared_with.job_id) if run.compared_with else None,
    }
