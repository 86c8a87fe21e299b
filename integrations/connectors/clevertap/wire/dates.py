"""Times as CleverTap has them: Unix seconds, and `$D_` with seconds for a date property."""

import re
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from integrations.connectors.clevertap.wire.json_text import join

ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?Z$"
_ISO = re.compile(ISO)


def seconds(values: pa.Array) -> pa.Array:
    """Unix seconds of timestamps, dates and ISO-8601 text ending in Z; NULL where text is anything else."""
    kind = values.type
    if types.is_timestamp(kind):
        whole = values if kind.unit == "s" else pc.floor_temporal(values, unit="second")
        return whole.cast(pa.timestamp("s", tz=kind.tz)).cast(pa.int64())
    if types.is_date(kind):
        return values.cast(pa.timestamp("s")).cast(pa.int64())
    return in_text(values)


def in_text(text: pa.Array) -> pa.Array:
    """Only text that ends in Z is looked at, so a column of names costs next to nothing."""
    ends = pc.ends_with(text, "Z")
    if not pc.any(ends, min_count=0).as_py():
        return pa.nulls(len(text), pa.int64())
    read = [None if value is None else _read(value) for value in pc.if_else(ends, text, None).to_pylist()]
    return pa.array(read, pa.int64())


def property_text(found: pa.Array) -> pa.Array:
    """Seconds as the JSON of a date property."""
    return join('"$D_', found.cast(pa.string()), '"')


def _read(value: str) -> int | None:
    if not _ISO.match(value):
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"\.[0-9]+", "", value))
    except ValueError:  # the 30th of February
        return None
    return int(moment.replace(tzinfo=UTC).timestamp())
