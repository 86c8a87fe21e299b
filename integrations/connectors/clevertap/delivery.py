"""Rows to CleverTap, batch by batch or as a list; safe to be begun again after a death."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from typing import Any

from integrations.connector import Chunk, Keys, Ledger
from integrations.connectors.clevertap.batch import Door
from integrations.connectors.clevertap.client import Client
from integrations.connectors.clevertap.custom_list import ListRun, left_behind
from integrations.connectors.clevertap.operations import LIST, at_once, chosen
from integrations.connectors.clevertap.sending import Sender
from integrations.connectors.clevertap.tally import Tally
from integrations.formats.background import ahead
from integrations.rows import Column

AHEAD = 8  # requests that are encoded while others are on their way
CONTINUED = "What CleverTap accepted stays there. Running this export again sends only the other events."


def deliver(
    credentials: Keys,
    settings: Keys,
    chunks: Callable[[], Iterator[Chunk]],
    columns: tuple[Column, ...],
    ledger: Ledger,
) -> None:
    """Raises `DeliveryError`, or lets `Stopped` pass."""
    operation, threads = chosen(settings), at_once(settings)
    if operation is LIST:
        ledger.remember(sending=operation.key)
        ListRun(Client(credentials), settings, chunks, ledger).run()
        return
    # Events can't be sent twice: an export that ended early is continued, never begun anew.
    ledger.remember(sending=operation.key, in_doubt="" if operation.repeatable else CONTINUED)
    tally = Tally(ledger)
    door = Door(Client(credentials, parallel=threads), operation)
    skip = bool(settings.get("skip_invalid"))
    sender = Sender(ledger, door.send, threads, operation.path, operation.repeatable, skip, tally)
    with closing(ahead(_each(chunks), AHEAD)) as made:
        sender.run(made)
    tally.summary()
    if not tally.in_doubt:
        ledger.remember(in_doubt="")


def _each(chunks: Callable[[], Iterator[Chunk]]) -> Generator[Chunk]:
    """In the thread that works ahead: so is the digest made there."""
    for chunk in chunks():
        _ = chunk.digest
        yield chunk


def discard(credentials: Keys, settings: Keys, memory: Mapping[str, Any]) -> str:
    """Nothing can be taken back: says what stays."""
    if memory.get("sending") == LIST.key:
        return left_behind(settings, str(memory.get("phase", "")))
    return "What CleverTap had accepted by then stays there."
