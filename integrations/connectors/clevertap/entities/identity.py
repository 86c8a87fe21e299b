"""Whose record it is, and since when: what profiles and events have in common."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from integrations.connectors.clevertap.entities.plan import Parts
from integrations.connectors.clevertap.rules import kinds, values
from integrations.connectors.clevertap.rules.broken import Broken, where
from integrations.connectors.clevertap.rules.columns import Found, Sheet
from integrations.connectors.clevertap.rules.time import is_time, seconds, wrong_time
from integrations.connectors.clevertap.wire.json_text import as_text, escaped, join, quoted

SCALAR = "Give a string, an integer or a boolean."
BOTH = "Where a row has both identity and objectId, identity is sent."


@dataclass(frozen=True)
class Identity:
    """`identity` or `objectId`, whichever the row has; identity first."""

    columns: tuple[Found, ...]
    names: tuple[str, ...]  # as CleverTap spells them

    @classmethod
    def of(cls, sheet: Sheet) -> "Identity":
        found = sheet.need_one("identity", "objectId")
        for each in found:
            sheet.check_type(each, kinds.is_identity(each.column), SCALAR)
        spelled = {"identity": "identity", "objectid": "objectId"}
        return cls(tuple(found), tuple(spelled[each.name.lower()] for each in found))

    @property
    def notes(self) -> tuple[str, ...]:
        return (BOTH,) if len(self.columns) > 1 else ()

    def check(self, batch: pa.RecordBatch) -> Iterator[Broken]:
        texts = [as_text(batch.column(each.index)) for each in self.columns]
        blank = values.is_blank(texts[0])
        for text in texts[1:]:
            blank = pc.and_(blank, values.is_blank(text))
        are = "is missing." if len(texts) == 1 else "are both missing."
        yield from where(blank, self.columns[0].name, None, f"{' and '.join(self.names)} {are}")
        for each, text in zip(self.columns, texts, strict=True):
            yield from values.too_long(each.name, text)

    def write(self, batch: pa.RecordBatch) -> Parts:
        """`"identity":"…"` or `"objectId":"…"`."""
        texts = [as_text(batch.column(each.index)) for each in self.columns]
        if len(texts) == 1:
            return [f'"{self.names[0]}":"', escaped(texts[0]), '"']
        given = [pc.if_else(values.is_blank(text), pa.scalar(None, pa.string()), text) for text in texts]
        return [
            pc.coalesce(
                *(join(f'"{name}":', quoted(text)) for name, text in zip(self.names, given, strict=True))
            )
        ]


@dataclass(frozen=True)
class Time:
    """`ts`; a row without one has the time of the export, so that a repeated request is the same to the byte."""

    found: Found | None
    default: int

    @classmethod
    def of(cls, sheet: Sheet, default: int) -> "Time":
        found = sheet.find("ts")
        if found:
            wanted = "Give a Unix timestamp (integer), a timestamp, or ISO-8601 text ending in Z."
            sheet.check_type(found, is_time(found.column), wanted)
        return cls(found, default)

    def check(self, batch: pa.RecordBatch) -> Iterator[Broken]:
        if self.found:
            yield from wrong_time(self.found.name, batch.column(self.found.index))

    def write(self, batch: pa.RecordBatch) -> pa.Array | str:
        if self.found is None:
            return str(self.default)
        column = batch.column(self.found.index)
        if pa.types.is_null(column.type):
            return str(self.default)
        return pc.coalesce(seconds(column).cast(pa.string()), pa.scalar(str(self.default)))
