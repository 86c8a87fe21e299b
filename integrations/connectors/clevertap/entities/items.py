"""`Items[0].Category`, `Items[0].Price`, `Items[1].Category` …: the list of what was charged."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from integrations.connectors.clevertap.entities.plan import Rule
from integrations.connectors.clevertap.entities.words import text_of
from integrations.connectors.clevertap.rules.broken import Broken, where
from integrations.connectors.clevertap.rules.columns import Found, Sheet, check_values
from integrations.connectors.clevertap.wire.json_text import concatenate, join
from integrations.connectors.clevertap.wire.properties import Parts, Property

CHARGED = "Charged"
SHAPE = re.compile(r"Items\[([0-9]{1,4})\]\.(.+)", re.IGNORECASE | re.DOTALL)
ONLY_CHARGED = f"Items belong to the event {CHARGED} only."


def is_item(name: str) -> bool:
    return name.lower().startswith("items[")


@dataclass(frozen=True)
class Items:
    """One tuple of properties per item, in order."""

    each: tuple[tuple[Property, ...], ...]

    @classmethod
    def of(cls, sheet: Sheet, columns: Sequence[Found]) -> "Items":
        found: dict[int, list[Property]] = {}
        for column in columns:
            if not (met := SHAPE.fullmatch(column.name)):
                sheet.problems.append(
                    f"The column {column.name} is no item. Write Items[0].Name of the property."
                )
                continue
            check_values(sheet, column, arrays=False)
            item = found.setdefault(int(met[1]), [])
            if met[2] in [other.key for other in item]:
                sheet.problems.append(f"{met[2]} of Items[{int(met[1])}] is there twice. Keep one.")
            item.append(Property(column, key=met[2]))
        if found and any(each.name == "Items" for each in sheet.columns):
            sheet.problems.append("The column Items stands beside Items[0]. Keep one of the two.")
        if gap := sorted(set(range(len(found))) - set(found)):
            sheet.problems.append(
                f"Items[{gap[0]}] is missing: the numbers of items start at 0 and leave none out."
            )
        return cls(tuple(tuple(found[number]) for number in sorted(found)))

    def rules(self, event: Found) -> Iterator[Rule]:
        if self.each:
            yield lambda batch: self._check(batch, event)
        yield from (field.check for item in self.each for field in item)

    def write(self, batch: pa.RecordBatch, others: Parts) -> Parts:
        """The inside of evtData: the other properties, and Items where the row has any."""
        if not self.each:
            return others
        inside = [self._item(batch, item) for item in self.each]
        listed = pc.utf8_slice_codeunits(concatenate(*inside), 1)
        written = pc.if_else(pc.equal(listed, ""), "", join('"Items":[', listed, "]"))
        if not others:
            return [written]
        before = concatenate(*others)
        both = pc.and_(pc.not_equal(before, ""), pc.not_equal(written, ""))
        return [before, pc.if_else(both, ",", ""), written]

    def _item(self, batch: pa.RecordBatch, item: tuple[Property, ...]) -> pa.Array:
        """`,{"Category":"books"}`; NULL where all of its columns are."""
        fields = concatenate(*(join("," + a, b, c) for a, b, c in (each.write(batch) for each in item)))
        return pc.if_else(pc.equal(fields, ""), None, join(",{", pc.utf8_slice_codeunits(fields, 1), "}"))

    def _check(self, batch: pa.RecordBatch, event: Found) -> Iterator[Broken]:
        given = [_any_given(batch, item) for item in self.each]
        some = given[0]
        for number, after in enumerate(given[1:], 1):
            gap = pc.and_not(after, given[number - 1])
            yield from where(
                gap, f"Items[{number}]", None, f"Items[{number}] is given without Items[{number - 1}]."
            )
            some = pc.or_(some, after)
        names = text_of(batch, event)
        other = pc.and_(some, pc.not_equal(names, CHARGED))
        yield from where(other, event.name, names, ONLY_CHARGED)


def _any_given(batch: pa.RecordBatch, item: tuple[Property, ...]) -> pa.Array:
    given = pc.is_valid(batch.column(item[0].found.index))
    for each in item[1:]:
        given = pc.or_(given, pc.is_valid(batch.column(each.found.index)))
    return given
