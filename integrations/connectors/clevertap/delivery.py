"""Rows to CleverTap, batch by batch or as a list; safe to be begun again after a death."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

from integrations.connector import Chunk, Keys, Ledger
from integrations.connectors.clevertap.batch import Door
from integrations.connectors.clevertap.client import Client
from integrations.connectors.clevertap.operations import at_once, chosen
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
    # Events can't be sent twice: an export that ended early is continued, never begun anew.
    ledger.remember(sending=operation.key, in_doubt="" if operation.repeatable else CONTINUED)
    tally = Tally(ledger)
    door = Door(Client(credentials, parallel=threads), operation)
    skip = bool(settings.get("skip_invalid"))
    sender = Sender(ledger, door.send, threads, operation.path, operation.repeatable, skip, tally)
    with closing(ahead(chunks(), AHEAD)) as made:
        sender.run(made)
    tally.summary()
    if not tally.in_doubt:
        ledger.remember(in_doubt="")


def discard(credentials: Keys, settings: Keys, memory: Mapping[str, Any]) -> str:
    """Nothing can be taken back: says what stays."""
    return "What CleverTap had accepted by then stays there."
