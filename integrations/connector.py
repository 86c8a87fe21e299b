"""What a connector is: a frozen dataclass of parts and plain functions. There is no base class."""

import hashlib
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from integrations.fields import SettingsForm
from integrations.formats.preview import FilePreview
from integrations.oauth import OAuth
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
class RejectedRow:
    """A row that is not at the destination: it breaks a rule, or the destination said no."""

    row: int  # its number in the result, from 1
    column: str  # "" where the whole row is meant
    value: str  # as text, cut; shown to people, never logged
    reason: str  # says what is wrong, and holds no value
    code: str = ""  # the destination's own


@dataclass(frozen=True)
class Chunk:
    """What travels: one part, complete."""

    index: int  # from 0, without gaps; the same rows and settings give the same chunks
    data: bytes
    rows: int  # all rows that end here: those in `data`, and those that were set aside
    numbers: Sequence[int] = ()  # of the rows in `data`, one per record, where a connector answers per row
    rejected: tuple[RejectedRow, ...] = ()  # set aside, because they break a rule

    @cached_property
    def digest(self) -> str:
        """What the ledger knows the bytes by. Made once, in whichever thread asks first."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def span(self) -> tuple[int, int]:
        """The numbers of the first and the last row in `data`; (0, 0) where they are not numbered."""
        return (self.numbers[0], self.numbers[-1]) if self.numbers else (0, 0)


@dataclass(frozen=True)
class Receipt:
    """What came back for one chunk. A row is accepted, rejected or in doubt."""

    index: int
    rows_accepted: int
    rows_rejected: int = 0
    remote_id: str = ""
    rows_in_doubt: int = 0  # sent, but no answer came, and sending them again might double them
    rejected: tuple[RejectedRow, ...] = ()  # which, and why, where the connector can tell


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
class ShownRequest:
    """One request as it will leave, secrets masked."""

    method: str
    url: str  # scheme, host, path, query
    headers: tuple[tuple[str, str], ...]
    body: str  # the very bytes, from the first one; cut where it is long
    pretty: str  # the same, laid out for reading
    bytes: int  # of the whole body
    records: int  # in the whole body
    records_shown: int
    title: str = ""  # "1. Ask for the upload address", where there are several


@dataclass(frozen=True)
class RequestsPreview:
    """The first requests as they will leave, and how many will follow."""

    target: str  # "Upload User Profiles at in1.api.clevertap.com"
    requests: tuple[ShownRequest, ...]
    follow: str  # "199 more requests follow, at most 5 at a time."
    problems: tuple[str, ...] = ()  # with the columns: a run would stop at once
    rejected: tuple[RejectedRow, ...] = ()  # of the rows that were looked at
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    confirm: str = ""
    kind: str = "requests"


@dataclass(frozen=True)
class RetryPolicy:
    """One budget for the whole run: so many retries, each wait twice the last, up to a maximum."""

    max_retries: int = 10
    initial_ms: int = 1_000
    max_ms: int = 60_000
    jitter: float = (
        0.0  # up to this part of a wait is left out, at random: many clients do not return at once
    )

    def wait_ms(self, failures: int) -> int:
        """The wait after the n-th failure in a row of one request, n from 1."""
        whole = min(self.initial_ms << (failures - 1), self.max_ms)
        return round(whole * (1 - self.jitter * random.random()))


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
    # The same for several parts, in one commit.
    def intend_all(self, chunks: Sequence[Chunk]) -> list[Receipt | None]: ...
    def acknowledge_all(self, answered: Sequence[tuple[Receipt, int]]) -> None: ...
    # Parts that a worker before this one meant to send, of which no answer is known.
    def unanswered(self) -> frozenset[int]: ...
    # Takes an intent back, where the part certainly never reached the destination.
    def withdraw(self, indexes: Sequence[int]) -> None: ...
    # Keeps the rows that stop the run before anything is sent: the first of them, and how many there are.
    def report(self, rows: Sequence[RejectedRow], total: int) -> None: ...
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
    preview: Callable[[Keys, Keys, RowStream, int], SchemaPreview | FilePreview | RequestsPreview]
    destination: Callable[[Keys, Keys], dict[str, str]]  # label -> value for the job page, no secrets
    retries: Callable[[Keys], RetryPolicy] = default_retries
    # Settings that may have changed when an export is continued: they do not touch the bytes.
    changeable: tuple[str, ...] = ()
    credential: str = "Key"  # "Key accepted.", after a test
    empty_button: str = "Empty the table"  # agrees to `ConfirmationNeeded`
    last_button: str = "Create Connection"  # of New Authentication, as the connector's documents name it
    oauth: OAuth | None = None  # where a sign-in takes the place of typed secrets
    # credentials, settings: names of the folders inside the one the settings name, for Browse
    browse: Callable[[Keys, Keys], tuple[str, ...]] | None = None
    # Looks at every row before the first request leaves: settings, rows, default time, ledger. Raises where the
    # run must not begin.
    inspect: Callable[[Keys, RowStream, int, Ledger], None] | None = None
