"""`ts`: Unix seconds, a timestamp, or ISO-8601 text in UTC."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from integrations.connectors.clevertap.rules import kinds
from integrations.connectors.clevertap.rules.broken import Broken, where
from integrations.connectors.clevertap.wire import dates
from integrations.rows import Column

NEEDED = "ts must be a Unix timestamp or an ISO-8601 time ending in Z."
MILLISECONDS = 10**11  # seconds of the year 5138: what is greater was meant as milliseconds


def is_time(column: Column) -> bool:
    return kinds.family(column) in kinds.TEXT | kinds.INTEGER | kinds.TIME | kinds.NOTHING


def seconds(values: pa.Array) -> pa.Array:
    """Unix seconds; NULL where there are none to read."""
    if types.is_integer(values.type) or types.is_decimal(values.type):
        return values.cast(pa.int64(), safe=False)
    return dates.seconds(values)


def wrong_time(name: str, values: pa.Array) -> Iterator[Broken]:
    if types.is_null(values.type):
        return
    found = seconds(values)
    unread = pc.and_(pc.is_null(found), pc.is_valid(values))
    yield from where(unread, name, values, NEEDED)
    yield from where(pc.less_equal(found, 0), name, values, "ts must be after 1970-01-01T00:00:00Z.")
    late = pc.greater(found, MILLISECONDS)
    yield from where(late, name, values, "ts is in milliseconds. Give Unix seconds.")
