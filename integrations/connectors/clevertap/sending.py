"""Requests on their way: a few at a time, each intended in the ledger before it leaves and acknowledged after."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice

from integrations.connector import Chunk, Ledger, Receipt, RejectedRow
from integrations.connectors.clevertap.answers import InDoubt
from integrations.connectors.clevertap.tally import Tally
from integrations.errors import DeliveryError, Lost, RefusedError, Stopped, TemporaryError

HEED = 0.2  # seconds between two looks at the ledger
GRACE = 10.0  # seconds that requests in flight are waited for when the run ends early
LINGER = 0.01  # seconds in which further answers may come
MOST_DOUBT = 10  # requests without an answer that end the run
Answer = tuple[RejectedRow, ...]


@dataclass
class Sender:
    """`door` delivers one chunk, or raises; `InDoubt` where it may not be delivered again.

    `threads` requests at a time, never more.

    Where a request may not be repeated, a chunk is intended only when a thread is free for it; else a few wait
    ready, so that no thread is idle while the ledger is written.
    """

    ledger: Ledger
    door: Callable[[Chunk], Answer]
    threads: int
    path: str
    repeatable: bool
    skip: bool
    tally: Tally
    flying: dict[Future[Answer], Chunk] = field(default_factory=dict)
    failed: list[tuple[Chunk, TemporaryError]] = field(default_factory=list)  # to be sent again
    waiting: list[Chunk] = field(default_factory=list)  # intended, and waiting for a free thread
    limit: int = 0
    doubts: int = 0

    def run(self, chunks: Iterator[Chunk]) -> None:
        """Raises `DeliveryError`, or lets `Stopped` pass; what was answered by then is in the ledger."""
        self.limit = self.threads
        self.lost = frozenset() if self.repeatable else self.ledger.unanswered()
        self.pool = ThreadPoolExecutor(self.threads, thread_name_prefix="clevertap")
        try:
            self._run(chunks)
        except Lost:
            raise
        except (Stopped, DeliveryError):
            self._land()
            raise
        finally:
            self.pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, chunks: Iterator[Chunk]) -> None:
        more = True
        while more or self.flying or self.failed or self.waiting:
            room = self._room()
            if self.failed:
                self._settle(self._landed()) if self.flying else self._recover()
            elif self.waiting and room > 0:
                self._fly(self.waiting.pop(0))
            elif more and not self.waiting and room >= self._least():
                more = self._launch(list(islice(chunks, min(self.threads, room))))
            else:
                self._settle(self._landed())
            if self.tally.first and not self.skip:
                self._land()
                raise self.tally.refusal()

    def _room(self) -> int:
        return self.limit + (self.threads if self._works_ahead() else 0) - len(self.flying)

    def _least(self) -> int:
        """So many chunks are intended in one commit, at least, while others are on their way."""
        return (self.threads + 1) // 2 if self._works_ahead() and self.flying else 1

    def _works_ahead(self) -> bool:
        """Whether a few chunks wait ready, so that no thread is idle while the ledger is written."""
        return self.repeatable and self.limit == self.threads

    def _launch(self, chunks: list[Chunk]) -> bool:
        """Intends these chunks and sends them. False where there were none."""
        closed: list[tuple[Receipt, int]] = []
        for chunk, receipt in zip(chunks, self.ledger.intend_all(chunks), strict=True):
            if receipt is not None:
                self.tally.add(receipt)
            elif not chunk.data:
                closed.append((_receipt(chunk, ()), 0))
            elif chunk.index in self.lost:
                closed.append((self._doubted(chunk, "a worker died before the answer came"), 0))
            else:
                self._fly(chunk)
        self._acknowledge(closed)
        return bool(chunks)

    def _fly(self, chunk: Chunk) -> Future[Answer]:
        future = self.pool.submit(self.door, chunk)
        self.flying[future] = chunk
        return future

    def _landed(self) -> list[Future[Answer]]:
        """Those that have an answer; waits for at least one, and a moment for more of them, to write few commits.

        No thread is idle in that moment, for a few chunks wait ready; and none is waited for where its rows
        would be in doubt.
        """
        done: set[Future[Answer]] = set()
        while not done:
            self.ledger.heed()
            done, _ = wait(self.flying, timeout=HEED, return_when=FIRST_COMPLETED)
        if self._works_ahead() and len(done) < len(self.flying) - self.threads:
            time.sleep(LINGER)
            done = {future for future in self.flying if future.done()}
        return sorted(done, key=lambda future: self.flying[future].index)

    def _settle(self, landed: list[Future[Answer]]) -> None:
        """Acknowledges every answer first, and only then lets an error end the run."""
        answered: list[tuple[Receipt, int]] = []
        withdrawn: list[int] = []
        final: DeliveryError | None = None
        for future in landed:
            chunk = self.flying.pop(future)
            try:
                answered.append((_receipt(chunk, future.result()), len(chunk.data)))
            except InDoubt as error:
                answered.append((self._doubted(chunk, error.response or str(error)), 0))
            except TemporaryError as error:
                self.failed.append((chunk, error))
            except DeliveryError as error:
                final = final or error
                withdrawn.append(chunk.index)
        self._acknowledge(answered)
        self.ledger.withdraw(withdrawn)
        if final or (final := self._too_doubtful()):
            raise final

    def _recover(self) -> None:
        """With nothing in flight: sends the first that failed again, as the ledger says, and then the others."""
        chunk, error = self.failed[0]
        if any(each.response.startswith("429") for _, each in self.failed) and self.limit > 1:
            self.limit -= 1
            self.ledger.log("warn", f"CleverTap is busy: from now on at most {self.limit} requests at a time")
        request = f"POST {self.path}, request {chunk.index + 1}"
        try:
            answer = self.ledger.retry(request, self._tries(chunk, error))
            receipt, sent = _receipt(chunk, answer), len(chunk.data)
        except InDoubt as doubt:
            receipt, sent = self._doubted(chunk, doubt.response or str(doubt)), 0
        self._acknowledge([(receipt, sent)])
        self.waiting += [other for other, _ in self.failed[1:]]
        self.failed = []

    def _tries(self, chunk: Chunk, first: TemporaryError) -> Callable[[], Answer]:
        """The first try has been made; the others are made under the ledger's one budget."""
        made: list[TemporaryError] = [first]

        def once_more() -> Answer:
            if made:
                raise made.pop()
            future = self._fly(chunk)
            self._landed()
            del self.flying[future]
            return future.result()

        return once_more

    def _land(self) -> None:
        """The run ends early: what is in flight is waited for, and the ledger is told what is known."""
        withdrawn = [chunk.index for chunk in self.waiting]
        withdrawn += [self.flying.pop(future).index for future in list(self.flying) if future.cancel()]
        wait(self.flying, timeout=GRACE)
        answered: list[tuple[Receipt, int]] = []
        for future, chunk in self.flying.items():
            try:
                answered.append((_receipt(chunk, future.result(timeout=0)), len(chunk.data)))
            except (InDoubt, TimeoutError) as error:
                if not self.repeatable:
                    answered.append(
                        (self._doubted(chunk, str(error) or "the run ended before the answer came"), 0)
                    )
            except DeliveryError:
                withdrawn.append(chunk.index)
        closed = {receipt.index for receipt, _ in answered}
        withdrawn += [chunk.index for chunk, _ in self.failed]
        self.flying, self.failed, self.waiting = {}, [], []
        self._acknowledge(answered)
        self.ledger.withdraw([index for index in withdrawn if index not in closed])

    def _acknowledge(self, answered: list[tuple[Receipt, int]]) -> None:
        if answered:
            self.ledger.acknowledge_all(answered)
        for receipt, _ in answered:
            self.tally.add(receipt)

    def _doubted(self, chunk: Chunk, why: str) -> Receipt:
        self.doubts += 1
        first, last = chunk.span
        self.ledger.log("warn", f"Rows {first:,} to {last:,} are in doubt: {why}")
        doubtful = len(chunk.numbers)
        return Receipt(chunk.index, 0, len(chunk.rejected), rows_in_doubt=doubtful, rejected=chunk.rejected)

    def _too_doubtful(self) -> DeliveryError | None:
        if self.doubts < MOST_DOUBT:
            return None
        return RefusedError(
            f"{self.doubts} requests got no answer, so nothing more was sent.",
            action="Look for the rows in doubt in CleverTap, then run the export again: it sends only the others.",
        )


def _receipt(chunk: Chunk, refused: Answer) -> Receipt:
    rejected = (*chunk.rejected, *refused)
    return Receipt(chunk.index, chunk.rows - len(rejected), len(rejected), rejected=rejected)
