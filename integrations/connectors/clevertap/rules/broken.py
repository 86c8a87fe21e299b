"""Rows of a batch that break a rule."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from integrations.connector import RejectedRow

SHOWN = 200  # characters of a value that are kept


@dataclass(frozen=True)
class Broken:
    """One rule and the rows of a batch that break it."""

    column: str
    rows: list[int]  # in the batch, from 0
    values: list[Any]
    reason: str


def where(mask: pa.BooleanArray, column: str, values: pa.Array | None, reason: str) -> Iterator[Broken]:
    """The rows for which `mask` is true; nothing where there is none. NULL is not true."""
    if not pc.any(mask, skip_nulls=True, min_count=0).as_py():
        return
    rows = pc.indices_nonzero(mask.fill_null(False))
    shown = values.take(rows).to_pylist() if values is not None else [None] * len(rows)
    yield Broken(column, rows.to_pylist(), shown, reason)


def rejected(broken: Iterable[Broken], numbers: Sequence[int]) -> dict[int, RejectedRow]:
    """Each row once, with all its faults: position in the batch -> row. `numbers` are the batch's rows'."""
    found: dict[int, list[tuple[str, Any, str]]] = {}
    for rule in broken:
        for row, value in zip(rule.rows, rule.values, strict=True):
            found.setdefault(row, []).append((rule.column, value, rule.reason))
    return {row: _row(numbers[row], faults) for row, faults in sorted(found.items())}


def text(value: Any) -> str:
    """A value as the list of rejected rows shows it."""
    if value is None:
        return ""
    written = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return written if len(written) <= SHOWN else written[: SHOWN - 1] + "…"


def _row(number: int, faults: list[tuple[str, Any, str]]) -> RejectedRow:
    column, value, reason = faults[0]
    others = [f"{other}: {why}" if other else why for other, _, why in faults[1:]]
    return RejectedRow(number, column, text(value), " ".join([reason, *others]))


def keep(batch: pa.RecordBatch, without: Iterable[int]) -> pa.RecordBatch:
    """The batch without these rows."""
    gone = set(without)
    if not gone:
        return batch
    return batch.filter(pa.array([row not in gone for row in range(batch.num_rows)], pa.bool_()))
