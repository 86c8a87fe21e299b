"""The properties of a profile or an event: each column as JSON, and the rules its values must keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from integrations.connectors.clevertap.rules import kinds, values
from integrations.connectors.clevertap.rules.broken import Broken, where
from integrations.connectors.clevertap.rules.columns import Found
from integrations.connectors.clevertap.wire import arrays, dates
from integrations.connectors.clevertap.wire.json_text import (
    as_text,
    concatenate,
    escaped,
    join,
    quoted,
    quoted_name,
)

Parts = list[pa.Array | str]
NO_JSON = (
    "This JSON is an object or holds one. CleverTap takes single values, and profiles take arrays of them."
)
NO_ARRAY = "Properties of events hold single values, not arrays."


@dataclass(frozen=True)
class Property:
    """A column that is sent under its own name, or under `key`. `arrays` is the array operation; "" takes none."""

    found: Found
    arrays: str = ""
    key: str = ""

    def check(self, batch: pa.RecordBatch) -> Iterator[Broken]:
        column, name = batch.column(self.found.index), self.found.name
        if kinds.is_json(self.found.column):
            yield from self._check_each(column, [_loaded(value) for value in column.to_pylist()])
        elif types.is_list(column.type) or types.is_large_list(column.type):
            yield from self._check_each(column, column.to_pylist())
        elif types.is_string(column.type):
            inside = arrays.in_text(column) if self.arrays else {}
            yield from values.too_long(name, column, but=_mask(inside, len(column)) if inside else None)
            yield from self._long_items(column, inside)
        else:
            yield from values.not_finite(name, column)

    def write(self, batch: pa.RecordBatch) -> tuple[str, pa.Array, str]:
        """`"name":value` in three pieces, so that it is put together once; the value is NULL where the row's is."""
        before, inside, after = self._value(batch.column(self.found.index))
        return f"{quoted_name(self.key or self.found.name)}:{before}", inside, after

    def _value(self, column: pa.Array) -> tuple[str, pa.Array, str]:
        kind = column.type
        if kinds.is_json(self.found.column):
            return "", _texts([self._json(_loaded(value)) for value in column.to_pylist()]), ""
        if types.is_list(kind) or types.is_large_list(kind):
            return "", _texts([self._json(value) for value in column.to_pylist()]), ""
        if types.is_string(kind):
            return self._text(column)
        if types.is_timestamp(kind) or types.is_date(kind):
            return '"$D_', dates.seconds(column).cast(pa.string()), '"'
        if types.is_time(kind):
            return '"', as_text(column), '"'
        return "", as_text(column), ""  # numbers, true and false

    def _text(self, column: pa.Array) -> tuple[str, pa.Array, str]:
        """Text; what is ISO-8601 in UTC becomes a date, what is a JSON array an array."""
        moments = dates.in_text(column)
        inside = arrays.in_text(column) if self.arrays else {}
        if not inside and moments.null_count == len(moments):
            return '"', escaped(column), '"'
        written = pc.coalesce(dates.property_text(moments), quoted(column))
        if inside:
            found = [arrays.property_text(items, self.arrays) for items in inside.values()]
            written = pc.replace_with_mask(written, _mask(inside, len(column)), _texts(found))
        return "", written, ""

    def _json(self, value: Any) -> str | None:
        if isinstance(value, list):
            return arrays.property_text(value, self.arrays)
        return None if value is None else orjson.dumps(value).decode()

    def _check_each(self, column: pa.Array, loaded: list[Any]) -> Iterator[Broken]:
        objects = [isinstance(v, dict) or (isinstance(v, list) and _nested(v)) for v in loaded]
        yield from where(pa.array(objects, pa.bool_()), self.found.name, column, NO_JSON)
        lists = {row: v for row, v in enumerate(loaded) if isinstance(v, list) and not objects[row]}
        if not self.arrays:
            yield from where(_mask(lists, len(column)), self.found.name, column, NO_ARRAY)
        yield from self._long_items(
            column, {row: [v] for row, v in enumerate(loaded) if isinstance(v, str)} | lists
        )

    def _long_items(self, column: pa.Array, inside: dict[int, list[Any]]) -> Iterator[Broken]:
        """The limit of a text's characters holds for each value of an array."""
        long = {
            row
            for row, held in inside.items()
            if any(len(each) > values.LONGEST for each in arrays.items(held))
        }
        if not long:
            return
        reason = f"A value is longer than {values.LONGEST} characters."
        yield from where(_mask(long, len(column)), self.found.name, column, reason)


def written(properties: Sequence[Property], batch: pa.RecordBatch) -> Parts:
    """`"a":1,"b":"x"` for every row, without what is NULL in it; to be joined with what stands around it.

    A column without NULL is joined only once, with the record. The first of them stands without a comma: those
    before it have theirs behind them, those after it in front.
    """
    pieces = [each.write(batch) for each in properties]
    full = next((i for i, (_, inside, _) in enumerate(pieces) if not inside.null_count), None)
    if full is None:
        return (
            [pc.utf8_slice_codeunits(concatenate(*(join("," + a, b, c) for a, b, c in pieces)), 1)]
            if pieces
            else []
        )
    parts: Parts = []
    for place, (before, inside, after) in enumerate(pieces):
        comma = "," if place > full else ""
        if inside.null_count:
            parts.append(join(comma + before, inside, after + ("" if comma else ",")))
        else:
            parts += [comma + before, inside, after + ("," if place < full else "")]
    return parts


def _loaded(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)


def _nested(value: list[Any]) -> bool:
    return any(isinstance(item, list | dict) for item in value)


def _texts(found: "list[str | None]") -> pa.Array:
    return pa.array(found, pa.string())


def _mask(rows: "dict[int, Any] | set[int]", length: int) -> pa.Array:
    return pa.array([row in rows for row in range(length)], pa.bool_())
