"""A bulk import session, taken from whatever state it is in to committed. Every step may be repeated."""

from collections.abc import Callable, Iterator

from integrations.connector import Chunk
from integrations.connectors.treasure_data.replies import Session
from integrations.connectors.treasure_data.run import Run
from integrations.connectors.treasure_data.upload import send
from integrations.errors import DeliveryError, RefusedError

AGAIN = "Run the export again."


def load(run: Run, chunks: Callable[[], Iterator[Chunk]]) -> None:
    """All rows into the run's table, or none. A session that is committed is never committed again."""
    if run.phase == "committed":
        return
    if _open(run).status == "uploading":
        _fill(run, chunks)
        _perform(run)
    found = _until(run, "ready", through={"performing"})
    if found.status == "ready":
        _verify(run, found)
        run.extend_schema()
        found = _commit(run)
    if found.status != "committed":
        _until(run, "committed", through={"ready", "committing"})
    run.ledger.remember(phase="committed", in_doubt="")
    run.ledger.log("info", f"Session {run.session} is committed")


def _show(run: Run) -> Session:
    """Raises `RefusedError` where the session is gone though it had been there."""
    found = run.call(f"GET bulk_import/show/{run.session}", run.client.session, run.session)
    if found is None:
        doubt = run.phase == "committing"
        raise RefusedError(
            f"The bulk import session {run.session} no longer exists at {run.client.host}.",
            action="Compare the table with the result first." if doubt else AGAIN,
        )
    return found


def _open(run: Run) -> Session:
    if not run.phase:
        _create(run)
        run.ledger.remember(phase="uploading")
    return _show(run)


def _create(run: Run) -> None:
    """Looks first: a worker that died may have created it, or its answer may have been lost."""

    def create() -> None:
        if run.client.session(run.session) is None:
            run.client.create_session(run.session, run.database, run.written)

    run.call(f"POST bulk_import/create/{run.session}", create)


def _fill(run: Run, chunks: Callable[[], Iterator[Chunk]]) -> None:
    """Uploads what is missing, then freezes. A frozen session has all its parts."""
    if _show(run).frozen:
        return

    def put(chunk: Chunk) -> str:
        name = f"part-{chunk.index}"
        run.client.upload_part(run.session, name, chunk.data)
        return name

    def freeze() -> None:
        if not _known(run).frozen:
            run.client.freeze(run.session)

    send(run.ledger, chunks(), put, int(run.settings["file_split_size"]) * 1024)
    run.call(f"POST bulk_import/freeze/{run.session}", freeze)


def _perform(run: Run) -> None:
    def perform() -> None:
        if _known(run).status == "uploading":
            run.client.perform(run.session)

    run.call(f"POST bulk_import/perform/{run.session}", perform)
    run.ledger.log("info", f"Session {run.session}: the destination reads the parts")


def _commit(run: Run) -> Session:
    """The session after the commit. It is looked at in the same breath: a kill that comes later is too late."""

    def commit() -> Session:
        if _known(run).status == "ready":
            run.client.commit(run.session)
        return _known(run)

    doubt = (
        f"The commit of session {run.session} was sent, but no answer came: "
        f"all {run.ledger.rows_total:,} rows may be in {run.database}.{run.target}, or none."
    )
    run.ledger.heed()  # the last moment at which a kill leaves no doubt
    run.ledger.remember(phase="committing", in_doubt="" if run.replaces else doubt)
    try:
        return run.call(f"POST bulk_import/commit/{run.session}", commit)
    except DeliveryError as error:
        if not error.retryable:
            run.ledger.remember(in_doubt="")  # the destination said no
        raise


def _known(run: Run) -> Session:
    """Inside a retried call: one look, no retry of its own."""
    found = run.client.session(run.session)
    if found is None:
        raise RefusedError(f"The bulk import session {run.session} no longer exists.", action=AGAIN)
    return found


def _until(run: Run, wanted: str, *, through: set[str]) -> Session:
    """Waits until the session has this status or a later one. Raises where it takes another way."""
    order = ["uploading", "performing", "ready", "committing", "committed"]
    for _ in run.polls():
        found = _show(run)
        if found.status in order and order.index(found.status) >= order.index(wanted):
            return found
        if found.status not in through:
            raise RefusedError(
                f"Failed to perform bulk import session {run.session}: its status is {found.status}.",
                action=AGAIN,
            )
    raise AssertionError("polls never ends")


def _verify(run: Run, found: Session) -> None:
    """Nothing is committed unless every row is accounted for: taken, or refused by the destination."""
    total, errors = run.ledger.rows_total, found.errors or 0
    if found.error_parts:
        raise RefusedError(f"The destination could not read {found.error_parts} of the parts.", action=AGAIN)
    if found.valid is None or found.valid + errors != total:
        seen = "no number of" if found.valid is None else f"{found.valid + errors:,}"
        raise RefusedError(
            f"The destination counts {seen} rows; {total:,} were sent. Nothing was added.", action=AGAIN
        )
    run.ledger.remember(rejected=errors)
    if errors:
        run.ledger.log(
            "warn", f"The destination refused {errors:,} of {total:,} rows (session {run.session})"
        )
