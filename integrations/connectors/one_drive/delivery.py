"""A file to OneDrive: spooled, sent, compared. Called again after a death, it goes on where it was."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from integrations import vault
from integrations.connector import Chunk, Keys, Ledger
from integrations.connectors.one_drive import target, upload
from integrations.connectors.one_drive.answers import GraphRefusal, already_there, explaining
from integrations.connectors.one_drive.client import Client
from integrations.connectors.one_drive.export import file_name, place
from integrations.connectors.one_drive.run import Run
from integrations.errors import DeliveryError, RefusedError
from integrations.formats.spool import spool
from integrations.rows import Column

LARGEST = 250 * 10**9  # bytes


def deliver(
    credentials: Keys,
    settings: Keys,
    chunks: Callable[[], Iterator[Chunk]],
    columns: tuple[Column, ...],
    ledger: Ledger,
) -> None:
    """Raises `DeliveryError`, or lets `Stopped` pass."""
    if ledger.memory.get("phase") == "arrived":
        return
    spooled = spool(chunks(), ledger.spool, heed=ledger.heed)
    where, name = place(settings), file_name(settings)
    if spooled.size > LARGEST:
        raise RefusedError(
            f"The file has {spooled.size:,} bytes; OneDrive takes 250 GB.", action="Export fewer rows."
        )
    client = Client(credentials)
    folder = ledger.retry(f"Find {where}", lambda: _folder(client, settings, where, name))
    run = Run(client, settings, ledger, spooled, folder, where, name)
    _begin(run)
    if spooled.size <= upload.SMALL:
        upload.in_one_request(run)
    else:
        upload.in_fragments(run)
    ledger.remember(phase="arrived", in_doubt="", session="")
    ledger.log("info", f"{run.name} is there: {spooled.size:,} bytes, {spooled.rows:,} rows")


def discard(credentials: Keys, settings: Keys, memory: Mapping[str, Any]) -> str:
    """Ends the upload session. No file is ever deleted, and nothing else was written."""
    label = f"{place(settings)}/{file_name(settings)}"
    if memory.get("phase") == "arrived":
        return f"{label} is there, complete."
    if memory.get("phase") == "damaged":
        return f"What OneDrive now holds as {label} is not the file that was sent."
    if sealed := memory.get("session"):
        try:
            Client(credentials).cancel_session(str(vault.unseal(str(sealed))["url"]))
        except GraphRefusal as refused:
            if refused.problem.status not in {401, 404}:
                return _left(label, refused)
        except DeliveryError as error:
            return _left(label, error)
    return f"Nothing was written to {label}."


def _begin(run: Run) -> None:
    """From here on a file of that name may be ours; before, it is somebody else's."""
    if run.ledger.memory.get("phase"):
        return
    if not run.replaces and run.call(f"GET {run.name}", run.there):
        raise already_there(run.name, run.place)
    run.ledger.remember(phase="sending")


def _folder(client: Client, settings: Keys, where: str, name: str) -> target.Folder:
    with explaining(where, name):
        return target.ensure(client, settings)


def _left(label: str, error: DeliveryError) -> str:
    return f"Nothing was written to {label}, but the upload session is still open and ends by itself: {error}"
