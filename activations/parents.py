"""What people do with parent segments: define, check against the warehouse, refresh, delete."""

from dataclasses import dataclass, field
from typing import Any

from activations.models import ParentSegment
from console.accounts.models import User


@dataclass(frozen=True)
class Problem:
    """What a check found. `stops`: nothing can be counted or sent before it is mended."""

    place: str  # of the definition: "master", "attribute_tables.0.key_column", "attributes.3", "behavior_tables.0"
    message: str  # what is wrong, and what to do
    stops: bool = True


@dataclass(frozen=True)
class Definition:
    """A parent segment as a form or the API gives it; names of kinds are `ColumnKind`'s."""

    name: str
    master: str  # database.table
    key_column: str
    zone: str = "UTC"
    # [{"table": "db.t", "key_column": "…", "master_column": "…"}, …]
    attribute_tables: list[dict[str, Any]] = field(default_factory=list)
    # [{"table": None or an index of attribute_tables, "column", "name", "kind", "group"}, …]
    attributes: list[dict[str, Any]] = field(default_factory=list)
    # [{"name", "table", "key_column", "master_column", "time_column", "columns": [{"column", "name", "kind"}]}, …]
    behavior_tables: list[dict[str, Any]] = field(default_factory=list)
    refresh_cron: str = ""
    refresh_zone: str = "UTC"


def create(definition: Definition, user: User, *, sample: str | None = None) -> ParentSegment:
    """Raises Refused where the definition is not whole in itself; the warehouse is checked by `check`."""
    raise NotImplementedError


def save(parent: ParentSegment, definition: Definition, user: User, *, version: int) -> ParentSegment:
    """Raises Stale where somebody saved it in the meantime, Refused as `create` does."""
    raise NotImplementedError


def definition_of(parent: ParentSegment) -> Definition:
    raise NotImplementedError


def check(definition: Definition) -> list[Problem]:
    """Names, columns and types against the warehouse. Reads no rows, so a form can show it at once."""
    raise NotImplementedError


def refresh(parent: ParentSegment) -> list[Problem]:
    """Checks everything, counts customers and duplicate keys, and keeps both in the row. Takes as long as it takes."""
    raise NotImplementedError


def ask_refresh(parent: ParentSegment) -> None:
    """The same in a worker."""
    raise NotImplementedError


def delete(parent: ParentSegment) -> None:
    """With its folders and segments. Raises Refused while one of them has an activation."""
    raise NotImplementedError
