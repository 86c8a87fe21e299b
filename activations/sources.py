"""A parent segment's rows as the vocabulary of its rules and the schema of its SQL."""

from collections.abc import Mapping

from activations.models import BehaviorTable, ParentSegment, Segment
from activations.rules import KnownSegment, Vocabulary
from activations.sql import Events, Field, Joined, Schema
from console.warehouse import storage
from console.warehouse.types import NotFound, TableRef


def vocabulary(audience: ParentSegment, own: Segment | None = None) -> Vocabulary:
    """What rules of this parent segment may name; `own` is the segment whose rules they are."""
    known: dict[int, KnownSegment | None] = {}  # of those that rules name, not of all that there are

    def segment(number: int) -> KnownSegment | None:
        if number not in known:
            found = audience.segments.filter(pk=number).values_list("name", "rules").first()
            known[number] = KnownSegment(*found) if found else None
        return known[number]

    return Vocabulary(
        attributes=dict(audience.attributes.values_list("name", "kind")),
        behaviors={
            behavior.name: {column.name: column.kind for column in behavior.columns.all()}
            for behavior in audience.behavior_tables.prefetch_related("columns")
        },
        segment=segment,
        own=own.pk if own else None,
    )


def schema(audience: ParentSegment) -> Schema:
    """With the types the warehouse has now; a column that is gone has none."""
    warehouse = _Warehouse()
    tables = list(audience.attribute_tables.all())
    places = {table.pk: (i, table.ref) for i, table in enumerate(tables)}
    attributes = {}
    for one in audience.attributes.all():
        place, ref = places[one.table_id] if one.table_id else (None, audience.master)
        attributes[one.name] = Field(one.column, one.kind, warehouse.type(ref, one.column), place)
    return Schema(
        master=audience.master,
        key=audience.key_column,
        zone=audience.zone,
        joined=tuple(Joined(table.ref, table.key_column, table.master_column) for table in tables),
        attributes=attributes,
        behaviors={
            one.name: _events(one, warehouse) for one in audience.behavior_tables.prefetch_related("columns")
        },
    )


def attribute_names(audience: ParentSegment) -> list[str]:
    """In the order in which "all columns" are sent."""
    return list(audience.attributes.values_list("name", flat=True))


class _Warehouse:
    """Types by column, each table looked up once. The engine takes names whatever their case."""

    def __init__(self) -> None:
        self._tables: dict[TableRef, Mapping[str, str]] = {}

    def type(self, ref: TableRef, column: str) -> str | None:
        if ref not in self._tables:
            self._tables[ref] = columns(ref) or {}
        return self._tables[ref].get(column.lower())


def columns(ref: TableRef) -> dict[str, str] | None:
    """Types by lower-case name; None where there is no such table."""
    try:
        return {column.name.lower(): column.type for column in storage.snapshot(ref).columns}
    except NotFound:
        return None


def _events(behavior: BehaviorTable, warehouse: _Warehouse) -> Events:
    stored = warehouse.type(behavior.ref, behavior.time_column)
    time = Field(behavior.time_column, "date" if stored == "date" else "timestamp", stored)
    known = {
        one.name: Field(one.column, one.kind, warehouse.type(behavior.ref, one.column))
        for one in behavior.columns.all()
    }
    return Events(behavior.ref, behavior.key_column, behavior.master_column, time, known)
