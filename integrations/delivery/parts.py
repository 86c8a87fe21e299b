"""Parts of the ledger and receipts of a connector: one from the other."""

from collections.abc import Sequence
from typing import Any

from integrations.connector import Chunk, Receipt
from integrations.errors import RefusedError
from integrations.models import Export, Part

CLOSED = (Part.Status.ACKNOWLEDGED, Part.Status.IN_DOUBT)


def part_of(export: Export, chunk: Chunk) -> Part:
    """The intent to send it; not yet saved."""
    first, last = chunk.span
    return Part(
        export=export,
        index=chunk.index,
        rows=chunk.rows,
        bytes=len(chunk.data),
        sha256=chunk.digest,
        first_row=first,
        last_row=last,
    )


def receipt_of(part: Part | None, digest: str) -> Receipt | None:
    """What is known of a part from before."""
    if part is None:
        return None
    if part.sha256 != digest:
        raise RefusedError(
            f"Part {part.index + 1} came out differently than before the interruption.",
            action="Nothing more was sent. Run the export again.",
        )
    if part.status not in CLOSED:
        return None
    accepted = part.rows - part.rows_rejected - part.rows_in_doubt
    return Receipt(part.index, accepted, part.rows_rejected, part.remote_id, part.rows_in_doubt)


def alike(receipts: Sequence[Receipt]) -> dict[tuple[tuple[str, Any], ...], list[int]]:
    """What closes a part -> the parts that it closes. Most receipts say the same, so one UPDATE writes them all."""
    found: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for receipt in receipts:
        facts = (
            ("status", Part.Status.IN_DOUBT if receipt.rows_in_doubt else Part.Status.ACKNOWLEDGED),
            ("rows_rejected", receipt.rows_rejected),
            ("rows_in_doubt", receipt.rows_in_doubt),
            ("remote_id", receipt.remote_id),
        )
        found.setdefault(facts, []).append(receipt.index)
    return found
