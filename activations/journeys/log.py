"""A journey's log in the warehouse: who reached which stage when. Named as Treasure Data names it: the parent
segment's own database, `cdp_audience_3.journey_7`."""

import contextlib

from activations import sources
from activations.errors import Refused
from activations.models import Journey, ParentSegment
from activations.sql.profiles import KEY
from console.warehouse import storage
from console.warehouse.types import AlreadyExists, NotFound, TableRef


def ref(journey: Journey) -> TableRef:
    return TableRef(f"cdp_audience_{journey.audience_id}", f"journey_{journey.pk}")


def create(journey: Journey) -> None:
    """An empty log. One that is there is of a start that came to nothing. Raises Refused."""
    columns = [(KEY, key_type(journey.audience)), ("stage", "long"), ("event", "string"),
               ("evaluation", "long"), ("time", "long")]  # fmt: skip
    drop(journey)
    with contextlib.suppress(AlreadyExists):
        storage.create_database(ref(journey).database)
    storage.create_table(ref(journey), columns)


def drop(journey: Journey) -> None:
    with contextlib.suppress(NotFound):
        storage.drop_table(ref(journey))


def require(journey: Journey) -> None:
    """Raises Refused where the log is gone, or knows keys of another type than the customers have now."""
    kept = sources.columns(ref(journey))
    if kept is None:
        raise Refused(
            f"Table {ref(journey)}, which says where each profile is, is gone. "
            "Restore it from a backup, or delete the journey and create it anew."
        )
    now = key_type(journey.audience)
    if kept.get(KEY) != now:
        raise Refused(
            f"The key of {journey.audience} is {now} by now and was {kept.get(KEY)} when the journey was started: "
            "profiles in it can't be recognised. Restore the key's type."
        )


def key_type(audience: ParentSegment) -> str:
    """Raises Refused."""
    columns = sources.columns(audience.master)
    if columns is None:
        raise Refused(f"Table {audience.master} of {audience} does not exist. Restore it.")
    found = columns.get(audience.key_column.lower())
    if found is None:
        raise Refused(f"Table {audience.master} has no column {audience.key_column} any more. Restore it.")
    return found
