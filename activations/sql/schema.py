"""Where a parent segment's data is, with the types it has in the warehouse now. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.warehouse.types import TableRef


class Lost(Exception):
    """Rules or a mapping name a column that is gone; `str()` names it and says what to do."""


@dataclass(frozen=True)
class Field:
    """A column. `stored` is the warehouse's type of it, None where the table no longer has it."""

    column: str
    kind: str
    stored: str | None
    table: int | None = None  # of `Schema.joined`; None: the master, or the behavior table it is in


@dataclass(frozen=True)
class Joined:
    """An attribute table: at most one row for each customer."""

    ref: TableRef
    key: str
    master_column: str


@dataclass(frozen=True)
class Events:
    """A behavior table. Its time is a date or a timestamp."""

    ref: TableRef
    key: str
    master_column: str
    time: Field
    columns: Mapping[str, Field]


@dataclass(frozen=True)
class Schema:
    master: TableRef
    key: str
    zone: str
    joined: tuple[Joined, ...]
    attributes: Mapping[str, Field]  # by name, in the order of a list
    behaviors: Mapping[str, Events]

    def attribute(self, name: str) -> Field:
        """Raises Lost."""
        field = self.attributes.get(name)
        if field is None:
            raise Lost(f"The parent segment has no attribute {name} any more. Choose another one.")
        table = self.master if field.table is None else self.joined[field.table].ref
        return present(field, table, name)


def present(field: Field, table: TableRef, name: str) -> Field:
    """The field, where its table still has it. Raises Lost."""
    if field.stored is None:
        raise Lost(
            f"Table {table} has no column {field.column} any more, which {name} is read from. "
            "Restore the column, or change the parent segment."
        )
    return field
