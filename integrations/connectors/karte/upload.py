"""An upload: begun, sent fragment by fragment from the byte where Google stands, and compared at its end."""

from collections.abc import Callable

from integrations.connector import Receipt
from integrations.connectors.karte.answers import DELETE, GET, Corrupted, SessionGone, may_not_replace
from integrations.connectors.karte.resumable import Piece, Stored
from integrations.connectors.karte.run import Run, matches, sealed
from integrations.errors import DeliveryError, TemporaryError


def begin(run: Run) -> None:
    """Opens an upload, where none is under way."""
    if run.memory.get("address"):
        return
    if "generation" not in run.memory:
        generation, blind = _replaced(run)
        run.ledger.remember(generation=generation, blind=blind)
    place, size = run.place, run.file.size
    generation = run.memory["generation"]
    address = run.call(
        f"POST upload of {place.name}", run.client.begin, place, size, run.content_type, generation
    )
    run.ledger.remember(address=sealed(address), file=run.facts)
    run.progress = 0
    run.ledger.log("info", f"Upload of {size:,} bytes to {place.address} begun")


def send(run: Run) -> None:
    """Every byte, then the comparison. Raises `SessionGone` or `Corrupted` where it has to begin again."""
    with run.file.path.open("rb") as stream:
        for chunk, start in run.chunks():
            end, total = start + len(chunk.data), run.file.size
            run.ledger.intend(chunk)
            piece = Piece(stream, start, end, total, run.content_type, run.file.crc32c)
            _send_piece(run, piece, f"PUT part {chunk.index + 1} of {run.place.name}")
            if end < total:
                run.ledger.acknowledge(Receipt(chunk.index, 0), len(chunk.data))
    _compare(run)


def settle(run: Run) -> None:
    """Acknowledges the last part, and with it every row. No kill is heeded any more: the object is there."""
    for chunk, start in run.chunks():
        if start + len(chunk.data) == run.file.size:
            receipt = Receipt(chunk.index, chunk.rows, remote_id=run.place.name[:255])
            run.ledger.acknowledge(receipt, len(chunk.data))


def intend_all(run: Run) -> None:
    """The parts of a file that has arrived by other means, up to the last acknowledgement."""
    for chunk, start in run.chunks():
        run.ledger.intend(chunk)
        if start + len(chunk.data) < run.file.size:
            run.ledger.acknowledge(Receipt(chunk.index, 0), len(chunk.data))


def _replaced(run: Run) -> tuple[int | None, bool]:
    """The generation that may be replaced: of what is there now. And whether the account may not look.

    An account that may neither look nor replace can only create; one that may replace without looking
    replaces whatever is there.
    """
    granted = run.call(
        f"GET permissions of {run.place.bucket}", run.client.permissions, run.place, (GET, DELETE)
    )
    if GET not in granted:
        return (None if DELETE in granted else 0), True
    there = run.call(f"GET {run.place.name}", run.client.look, run.place)
    if there and DELETE not in granted:
        raise may_not_replace(run.place)
    return (there.generation if there else 0), False


def _send_piece(run: Run, piece: Piece, request: str) -> None:
    """Sends what Google does not have of it yet, in as many requests as that takes."""
    try:
        while not _has(run, piece):
            run.call(request, _attempt(run, piece))
    except SessionGone:
        raise  # whether the last piece had been taken is found out elsewhere
    except DeliveryError as error:
        if run.memory.get("in_doubt") and not error.retryable:
            run.ledger.remember(in_doubt="")  # Google said no
        raise


def _has(run: Run, piece: Piece) -> bool:
    if isinstance(run.progress, Stored):
        return True
    return run.progress is not None and piece.end < piece.total and run.progress >= piece.end


def _attempt(run: Run, piece: Piece) -> Callable[[], None]:
    def attempt() -> None:
        if run.progress is None:
            _ask(run)
        if _has(run, piece):
            return
        known, run.progress = run.progress, None
        assert isinstance(known, int)
        if piece.is_last:
            run.ledger.remember(in_doubt=_doubt(run))
        reached = run.client.send(run.place, run.address, piece.begun_at(known))
        if isinstance(reached, int) and reached <= known:
            raise TemporaryError("Google kept none of the bytes that were sent.", response="308")
        run.progress = reached

    return attempt


def _ask(run: Run) -> None:
    """After a failure or a death Google may have more than is known here."""
    run.progress = run.client.progress(run.place, run.address)
    if run.memory.get("in_doubt") and not isinstance(run.progress, Stored):
        run.ledger.remember(in_doubt="")


def _compare(run: Run) -> None:
    stored = run.progress
    assert isinstance(stored, Stored)
    if not matches(stored, run.facts):
        run.ledger.remember(generation=stored.generation, damaged=True)
        raise Corrupted(
            f"{run.place.address} has {stored.size:,} bytes and CRC32C {stored.crc32c}; "
            f"the file has {run.file.size:,} and {run.file.crc32c}."
        )
    run.complete()


def _doubt(run: Run) -> str:
    return (
        f"The last part was sent, but no answer came: {run.place.address} may hold the whole result, "
        "or what was there before."
    )
