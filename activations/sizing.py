"""Live sizes and samples: how many customers rules match, and the first of them. Hidden work in a worker, which a
newer question of the same asker stops."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone
from django_q.tasks import async_task

from activations.mapping import Written
from activations.models import Measurement, ParentSegment, Segment
from activations.queries import select
from console.accounts.models import User
from console.workbench.display import as_text
from integrations.rows import Column, RowStream

SILENT = timedelta(seconds=60)  # a worker says more often that it lives
KEPT = timedelta(hours=1)  # an answer is read within seconds
ROWS = 100  # in a sample
State = Measurement.State


def measure(
    audience: ParentSegment,
    rules: Any,
    user: User,
    asker: str,
    *,
    own: Segment | None = None,
    outputs: Sequence[Written] | None = None,
) -> Measurement:
    """Asks for the size of rules and a sample of their profiles. Supersedes what `asker` asked before.

    `asker` names the page that waits, for example "builder:<segment>:<user>". `own` is the segment whose rules these
    are. `outputs` are the sample's columns, an output mapping's for example; else it has every attribute.
    Raises RulesError.
    """
    select(audience, rules, own)
    return _ask(audience, rules, user, asker, outputs, segment=own)


def measure_segment(segment: Segment, user: User) -> Measurement:
    """Asks for the size of a segment as it is saved; the answer is kept in its row too. Raises RulesError."""
    select(segment.audience, segment.rules, segment)
    asker = f"segment:{segment.pk}"
    return _ask(
        segment.audience, segment.rules, user, asker, None, segment=segment, segment_version=segment.version
    )


@transaction.atomic
def _ask(
    audience: ParentSegment,
    rules: Any,
    user: User,
    asker: str,
    outputs: Sequence[Written] | None,
    **fields: Any,
) -> Measurement:
    Measurement.objects.filter(asked_at__lt=timezone.now() - KEPT).exclude(
        state__in=Measurement.OPEN
    ).delete()
    mine = Measurement.objects.filter(asker=asker, state__in=Measurement.OPEN)
    mine.update(state=State.SUPERSEDED, finished_at=timezone.now())
    asked = Measurement.objects.create(
        audience=audience, rules=rules, user=user, asker=asker, scheduled_time=int(time.time()),
        outputs=None if outputs is None else [asdict(one) for one in outputs], **fields,
    )  # fmt: skip
    async_task("activations.measuring.work", asked.pk, task_name=f"size-{asked.pk}")
    return asked


def cancel(measurement: Measurement) -> None:
    """Nobody waits for it any more."""
    still = Measurement.objects.filter(pk=measurement.pk, state__in=Measurement.OPEN)
    still.update(state=State.SUPERSEDED, finished_at=timezone.now())


def look(number: int) -> Measurement:
    """How it stands. One whose worker is gone has failed, and says so. Raises Measurement.DoesNotExist."""
    gone = Measurement.objects.filter(pk=number, state=State.RUNNING, beaten_at__lt=timezone.now() - SILENT)
    gone.update(
        state=State.FAILED,
        finished_at=timezone.now(),
        error_message="The worker that counted stopped.",
        error_action="Count again.",
    )
    return Measurement.objects.get(pk=number)


def sample(measurement: Measurement) -> RowStream | None:
    """The first profiles as the rows a run would send, for a connector's preview; None before they are known.

    `total` is the number of rows at hand, not the segment's size.
    """
    if measurement.sample is None:
        return None
    table = pq.read_table(BytesIO(bytes(measurement.sample)))
    columns = tuple(Column(name, kind) for name, kind in measurement.sample_columns or [])
    return RowStream(columns, table.num_rows, lambda: iter(table.combine_chunks().to_batches()))


def sample_text(measurement: Measurement, rows: int = 20) -> tuple[list[str], list[tuple[str | None, ...]]]:
    """Names and rows as a person reads them; None is NULL."""
    stream = sample(measurement)
    if stream is None:
        return [], []
    shown = [row for batch in stream.first(rows).open() for row in as_text(batch)]
    return [column.name for column in stream.columns], shown


def stored(table: pa.Table) -> bytes:
    """A sample as it is kept: Parquet."""
    sink = BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()
