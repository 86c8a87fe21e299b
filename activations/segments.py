"""What people do with segments: create, save, undo, rename, move, duplicate, delete."""

from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from activations import naming, sources
from activations.errors import Refused, Stale
from activations.models import Activation, Folder, Journey, ParentSegment, Segment
from activations.rules import numbers_in, parse, resolve, to_json
from console.accounts.models import User


def create(
    audience: ParentSegment, name: str, rules: Any, user: User, *, folder: Folder | None = None
) -> Segment:
    """Raises RulesError for rules that can't be used, Refused for a name that is taken."""
    name, kept = naming.checked(name), _canonical(audience, rules, None)
    _same(audience, folder)
    with naming.unique("segment", name, folder or audience):
        return Segment.objects.create(
            audience=audience, folder=folder, name=name, rules=kept, owner=user, saved_by=user
        )


def save(segment: Segment, rules: Any, user: User, *, version: int) -> Segment:
    """Saves rules over `version` and keeps the ones before for `undo`. Raises Stale, RulesError."""
    return _write(segment, rules, user, version)


def undo(segment: Segment, user: User, *, version: int) -> Segment:
    """The rules as they were before the last change; another undo brings that change back. Raises Stale, Refused."""
    if segment.previous_rules is None:
        raise Refused(f"{segment} has no change to undo.")
    return _write(segment, segment.previous_rules, user, version)


@transaction.atomic
def _write(segment: Segment, rules: Any, user: User, version: int) -> Segment:
    # Rules of two segments that are saved at once could each include the other.
    ParentSegment.objects.select_for_update().get(pk=segment.audience_id)
    current = Segment.objects.select_related("saved_by", "audience").get(pk=segment.pk)
    if current.version != version:
        raise Stale(current)
    kept = _canonical(current.audience, rules, current)
    if kept == current.rules:
        return current
    Segment.objects.filter(pk=segment.pk).update(
        rules=kept,
        previous_rules=current.rules,
        version=F("version") + 1,
        saved_by=user,
        updated_at=timezone.now(),
    )
    return Segment.objects.select_related("saved_by", "audience").get(pk=segment.pk)


def rename(segment: Segment, name: str, user: User) -> Segment:
    segment.name, segment.saved_by = naming.checked(name), user
    with naming.unique("segment", segment.name, segment.folder or segment.audience):
        segment.save(update_fields=["name", "saved_by", "updated_at"])
    return segment


def move(segment: Segment, folder: Folder | None, user: User) -> Segment:
    _same(segment.audience, folder)
    segment.folder, segment.saved_by = folder, user
    with naming.unique("segment", segment.name, folder or segment.audience):
        segment.save(update_fields=["folder", "saved_by", "updated_at"])
    return segment


def duplicate(segment: Segment, user: User) -> Segment:
    """A copy beside it that belongs to `user`, without its activations."""
    beside = Segment.objects.filter(audience=segment.audience_id, folder=segment.folder_id)
    name = naming.copy_of(segment.name, beside.values_list("name", flat=True))
    with naming.unique("segment", name, segment.folder or segment.audience):
        return Segment.objects.create(
            audience_id=segment.audience_id, folder_id=segment.folder_id, name=name, rules=segment.rules,
            owner=user, saved_by=user,
        )  # fmt: skip


@transaction.atomic
def delete(segment: Segment) -> None:
    """Raises Refused, naming what uses it: activations, or rules of other segments. Drafts go with it."""
    ParentSegment.objects.select_for_update().get(pk=segment.audience_id)
    if named := list(Activation.objects.saved().filter(segment=segment).values_list("name", flat=True)[:3]):
        raise Refused(f"{segment} is sent by {', '.join(named)}. Delete those activations first.")
    if named := [str(one) for one in users_of(segment)][:3]:
        raise Refused(f"{segment} is part of the rules of {', '.join(named)}. Change those first.")
    if named := list(_journeys_of(segment)[:3]):
        raise Refused(f"{segment} is part of {', '.join(named)}. Change those journeys first.")
    Activation.objects.filter(segment=segment).delete()
    segment.delete()


def _journeys_of(segment: Segment) -> "QuerySet[Journey, str]":
    where = Q(entry_segment=segment) | Q(exit_segment=segment) | Q(stages__segment=segment)
    return Journey.objects.filter(where).distinct().values_list("name", flat=True)


def users_of(segment: Segment) -> list[Segment]:
    """The segments whose rules name this one."""
    others = segment.audience.segments.exclude(pk=segment.pk).defer("previous_rules", "sample")
    return [one for one in others if segment.pk in numbers_in(one.rules)]


def _canonical(audience: ParentSegment, rules: Any, own: Segment | None) -> dict[str, Any]:
    vocabulary = sources.vocabulary(audience, own)
    read = parse(rules, vocabulary)
    resolve(read, vocabulary)
    return to_json(read)


def _same(audience: ParentSegment, folder: Folder | None) -> None:
    if folder is not None and folder.audience_id != audience.pk:
        raise Refused("That folder belongs to another parent segment. Choose one of this.", "folder")
