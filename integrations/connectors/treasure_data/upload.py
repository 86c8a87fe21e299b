"""Parts on their way: a few at a time, each acknowledged in the ledger by the thread that owns it."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from integrations.connector import Chunk, Ledger, Receipt

MOST = 3  # uploads at a time
MEMORY = 96 << 20  # bytes of parts in flight at most, but always one part
HEED = 0.2  # seconds between two looks at the ledger


def send(ledger: Ledger, chunks: Iterator[Chunk], put: Callable[[Chunk], str], part_bytes: int) -> None:
    """`put` sends a part, repeatably, and returns its remote name. Parts accepted before are skipped."""
    most = max(1, min(MOST, MEMORY // part_bytes))
    pool = ThreadPoolExecutor(most, thread_name_prefix="upload")
    flying: dict[Future[str], Chunk] = {}
    try:
        for chunk in chunks:
            if ledger.intend(chunk) is None:
                flying[pool.submit(put, chunk)] = chunk
            while len(flying) >= most:
                _settle_one(ledger, flying, put)
        while flying:
            _settle_one(ledger, flying, put)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _settle_one(ledger: Ledger, flying: dict[Future[str], Chunk], put: Callable[[Chunk], str]) -> None:
    done: set[Future[str]] = set()
    while not done:
        ledger.heed()
        done, _ = wait(flying, timeout=HEED, return_when=FIRST_COMPLETED)
    future = done.pop()
    chunk = flying.pop(future)
    name = ledger.retry(f"PUT part {chunk.index + 1}", _tries(future, put, chunk))
    ledger.acknowledge(Receipt(chunk.index, chunk.rows, remote_id=name), len(chunk.data))


def _tries(future: Future[str], put: Callable[[Chunk], str], chunk: Chunk) -> Callable[[], Any]:
    """The first try has been made by the pool; the others are made here, under the ledger's one budget."""
    made = [future.result]

    def once_more() -> str:
        return made.pop()() if made else put(chunk)

    return once_more
