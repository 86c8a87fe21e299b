"""What a segment's page shows."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from activations import last_runs, permissions, queries, rule_words, sizing, sources
from activations.models import Measurement, Segment
from activations.rules import RulesError
from activations.sql import Lost
from console.workbench.permissions import signed_in


def context(request: HttpRequest, segment: Segment) -> dict[str, Any]:
    vocabulary = sources.vocabulary(segment.audience, segment)
    sent = last_runs.of_segment(segment)
    return {
        **live(segment),
        **sql(segment),
        "match": rule_words.match_of(segment.rules),
        "lines": rule_words.lines(segment.rules, vocabulary),
        "sent": sent,
        "editable": permissions.may_edit(signed_in(request), segment),
        "activation_new": reverse("activation_new", args=[segment.pk]),
    }


def sql(segment: Segment) -> dict[str, Any]:
    """The SQL that a run would run, or why there is none."""
    try:
        return {"sql": queries.segment_sql(segment)}
    except (RulesError, Lost) as error:
        return {"broken": str(error)}


def live(segment: Segment) -> dict[str, Any]:
    """Size and sample as kept, and how far the counting is."""
    last = Measurement.objects.filter(segment=segment, segment_version=segment.version).only("pk").first()
    measurement = sizing.look(last.pk) if last else None
    if measurement is not None and measurement.is_finished:
        segment.refresh_from_db(fields=["size", "size_at", "size_version", "sample"])
    return {
        "segment": segment,
        "measurement": measurement,
        "counting": measurement is not None and not measurement.is_finished,
        "failed": measurement is not None and measurement.state == Measurement.State.FAILED,
        "share": share(segment.size, segment.audience.customers),
    }


def share(size: int | None, of: int | None) -> str:
    """ "1.35%"; "" where one of the two isn't known."""
    if size is None or not of:
        return ""
    percent = 100 * size / of
    if 0 < percent < 0.01:
        return "less than 0.01%"
    return f"{percent:.0f}%" if percent in (0, 100) else f"{percent:.2f}%"
