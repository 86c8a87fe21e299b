"""A result to one object in a bucket: the whole file or none of it, safe to repeat after any death."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from integrations.connector import Chunk, Keys, Ledger
from integrations.connectors.karte import restarts, upload
from integrations.connectors.karte.answers import Changed, Corrupted, SessionGone
from integrations.connectors.karte.client import Client
from integrations.connectors.karte.encoding import content_type
from integrations.connectors.karte.places import Place
from integrations.connectors.karte.resumable import Stored
from integrations.connectors.karte.run import Run, opened
from integrations.errors import DeliveryError
from integrations.formats.spool import spool
from integrations.rows import Column


def deliver(
    credentials: Keys,
    settings: Keys,
    chunks: Callable[[], Iterator[Chunk]],
    columns: tuple[Column, ...],
    ledger: Ledger,
) -> None:
    """Raises `DeliveryError`, or lets `Stopped` pass. Called again after a death, it goes on where Google stands."""
    client = Client(credentials)
    file = spool(chunks(), ledger.spool, heed=ledger.heed)
    run = Run(client, Place.of(settings, client.key.email), ledger, file, content_type(settings))
    if run.memory.get("file", run.facts) != run.facts:
        restarts.other_file(run)
    while run.memory.get("phase") != "done":
        _carry_on(run)
    upload.settle(run)


def discard(credentials: Keys, settings: Keys, memory: Mapping[str, Any]) -> str:
    """Cancels the upload. Returns a sentence on what is at the destination."""
    place = Place.of(settings)
    if memory.get("phase") == "done":
        return f"{place.address} holds the whole result."
    address, state = opened(memory), "damaged" if memory.get("damaged") else "unchanged"
    untouched = f"{place.address} is {state}."
    if not address:
        return untouched
    try:
        client = Client(credentials)
        if isinstance(client.progress(place, address), Stored):
            return untouched if memory.get("damaged") else f"{place.address} holds the whole result."
        client.cancel(place, address)
    except SessionGone:
        pass
    except DeliveryError as error:
        why = str(error).rstrip(".")
        return f"{untouched} The upload could not be cancelled ({why}); Google forgets it within a week."
    return untouched


def _carry_on(run: Run) -> None:
    try:
        upload.begin(run)
        upload.send(run)
    except SessionGone as error:
        restarts.expired(run, error)
    except Corrupted as error:
        restarts.corrupted(run, error)
    except Changed as error:
        restarts.changed(run, error)
