"""Replace: the temporary table takes the target's place in one step, and never twice."""

from integrations.connectors.treasure_data.answers import is_status
from integrations.connectors.treasure_data.run import Run
from integrations.errors import DeliveryError, RefusedError


def switch(run: Run) -> None:
    """The old rows or the new ones, never between. After a kill it finds out whether it had been done."""
    if run.ledger.memory.get("switch") == "done":
        return
    doubt = (
        f"The switch of {run.database}.{run.target} to its new rows was sent, but no answer came: "
        "the table has either all its old rows or all the new ones."
    )
    if "staged_id" not in run.ledger.memory:
        run.ledger.remember(staged_id=_id(run, run.written))
    run.ledger.heed()  # the last moment at which a kill leaves no doubt
    run.ledger.remember(in_doubt=doubt)
    try:
        run.call(f"POST table/rename/{run.database}/{run.written}/{run.target}?overwrite=true", _once, run)
    except DeliveryError as error:
        if not error.retryable:
            run.ledger.remember(in_doubt="")
        raise
    run.ledger.remember(switch="done", in_doubt="")
    run.ledger.log("info", f"{run.database}.{run.target} now has the new rows")


def _once(run: Run) -> None:
    if _switched(run):
        return
    try:
        run.client.rename_over(run.database, run.written, run.target)
    except RefusedError as error:
        if not is_status(error, 404) or _switched(run):
            raise
        _swap(run)


def _swap(run: Run) -> None:
    """For a service without rename. The old rows are then in the temporary table, which goes."""
    try:
        run.client.create_table(run.database, run.target)
    except RefusedError as error:
        if not is_status(error, 409):
            raise
    run.client.swap_tables(run.database, run.written, run.target)
    drop_temporary(run)


def _switched(run: Run) -> bool:
    """Whether the table this run filled is the target by now: gone from its place, or its id has moved."""
    staged = run.client.table(run.database, run.written)
    if staged is None:
        return True
    identity = run.ledger.memory.get("staged_id")
    if identity is None or str(staged.get("id")) == identity:
        return False
    drop_temporary(run)
    return True


def drop_temporary(run: Run) -> None:
    try:
        run.client.delete_table(run.database, run.written)
    except RefusedError as error:
        if not is_status(error, 404):
            raise


def _id(run: Run, table: str) -> str | None:
    shown = run.call(f"GET table/show/{run.database}/{table}", run.client.table, run.database, table)
    if shown is None:
        raise RefusedError(
            f"The temporary table {table} is gone with its rows.", action="Run the export again."
        )
    return None if shown.get("id") is None else str(shown["id"])
