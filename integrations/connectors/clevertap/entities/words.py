"""Columns that must be there and hold text: device tokens, subscriptions, event names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from integrations.connectors.clevertap.entities.plan import Rule
from integrations.connectors.clevertap.rules import kinds, values
from integrations.connectors.clevertap.rules.broken import Broken
from integrations.connectors.clevertap.rules.columns import Found, Sheet
from integrations.connectors.clevertap.wire import json_text

TEXT = "Give a string."
Check = Callable[[str, pa.Array], Iterator[Broken]]


@dataclass
class Words:
    """The found columns in the order they were asked for, and the rules of each."""

    found: list[Found]
    rules: list[Rule] = field(default_factory=list)

    @classmethod
    def of(cls, sheet: Sheet, *names: str, scalars: tuple[str, ...] = ()) -> "Words":
        """`scalars` may be integers and booleans, too; the others have to be text."""
        words = cls(sheet.need(*names))
        for found in words.found:
            loose = found.name.lower() in {name.lower() for name in scalars}
            allowed = kinds.is_identity(found.column) if loose else kinds.is_text(found.column)
            sheet.check_type(found, allowed, "Give a string, an integer or a boolean." if loose else TEXT)
            words.check(found, values.missing)
            words.check(found, values.too_long)
        return words

    def check(self, found: Found, rule: Check) -> None:
        self.rules.append(lambda batch: rule(found.name, text_of(batch, found)))

    @staticmethod
    def quoted(batch: pa.RecordBatch, found: Found) -> pa.Array:
        return json_text.quoted(text_of(batch, found))


def text_of(batch: pa.RecordBatch, found: Found) -> pa.Array:
    return json_text.as_text(batch.column(found.index))
