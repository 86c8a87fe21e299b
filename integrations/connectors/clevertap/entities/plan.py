"""How the rows of one result become records."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from integrations.connectors.clevertap.rules.broken import Broken

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
