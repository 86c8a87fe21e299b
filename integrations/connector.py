"""What a connector is: a frozen dataclass of parts and plain functions. There is no base class."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from integrations.fields import SettingsForm
from integrations.formats.preview import FilePreview
from integrations.rows import Column, RowStream

Keys = Mapping[str, Any]  # flat, JSON-safe


@dataclass(frozen=True, kw_only=True)
class Tile:
    """What the catalog shows."""

    key: str  # "treasure_data": slug, stored key, CLI name; never renamed
    name: str
    category: str  # "Databases"
    summary: str
    docs_url: str
    letters: str  # "TD", on the generated logo
    hue: str  # class suffix of the logo's colour in app.css


@dataclass(frozen=True)
class Chunk:
    """What travels: one part, complete."""

    index: int  # from 0, without gaps; the same rows and settings give the same chunks
    data: bytes
    rows: int


@dataclass(frozen=True)
class Receipt:
    """What came back for one chunk."""

    index: int
    rows_accepted: int
    rows_rejected: int = 0
    remote_id: str = ""


@dataclass(frozen=True)
class Identity:
    """What a test of credentials found out."""

    account: str  # "1 · 127.0.0.1:8000"
    detail: str  # "write-only key"
    message: str  # "Write-only key for account 1. Append works with this key. Replace needs the master key."
    milliseconds: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SchemaLine:
    name: str  # at the destination
    type: str  # at the destination
    source: str  # the result's column, "" where the table alone has it
    state: str  # "new", "existing", "kept" (only in the table), "removed" (by Replace), "filled" (time)
    note: str = ""


@dataclass(frozen=True)
class SchemaPreview:
    """What a table would look like after the export."""

    target: str  # "sample_datasets.by_code at 127.0.0.1:8000"
    table_exists: bool | None  # None: this key may not look
    rows_now: int | None
    lines: tuple[SchemaLine, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    confirm: str = ""  # a question to put before Done, such as replacing a table that has rows
    kind: str = "schema"


@dataclass(frozen=True)
class RetryPolicy:
    """One budget for the whole run: so many retries, each wait twice the last, up to a maximum."""

    max_retries: int = 10
    initial_ms: int = 1_000
    max_ms: int = 60_000

    def wait_ms(self, failures: int) -> int:
        """The wait after the n-th failure in a row of one request, n from 1."""
        return min(self.initial_ms << (failures - 1), self.max_ms)


def default_retries(settings: Keys) -> RetryPolicy:
    return RetryPolicy()


class Ledger(Protocol):
    """A connector's memory of one run. Everything it is told is committed before it returns.

    Each method raises `integrations.errors.Stopped` where the run was killed or belongs to another
    worker by now; a connector lets it pass.
    """

    export_id: int
    default_time: int  # Unix seconds
    rows_total: int
    confirmed_empty: bool

    @property
    def spool(
        self,
    ) -> Path: ...  # a folder of this export's own: outlives a death, goes with the export's end
    @property
    def memory(self) -> Mapping[str, Any]: ...  # what `remember` has kept, also by a worker that died

    # The fact `in_doubt` is read by the engine: a sentence, remembered before a request that may take effect
    # without an answer (a commit), and remembered as "" once the answer is known. A run that ends while it is
    # set is not cleaned up, and is continued, not begun anew, when it is run again.
    def remember(self, **facts: Any) -> None: ...
    def intend(self, chunk: Chunk) -> Receipt | None: ...  # the receipt, where this part was accepted before
    def acknowledge(self, receipt: Receipt, sent: int) -> None: ...  # sent: bytes on the wire
    # Forgets every part, where the destination holds none of them any more: the next `intend` begins anew.
    def restart(self) -> None: ...
    # How many of the acknowledged rows the destination refused after all. Sets the number: safe to repeat.
    def reject(self, rows: int) -> None: ...
    def retry(
        self, request: str, call: Callable[[], Any]
    ) -> Any: ...  # calls, waits and repeats TemporaryError
    def log(self, level: str, message: str) -> None: ...
    def heed(self) -> None: ...  # raises Stopped; call it in every loop that waits


@dataclass(frozen=True, kw_only=True)
class Connector:
    tile: Tile
    authentication_form: type[SettingsForm]
    export_form: type[SettingsForm]
    check: Callable[[Keys], Identity]  # credentials; raises DeliveryError
    precheck: Callable[[Keys, Keys], None]  # credentials, settings; raises before anything is sent
    encode: Callable[[Keys, RowStream, int], Iterator[Chunk]]  # settings, rows, default time; pure
    deliver: Callable[[Keys, Keys, Callable[[], Iterator[Chunk]], tuple[Column, ...], Ledger], None]
    discard: Callable[[Keys, Keys, Mapping[str, Any]], str]  # credentials, settings, memory: clean up after a
    # kill or a final failure; returns a sentence on what is left at the destination
    preview: Callable[[Keys, Keys, RowStream, int], SchemaPreview | FilePreview]
    destination: Callable[[Keys, Keys], dict[str, str]]  # label -> value for the job page, no secrets
    retries: Callable[[Keys], RetryPolicy] = default_retries
    oauth_backend: str | None = None
