"""What would be sent, before it is: real profiles of the segment under the mapping as it stands.

One sample with every attribute is asked for and kept for a while; the mapping only picks from it. So the preview
follows each letter, also while names are still wrong, and its rows are the first rows of a run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.utils import timezone

from activations import sizing, sources, string_builder
from activations.errors import Invalid
from activations.models import Activation, Measurement
from activations.output_mapping import Raw
from activations.sql import Lost
from activations.string_builder import Facts, StringType
from console.accounts.models import User
from console.workbench.display import as_text
from integrations.rows import Column, RowStream

FRESH = timedelta(minutes=15)
SHOWN = 20  # rows in the table
TEXT = "varchar"


@dataclass(frozen=True)
class Shown:
    """A column of the preview table."""

    name: str
    type: str
    is_string: bool  # from the String Builder
    problem: bool  # its name can't be used


def sample(activation: Activation, user: User, *, again: bool = False) -> Measurement | str:
    """The sample, perhaps not there yet; or why there can be none."""
    segment, asker = activation.segment, f"activation:{activation.pk}:{user.pk}"
    last = Measurement.objects.filter(asker=asker).order_by("-pk").first()
    if last and not again and _is_fresh(last, activation):
        return sizing.look(last.pk)
    try:
        return sizing.measure(segment.audience, segment.rules, user, asker, own=segment)
    except (Invalid, Lost) as error:
        return str(error)


def rows(measurement: Measurement, raw: Raw, facts: Facts) -> RowStream | None:
    """The sample as a run would send it; None before it is known, or where nothing is chosen."""
    stream = sizing.sample(measurement)
    if stream is None:
        return None
    known = {column.name: (place, column.type) for place, column in enumerate(stream.columns)}
    picked = [(known[source], name) for source, name in _columns(raw, list(known)) if source in known]
    texts = [(one["name"], _text(one, facts)) for one in raw["strings"]]
    columns = [Column(name, type) for (_, type), name in picked] + [Column(name, TEXT) for name, _ in texts]
    if not columns:
        return None

    def opened() -> Iterator[pa.RecordBatch]:
        for batch in stream.open():
            arrays = [batch.column(place) for (place, _), _ in picked]
            arrays += [pa.array([text] * batch.num_rows, pa.string()) for _, text in texts]
            yield pa.RecordBatch.from_arrays(arrays, names=[column.name for column in columns])

    return RowStream(tuple(columns), stream.total, opened)


def header(stream: RowStream, raw: Raw, problems: Sequence[str]) -> list[Shown]:
    """`problems` are the paths of rows whose name is wrong."""
    strings = len(raw["strings"])
    first = len(stream.columns) - strings
    group = "all_columns" if raw["all_columns"] else "columns"
    return [
        Shown(
            column.name, column.type, place >= first,
            (f"strings.{place - first}.name" if place >= first else f"{group}.{place}.name") in problems,
        )
        for place, column in enumerate(stream.columns)
    ]  # fmt: skip


def table(stream: RowStream) -> list[tuple[str | None, ...]]:
    return [row for batch in stream.first(SHOWN).open() for row in as_text(batch)]


def facts(activation: Activation, zone: str, at: datetime | None = None) -> Facts:
    segment = activation.segment
    local = (at or timezone.now()).astimezone(ZoneInfo(zone))
    return Facts(segment.number, segment.name, segment.audience_id, local)


def string_text(row: Raw, told: Facts) -> str:
    """What a String Builder row writes, as it stands."""
    return _text(row, told)


def _columns(raw: Raw, known: Sequence[str]) -> list[tuple[str, str]]:
    if raw["all_columns"]:
        return [(name, name) for name in known]
    return [(one["source"], one["name"]) for one in raw["columns"]]


def _text(row: Raw, told: Facts) -> str:
    if row["type"] not in list(StringType):
        return ""
    return string_builder.text(StringType(row["type"]), row["value"], told)


def _is_fresh(last: Measurement, activation: Activation) -> bool:
    segment = activation.segment
    same = last.rules == segment.rules and last.asked_at > segment.audience.updated_at
    return same and last.state != Measurement.State.SUPERSEDED and last.asked_at > timezone.now() - FRESH


def available(activation: Activation) -> list[str]:
    return sources.attribute_names(activation.segment.audience)
