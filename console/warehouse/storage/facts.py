"""What a table's metadata file says of it. Such a file never changes, so what was read once is kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from pyiceberg.serializers import FromInputFile
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.snapshots import Snapshot

from console.warehouse.storage.catalog import catalog
from console.warehouse.storage.columns import columns_of
from console.warehouse.storage.names import number_of
from console.warehouse.types import Column

CREATED = "sendoff.created-at"


@dataclass(frozen=True)
class Facts:
    id: int
    rows: int
    bytes: int
    files: int
    columns: tuple[Column, ...]
    created_at: datetime
    updated_at: datetime
    last_import_at: datetime | None


@dataclass(frozen=True)
class Change:
    """One snapshot in a table's history."""

    id: int
    at: datetime
    what: str  # append, overwrite, delete
    rows: int  # in the table afterwards
    added: int
    removed: int


def facts_of(metadata: TableMetadata) -> Facts:
    now = metadata.current_snapshot()
    updated = _time(metadata.last_updated_ms)
    created = metadata.properties.get(CREATED)
    imports = [s.timestamp_ms for s in metadata.snapshots if total(s, "added-records")]
    return Facts(
        id=number_of(str(metadata.table_uuid)),
        rows=total(now, "total-records"),
        bytes=total(now, "total-files-size"),
        files=total(now, "total-data-files"),
        columns=columns_of(metadata.schema()),
        created_at=datetime.fromisoformat(created) if created else updated,
        updated_at=updated,
        last_import_at=_time(max(imports)) if imports else None,
    )


@lru_cache(maxsize=4096)
def facts_at(location: str) -> Facts:
    """Raises FileNotFoundError where the table has moved on by more than the kept metadata files."""
    return facts_of(
        FromInputFile.table_metadata(catalog()._load_file_io(location=location).new_input(location))
    )


def changes_of(metadata: TableMetadata) -> list[Change]:
    """The kept snapshots, newest first."""
    return [_change(snapshot) for snapshot in sorted(metadata.snapshots, key=lambda s: -s.timestamp_ms)]


def total(snapshot: Snapshot | None, name: str) -> int:
    """A count from the snapshot's summary; 0 where there is none."""
    return int((snapshot.summary[name] or 0) if snapshot and snapshot.summary else 0)


def _change(snapshot: Snapshot) -> Change:
    what = snapshot.summary.operation.value if snapshot.summary else ""
    rows, added, removed = (total(snapshot, n) for n in ("total-records", "added-records", "deleted-records"))
    return Change(snapshot.snapshot_id, _time(snapshot.timestamp_ms), what, rows, added, removed)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
