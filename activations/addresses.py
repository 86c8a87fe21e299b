"""Where the other pages of Audience Studio are."""

from django.urls import NoReverseMatch, reverse

from activations.models import ParentSegment, Segment


def segment(one: Segment) -> str:
    return _address("segment", one.pk, f"/audience/segments/{one.pk}/")


def audience(one: ParentSegment) -> str:
    return _address("audience", one.pk, f"/audience/{one.pk}/")


def _address(name: str, pk: int, otherwise: str) -> str:
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return otherwise
