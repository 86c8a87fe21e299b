"""What is done where an upload can't go on: found finished after all, begun again, or given up."""

from collections.abc import Mapping
from typing import Any

from integrations.connectors.karte import upload
from integrations.connectors.karte.answers import Changed, Corrupted, SessionGone, may_not_replace
from integrations.connectors.karte.resumable import Stored
from integrations.connectors.karte.run import Run, matches
from integrations.errors import RefusedError

MOST_EXPIRED = 3  # uploads lost in one run; one is unusual, for they are kept a week


def expired(run: Run, error: SessionGone) -> None:
    """The last piece may have been taken before the upload was forgotten: look first."""
    if run.is_there(run.facts):
        return run.complete()
    lost = int(run.memory.get("expired", 0)) + 1
    if lost > MOST_EXPIRED:
        raise RefusedError(
            f"Google lost the upload {lost} times.", action="Run the export again.", response=error.response
        ) from error
    return run.begin_again(str(error), expired=lost)


def corrupted(run: Run, error: Corrupted) -> None:
    if run.memory.get("corrupted"):
        message = "The file arrived at Google twice with other bytes than were sent."
        action = (
            "Run the export again. If it happens again, look at the network between this server and Google."
        )
        raise RefusedError(f"{message} {error}", action=action, response=error.response) from error
    run.begin_again(str(error), corrupted=True)


def changed(run: Run, error: Changed) -> None:
    """The precondition did not hold: by an earlier try of our own, or by somebody else."""
    if run.is_there(run.facts):
        return run.complete()
    run.ledger.remember(in_doubt="")
    if run.memory.get("blind") and run.memory.get("generation") == 0:
        raise may_not_replace(run.place) from error
    raise error


def other_file(run: Run) -> None:
    """The spool was lost, and the file made again has other bytes, as PGP never gives the same ones twice."""
    before = run.memory["file"]
    if run.memory.get("phase") == "done" or _arrived(run, before):
        run.ledger.restart()
        upload.intend_all(run)
        return run.complete(file=run.facts)
    return run.begin_again("The file of the interrupted upload is lost and was made again.", file=run.facts)


def _arrived(run: Run, facts: Mapping[str, Any]) -> bool:
    """Whether the former file is at its place; where it is not, its upload is cancelled."""
    if not run.address:
        return False
    try:
        found = run.call("PUT status of the upload", run.client.progress, run.place, run.address)
        if not isinstance(found, Stored):
            run.call("DELETE the upload", run.client.cancel, run.place, run.address)
    except SessionGone:
        return run.is_there(facts)
    return matches(found, facts)
