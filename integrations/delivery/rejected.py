"""Rejected rows: kept with the part they belong to, counted by reason, listed, and found again to be sent."""

import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from heapq import heappop, heappush

import orjson
from django.db.models import Sum

from integrations.connector import Receipt, RejectedRow
from integrations.models import Export, Part, RejectedRows
from integrations.rows import RowStream

REASONS = 50  # different reasons that are counted by themselves
OTHERS = "Other reasons"
MIXED = 20_000  # rows: more than any two neighbouring parts hold


def keep(export: Export, part: int, rows: Sequence[RejectedRow]) -> None:
    """In the transaction of the part's receipt."""
    packed = zlib.compress(orjson.dumps([[r.row, r.column, r.value, r.reason, r.code] for r in rows]), 1)
    RejectedRows.objects.update_or_create(
        export=export, part=part, defaults={"rows": len(rows), "packed": packed}
    )


def counted(reasons: Mapping[str, int], receipts: Sequence[Receipt]) -> dict[str, int]:
    """`reasons` with those of further rows; beyond the limit they are counted together."""
    found = Counter(reasons)
    for receipt in receipts:
        for row in receipt.rejected:
            found[row.reason if row.reason in found or len(found) < REASONS else OTHERS] += 1
    return dict(found)


def listed(export: Export, start: int = 0, limit: int | None = None) -> Iterator[RejectedRow]:
    """The rejected rows in the order of their parts, from the `start`-th on."""
    for kept in export.rejected.defer("packed"):
        if start >= kept.rows:
            start -= kept.rows
            continue
        for row in unpacked(kept)[start:]:
            if limit is not None and limit <= 0:
                return
            yield row
            limit = None if limit is None else limit - 1
        start = 0


def how_many(export: Export) -> int:
    """Rows that are listed."""
    return int(export.rejected.aggregate(rows=Sum("rows"))["rows"] or 0)


def in_order(export: Export) -> Iterator[RejectedRow]:
    """All of them by their numbers. The parts are in order but for the rows of neighbours, which mix a little."""
    waiting: list[tuple[int, int, RejectedRow]] = []
    for count, row in enumerate(listed(export)):
        heappush(waiting, (row.row, count, row))
        if len(waiting) > MIXED:
            yield heappop(waiting)[2]
    while waiting:
        yield heappop(waiting)[2]


def numbers_in_order(export: Export) -> "array[int]":
    return array("q", (row.row for row in in_order(export)))


def unpacked(kept: RejectedRows) -> list[RejectedRow]:
    """By the rows' numbers."""
    rows = [RejectedRow(*fields) for fields in orjson.loads(zlib.decompress(kept.packed))]
    return sorted(rows, key=lambda row: row.row)


def rejected_numbers(export: Export) -> "array[int]":
    """The numbers of all rejected rows, rising."""
    parts = export.rejected.exclude(part=RejectedRows.AT_FAULT)
    return array("q", sorted(row.row for kept in parts.iterator() for row in unpacked(kept)))


def doubtful_numbers(export: Export) -> "array[int]":
    """The numbers of all rows in doubt, rising: those of the parts in doubt that were not set aside."""
    aside = set(rejected_numbers(export))
    spans = export.parts.filter(status=Part.Status.IN_DOUBT).values_list("first_row", "last_row")
    numbers = [number for first, last in spans for number in range(first, last + 1) if number not in aside]
    if export.resends:
        sent = set(numbers_of(export))
        numbers = [number for number in numbers if number in sent]
    return array("q", sorted(numbers))


def numbers_of(export: Export) -> "array[int]":
    """The rows that `export` is to deliver of those another one did not."""
    assert export.resends is not None
    return doubtful_numbers(export.resends) if export.resends_doubt else rejected_numbers(export.resends)


def rows_for(export: Export, whole: RowStream) -> RowStream:
    """What this export delivers of the stored result: all of it, or what another export did not deliver."""
    first = export.resends
    if first is None:
        return whole
    numbers = numbers_of(export)
    if len(numbers) != (first.rows_in_doubt if export.resends_doubt else first.rows_rejected):
        raise LookupError("The rows that were to be sent again are no longer kept.")
    return whole.only(numbers)


def forget(exports: Sequence[int]) -> None:
    """With the stored result go the values that were kept of it; the numbers and reasons stay."""
    RejectedRows.objects.filter(export__in=exports).delete()
