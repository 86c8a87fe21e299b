"""What stands beside the rule builder: the size and a sample of the rules as they are typed, and their SQL."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from activations import queries, sizing
from activations.models import Measurement, Segment
from activations.rules import RulesError
from activations.sql import Lost
from activations.views.segment_page import share
from console.accounts.models import User

FRESH = timedelta(minutes=5)  # an answer to the same question is used again for so long
State = Measurement.State


def asker(segment: Segment, user: User) -> str:
    return f"builder:{segment.pk}:{user.pk}"


def context(segment: Segment, rules: Any, user: User, *, empty: int, wrong: int, ask: bool) -> dict[str, Any]:
    """`rules` is None while they can't be used. Without `ask` nothing is counted that isn't known."""
    if rules is None:
        return {"empty": empty, "wrong": wrong, "size": None}
    try:
        selection = queries.select(segment.audience, rules, segment)
        shown = selection.profiles_sql(selection.everything())
    except (RulesError, Lost) as error:
        return {"lost": str(error), "size": None}
    if rules == segment.rules and segment.size_is_current and segment.sample:
        return {
            "size": segment.size, "share": share(segment.size, segment.audience.customers), "sql": shown,
            "names": segment.sample["columns"], "rows": segment.sample["rows"],
        }  # fmt: skip
    if not ask:
        return {"sql": shown, "unasked": True, "size": None}
    return {"sql": shown, **of_measurement(segment, _measured(segment, rules, user))}


def of_measurement(segment: Segment, measurement: Measurement) -> dict[str, Any]:
    names, rows = sizing.sample_text(measurement)
    return {
        "measurement": measurement,
        "counting": not measurement.is_finished,
        "failed": measurement.state == State.FAILED,
        "superseded": measurement.state == State.SUPERSEDED,
        "size": measurement.size,
        "share": share(measurement.size, segment.audience.customers),
        "names": names,
        "rows": rows,
    }


def _measured(segment: Segment, rules: Any, user: User) -> Measurement:
    """The question that was asked before, where it is the same; else a new one, which stops that."""
    since = max(
        timezone.now() - FRESH, segment.audience.updated_at
    )  # a size of what the parent segment was is none
    mine = Measurement.objects.filter(asker=asker(segment, user), asked_at__gt=since)
    last = mine.first()
    if last is not None and last.rules == rules and last.state not in (State.FAILED, State.SUPERSEDED):
        return sizing.look(last.pk)
    return sizing.measure(segment.audience, rules, user, asker(segment, user), own=segment)
