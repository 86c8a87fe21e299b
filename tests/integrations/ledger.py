"""A ledger in memory that can die: what it was told before that is kept, as a database would keep it."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from integrations.connector import Chunk, Receipt, RejectedRow
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
    at_fault: list[RejectedRow] = field(default_factory=list)
    faults: int = 0
    logs: list[tuple[str, str]] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    retry_afters: list[float | None] = field(default_factory=list)
    spool: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="sendoff-spool-")))

    @property
    def delivered(self) -> int:
        return sum(receipt.rows_accepted for receipt in self.receipts.values()) - self.rejected

    @property
    def in_doubt(self) -> int:
        return sum(receipt.rows_in_doubt for receipt in self.receipts.values())

    @property
    def rejected_rows(self) -> list[RejectedRow]:
        rows = [row for receipt in self.receipts.values() for row in receipt.rejected]
        return sorted(rows, key=lambda row: row.row)


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
        return self.intend_all([chunk])[0]

    def intend_all(self, chunks: Sequence[Chunk]) -> list[Receipt | None]:
        self.heed()
        self.step()
        for chunk in chunks:
            known = self.kept.intents.setdefault(chunk.index, chunk.data)
            assert known == chunk.data, "a resumed run must make the same bytes again"
        self.step()
        return [self.kept.receipts.get(chunk.index) for chunk in chunks]

    def acknowledge(self, receipt: Receipt, sent: int) -> None:
        self.acknowledge_all([(receipt, sent)])

    def acknowledge_all(self, answered: Sequence[tuple[Receipt, int]]) -> None:
        self.step()
        for receipt, _ in answered:
            self.kept.receipts.setdefault(receipt.index, receipt)
        self.step()

    def unanswered(self) -> frozenset[int]:
        return frozenset(set(self.kept.intents) - set(self.kept.receipts))

    def withdraw(self, indexes: Sequence[int]) -> None:
        self.step()
        for index in set(indexes) - set(self.kept.receipts):
            self.kept.intents.pop(index, None)

    def report(self, rows: Sequence[RejectedRow], total: int) -> None:
        self.kept.at_fault, self.kept.faults = list(rows), total

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
