"""A page of the runs that a schedule promised, newest first, from a time on back."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, QuerySet

from console.workbench.models import Schedule, Slot

PER_PAGE = 50
LONGEST = 12  # digits of a time in an address


def history(schedule: Schedule, state: str, before: str) -> dict[str, Any]:
    """What the list shows. A state or a time that is none filters nothing."""
    state = state if state in Slot.State.values else ""
    found = list(_matching(schedule, state, before)[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    waits = any(slot.state == Slot.State.QUEUED for slot in shown)
    return {
        "slots": shown,
        "state": state,
        "filters": _filters(schedule),
        "older": int(shown[-1].time.timestamp()) if len(found) > PER_PAGE else None,
        "newest": bool(before),
        "live": not before and (schedule.is_busy or waits),
    }


def _matching(schedule: Schedule, state: str, before: str) -> QuerySet[Slot]:
    slots = schedule.slots.select_related("job__export").defer("job__sql", "job__translated_sql")
    if state:
        slots = slots.filter(state=state)
    if before.isdecimal() and len(before) < LONGEST:
        slots = slots.filter(time__lt=datetime.fromtimestamp(int(before), UTC))
    return slots.order_by("-time")


def _filters(schedule: Schedule) -> list[tuple[str, str, int]]:
    """(state, its word, how many), "" for all."""
    counts = dict(schedule.slots.order_by().values_list("state").annotate(n=Count("pk")))
    states = [(state.value, str(state.label), counts.get(state.value, 0)) for state in Slot.State]
    return [("", "All", sum(counts.values())), *states]
