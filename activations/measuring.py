"""What a worker does for a measurement: count, keep the size, fetch the sample, keep it."""

import logging
import os
import socket
import time
from typing import Any

from django.utils import timezone

from activations import asking, sizing, wording
from activations.mapping import Written
from activations.models import Measurement, Segment
from activations.queries import Selection, select
from activations.rules import RulesError
from activations.sql import Lost
from console.warehouse.engine.interface import SqlError
from console.warehouse.types import WarehouseError

log = logging.getLogger(__name__)
LOOK = 0.4  # seconds between two looks at whether anybody still waits
TWICE = (
    "{rows} were found for {customers:,} customers: a key comes more than once. "
    "Refresh the parent segment to see in which table."
)
State = Measurement.State


class _NobodyWaits(Exception):
    pass


def work(number: int) -> None:
    """The queue's task. Does nothing for a measurement that is superseded or another worker's."""
    now = timezone.now()
    waiting = Measurement.objects.filter(pk=number, state=State.WAITING)
    if not waiting.update(
        state=State.RUNNING, started_at=now, beaten_at=now, worker=f"{socket.gethostname()}:{os.getpid()}"
    ):
        return
    asked = Measurement.objects.select_related("audience", "segment").get(pk=number)
    try:
        _measure(asked, _Watch(number))
    except _NobodyWaits:
        pass
    except (SqlError, WarehouseError, RulesError, Lost) as error:
        _end(asked, State.FAILED, error_message=str(error), error_action=getattr(error, "hint", ""))
    except Exception:
        log.exception("measurement %s failed unexpectedly", number)
        message = "The count stopped on an error inside Sendoff."
        _end(
            asked,
            State.FAILED,
            error_message=message,
            error_action="Look in the worker's log, and report it.",
        )


def _measure(asked: Measurement, watch: "_Watch") -> None:
    selection = select(asked.audience, asked.rules, asked.segment)
    asked.sql = selection.count_sql()
    answer = asking.ask(asked.sql, scheduled_time=asked.scheduled_time, heed=watch.heed)
    rows, customers = answer.rows[0]
    if rows != customers:
        raise SqlError(TWICE.format(rows=wording.rows(rows), customers=customers))
    asked.size = rows
    _write(asked, sql=asked.sql, size=rows)
    columns, sample = _sample(asked, selection, watch)
    _end(asked, State.DONE, sample=sample, sample_columns=columns)
    _keep(asked)


def _sample(asked: Measurement, selection: Selection, watch: "_Watch") -> tuple[list[list[str]], bytes]:
    """The key, by which rows are sorted, is no column of it."""
    outputs = selection.everything() if asked.outputs is None else [Written(**one) for one in asked.outputs]
    sql = selection.profiles_sql(outputs, limit=sizing.ROWS)
    answer = asking.ask(sql, scheduled_time=asked.scheduled_time, heed=watch.heed)
    columns = [[column.name, column.type] for column in answer.columns[:-1]]
    return columns, sizing.stored(answer.table.select(range(len(columns))))


def _keep(asked: Measurement) -> None:
    """In the segment's row, unless its rules are others by now."""
    if asked.segment_id is None or asked.segment_version is None:
        return
    names, rows = sizing.sample_text(asked)
    kept = {"columns": names, "rows": rows}
    Segment.objects.filter(pk=asked.segment_id, version=asked.segment_version).update(
        size=asked.size, size_at=timezone.now(), size_version=asked.segment_version, sample=kept
    )


def _write(asked: Measurement, **fields: Any) -> None:
    """Only while somebody waits. Raises _NobodyWaits."""
    if not Measurement.objects.filter(pk=asked.pk, state=State.RUNNING).update(**fields):
        raise _NobodyWaits
    for name, value in fields.items():
        setattr(asked, name, value)


def _end(asked: Measurement, state: str, **fields: Any) -> None:
    try:
        _write(asked, state=state, finished_at=timezone.now(), **fields)
    except _NobodyWaits:
        log.info("nobody waits for measurement %s any more", asked.pk)


class _Watch:
    """Called all the while the engine works: says that the worker lives, and hears that nobody waits."""

    def __init__(self, number: int) -> None:
        self.number, self._looked = number, time.monotonic()

    def heed(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        mine = Measurement.objects.filter(pk=self.number, state=State.RUNNING)
        if not mine.update(beaten_at=timezone.now()):
            raise _NobodyWaits
