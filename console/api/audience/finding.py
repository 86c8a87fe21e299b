"""The things that a path names by their numbers. Raises ApiError 404."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from activations.models import Activation, Folder, ParentSegment, Segment
from console.api.answers import ApiError

Row = TypeVar("Row", bound=Model)
LARGEST = 2**63 - 1


def possible(number: int) -> bool:
    return 0 < number <= LARGEST


def audience(number: str) -> ParentSegment:
    return _one(ParentSegment.objects.select_related("owner", "saved_by"), number, "parent segment")


def folder(audience_number: str, number: str) -> Folder:
    of = audience(audience_number)
    return _one(of.folders.select_related("folder", "audience"), number, f"folder of {of}")


def segment(audience_number: str, number: str) -> Segment:
    of = audience(audience_number)
    related = ("audience", "folder", "owner", "saved_by")
    return _one(of.segments.select_related(*related), number, f"segment of {of}")


def activation(audience_number: str, segment_number: str, number: str) -> Activation:
    """One that was created; drafts are the pages' own."""
    of = segment(audience_number, segment_number)
    related = ("segment__audience", "authentication", "owner", "saved_by", "schedule")
    saved = Activation.objects.saved().filter(segment=of).select_related(*related)
    return _one(saved, number, f"activation of {of}")


def _one(among: "QuerySet[Row]", number: str, what: str) -> Row:
    found = None
    if number.isascii() and number.isdecimal() and len(number) <= 19 and possible(int(number)):
        found = among.filter(pk=int(number)).first()
    if found is None:
        raise ApiError(404, f"There is no {what} with the number {number[:40]}.")
    return found
