"""Addresses of pages that belong to other parts of Audience Studio."""

from activations.models import Activation, Segment

ACTIVATIONS = "/audience/activations/"


def new_activation(segment: Segment) -> str:
    """Where a POST begins or continues the draft, and a GET asks with a button."""
    return f"/audience/segments/{segment.pk}/activations/new/"


def activation(one: Activation) -> str:
    return f"{ACTIVATIONS}{one.pk}/"
