"""How the rows of one result become records."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from integrations.connectors.clevertap.rules.broken import Broken
from integrations.connectors.clevertap.rules.columns import Found, Sheet

Parts = Sequence[pa.Array | str]
Rule = Callable[[pa.RecordBatch], Iterator[Broken]]


@dataclass(frozen=True)
class Plan:
    """`record` makes one text per row, in parts to be joined; it may rely on every rule being kept."""

    rules: tuple[Rule, ...]
    record: Callable[[pa.RecordBatch], Parts]
    notes: tuple[str, ...] = ()  # what the preview says about the columns

    def broken(self, batch: pa.RecordBatch) -> Iterator[Broken]:
        for rule in self.rules:
            yield from rule(batch)


def ignored(sheet: Sheet, sent: Sequence[Found]) -> tuple[str, ...]:
    """A note on the columns that this operation does not send."""
    taken = {found.index for found in sent}
    names = [column.name for index, column in enumerate(sheet.columns) if index not in taken]
    return (f"Not sent: {', '.join(names)}.",) if names else ()
