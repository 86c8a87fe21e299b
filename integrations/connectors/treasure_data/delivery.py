"""Rows to a Treasure Data table: Append in one session, Replace through a temporary table; safe to repeat."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from integrations.connector import Chunk, Keys, Ledger
from integrations.connectors.treasure_data import replace, session
from integrations.connectors.treasure_data.answers import is_status
from integrations.connectors.treasure_data.client import Client
from integrations.connectors.treasure_data.columns import plan
from integrations.connectors.treasure_data.run import Run, temporary
from integrations.connectors.treasure_data.upload import send
from integrations.errors import ConfirmationNeeded, DeliveryError
from integrations.rows import Column


def deliver(
    credentials: Keys,
    settings: Keys,
    chunks: Callable[[], Iterator[Chunk]],
    columns: tuple[Column, ...],
    ledger: Ledger,
) -> None:
    """Raises `DeliveryError`, or lets `Stopped` pass. Called again after a death, it goes on where it was."""
    run = Run(Client(credentials), settings, plan(columns, settings, ledger.default_time), ledger)
    if run.replaces and not ledger.rows_total and not ledger.confirmed_empty:
        raise ConfirmationNeeded(
            f"The result has no rows, so Replace would empty {run.database}.{run.target}. Nothing was sent.",
            action="Run the export again and confirm that the table is to be emptied, or choose Append.",
        )
    run.begin()
    if run.ledger.memory.get("switch") != "done":
        _load(run, chunks)
    if run.replaces:
        replace.switch(run)
    ledger.reject(int(ledger.memory.get("rejected", 0)))
    _delete_session(run)


def discard(credentials: Keys, settings: Keys, memory: Mapping[str, Any]) -> str:
    """Removes what a run left behind. Returns a sentence on what is left at the destination."""
    table = f"{settings['user_database_name']}.{settings['user_table_name']}"
    replaces, name = settings["mode"] == "replace", str(memory.get("session", ""))
    if memory.get("switch") == "done" or (memory.get("phase") == "committed" and not replaces):
        return f"The rows are in {table}."
    client = Client(credentials)
    try:
        _remove(lambda: client.delete_session(name))
        if replaces:
            staged = temporary(settings["user_table_name"], name)
            _remove(lambda: client.delete_table(settings["user_database_name"], staged))
    except DeliveryError as error:
        return f"{table} is unchanged, but session {name} could not be removed at {client.host}: {error}"
    if memory.get("created") == settings["user_table_name"]:
        return f"Nothing was added; the new table {table} is left, empty."
    return f"{table} is unchanged."


def _load(run: Run, chunks: Callable[[], Iterator[Chunk]]) -> None:
    if not run.phase:
        run.create_table(run.written)
    if not run.ledger.rows_total:
        run.extend_schema()
        run.ledger.log("info", "The result has no rows: nothing to send")
    elif run.settings.get("legacy"):
        _stream(run, chunks)
    else:
        session.load(run, chunks)


def _stream(run: Run, chunks: Callable[[], Iterator[Chunk]]) -> None:
    """Legacy mode: each part is a streaming import, whose id keeps a repeated one from counting twice."""
    if run.phase == "committed":
        return
    doubt = (
        f"In Legacy mode the parts accepted so far are already in {run.database}.{run.target}. "
        "Running this export again sends only the rest."
    )
    run.ledger.remember(phase="sending", in_doubt="" if run.replaces else doubt)

    def put(chunk: Chunk) -> str:
        unique = hashlib.sha256(f"{run.session}/{chunk.index}".encode()).hexdigest()[:32]
        run.client.import_with_id(run.database, run.written, unique, chunk.data)
        return unique

    send(run.ledger, chunks(), put, int(run.settings["file_split_size"]) * 1024)
    run.extend_schema()
    run.ledger.remember(phase="committed", in_doubt="")


def _delete_session(run: Run) -> None:
    """Tidiness only: the rows have arrived, and a session expires by itself."""
    if run.settings.get("legacy") or not run.ledger.rows_total:
        return
    try:
        _remove(lambda: run.client.delete_session(run.session))
    except DeliveryError as error:
        run.ledger.log("warn", f"Session {run.session} could not be deleted: {error}")


def _remove(call: Callable[[], object]) -> None:
    try:
        call()
    except DeliveryError as error:
        if not is_status(error, 404):
            raise
