"""A ledger in memory that can die: what it was told before that is kept, as a database would keep it."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.connector import Chunk, Receipt
from integrations.errors import Stopped, TemporaryError


class Dead(BaseException):
    """kill -9: nothing catches it, nothing is cleaned up."""


@dataclass
class Kept:
    """What survives a worker."""

    memory: dict[str, Any] = field(default_factory=dict)
    intents: dict[int, bytes] = field(default_factory=dict)
    receipts: dict[int, Receipt] = field(default_factory=dict)
    rejected: int = 0
    logs: list[tuple[str, str]] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    retry_afters: list[float | None] = field(default_factory=list)
    spool: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="sendoff-spool-")))

    @property
    def delivered(self) -> int:
        return sum(receipt.rows_accepted for receipt in self.receipts.values()) - self.rejected


class MemoryLedger:
    def __init__(
        self, kept: Kept, rows_total: int, *, die_at: int = 0, confirmed_empty: bool = False
    ) -> None:
        self.kept = kept
        self.export_id = 12
        self.default_time = 1_700_000_000
        self.rows_total = rows_total
        self.confirmed_empty = confirmed_empty
        self.die_at = die_at
        self.steps = 0
        self.budget = 5
        self.stop_when: Callable[[], bool] = lambda: False
        self.spool = kept.spool

    @property
    def memory(self) -> Mapping[str, Any]:
        return dict(self.kept.memory)

    def step(self) -> None:
        """A point at which the worker may be killed."""
        self.steps += 1
        if self.steps == self.die_at:
            raise Dead

    def restart(self) -> None:
        self.step()
        self.kept.intents.clear()
        self.kept.receipts.clear()

    def remember(self, **facts: Any) -> None:
        self.step()
        self.kept.memory.update(facts)
        self.step()

    def intend(self, chunk: Chunk) -> Receipt | None:
        self.heed()
        self.step()
        known = self.kept.intents.setdefault(chunk.index, chunk.data)
        assert known == chunk.data, "a resumed run must make the same bytes again"
        self.step()
        return self.kept.receipts.get(chunk.index)

    def acknowledge(self, receipt: Receipt, sent: int) -> None:
        self.step()
        self.kept.receipts.setdefault(receipt.index, receipt)
        self.step()

    def reject(self, rows: int) -> None:
        self.kept.rejected = rows
        self.step()

    def retry(self, request: str, call: Callable[[], Any]) -> Any:
        while True:
            self.heed()
            self.step()
            try:
                answer = call()
            except TemporaryError as error:
                self.kept.retries.append(f"{request}: {error.response or error}")
                self.kept.retry_afters.append(error.retry_after)
                if len(self.kept.retries) > self.budget:
                    raise
            else:
                self.step()
                return answer

    def log(self, level: str, message: str) -> None:
        self.kept.logs.append((level, message))

    def heed(self) -> None:
        if self.stop_when():
            raise Stopped
