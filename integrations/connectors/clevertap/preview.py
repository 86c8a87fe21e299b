"""The first request, made by the run's own encoder, and how many follow."""

from collections.abc import Iterator
from itertools import islice

from integrations.connector import Chunk, Keys, RejectedRow, RequestsPreview
from integrations.connectors.clevertap import showing
from integrations.connectors.clevertap.encoding import encode
from integrations.connectors.clevertap.operations import LIST, Operation, at_once, chosen
from integrations.connectors.clevertap.planning import plan
from integrations.connectors.clevertap.regions import HOSTS, address
from integrations.connectors.clevertap.rules.columns import ColumnsError
from integrations.rows import RowStream

COUNTED_ROWS = 50_000  # results up to this size are encoded whole, so that the number of requests is exact
SAMPLES = 10  # rejected rows that are named
ONCE = (
    "Create New Segment works once: the next run finds the name taken. For a query that runs again and again choose "
    "Update Existing Segment."
)
TS = "A row without ts gets the time of the run."


def preview(credentials: Keys, settings: Keys, rows: RowStream, default_time: int) -> RequestsPreview:
    """Never uses the network."""
    operation, region = chosen(settings), str(credentials["region"])
    target = f"{operation.label} at {HOSTS[region]}"
    if not rows.columns:  # the query has not run yet
        return RequestsPreview(target, (), "")
    try:
        notes = list(plan(settings, rows.columns, default_time).notes)
    except ColumnsError as error:
        return RequestsPreview(
            target, (), "", problems=error.problems,
            confirm=f"A run would stop at once: {' '.join(error.problems)} Save these settings all the same?",
        )  # fmt: skip
    if operation.key in {"upload_profiles", "user_events"}:
        notes.append(TS)
    if address(region) != f"https://{HOSTS[region]}":
        notes.append(f"This console sends to {address(region)} instead (SENDOFF_CLEVERTAP_URL).")
    whole = rows.total <= COUNTED_ROWS
    looked = list(islice(encode(settings, rows, default_time), None if whole else 1))
    rejected = tuple(row for chunk in looked for row in chunk.rejected)
    return RequestsPreview(
        target,
        tuple(showing.requests(credentials, settings, operation, looked, whole=whole)),
        _follow(operation, settings, rows, looked),
        rejected=rejected[:SAMPLES],
        notes=tuple(notes),
        warnings=tuple(
            _warnings(operation, settings, rejected, sum(chunk.rows for chunk in looked), rows.total)
        ),
    )


def _follow(operation: Operation, settings: Keys, rows: RowStream, looked: list[Chunk]) -> str:
    sent = [chunk for chunk in looked if chunk.data]
    if not rows.total:
        return "The result has no rows: nothing is sent."
    if operation is LIST:
        return f"Three requests, one after another, for all {rows.total:,} rows."
    if not sent and rows.total <= COUNTED_ROWS:
        return "No row is left to send."
    at_most = f", at most {at_once(settings)} at a time"
    if rows.total > COUNTED_ROWS:
        more = -(-rows.total // max(1, len(sent[0].numbers) if sent else operation.records)) - 1
        return f"About {more:,} more requests follow{at_most}."
    more = len(sent) - 1
    return (
        f"{more:,} more request{'s follow' if more > 1 else ' follows'}{at_most}."
        if more
        else "No other request follows."
    )


def _warnings(
    operation: Operation, settings: Keys, rejected: tuple[RejectedRow, ...], looked: int, total: int
) -> Iterator[str]:
    if operation is LIST and settings["segment_mode"] == "create":
        yield ONCE
    if rejected:
        of = f"{looked:,} rows" if looked == total else f"the first {looked:,} rows"
        then = (
            "They will be set aside."
            if settings.get("skip_invalid")
            else "A run stops before anything is sent."
        )
        breaks = "breaks" if len(rejected) == 1 else "break"
        yield f"{len(rejected):,} of {of} {breaks} a rule. {then}"
