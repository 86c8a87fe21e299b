"""What schedules run. Queries are one kind; a room above registers its own, once, from its `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from console.accounts.models import User
from console.workbench.models import Job, Schedule, Slot


class CantRun(Exception):
    """What the schedule runs is gone or not whole; `str(error)` says what to do. Counts as a configuration failure."""


def _nothing(schedule: Schedule, slot: Slot | None, job: Job) -> None:
    pass


@dataclass(frozen=True)
class Runner:
    """One kind of schedule.

    `job` gives the run's Job, not saved: the firing saves those of many schedules in one statement. It is called
    with the schedule, the slot's time and who runs it, inside the firing's transaction, and may raise CantRun.
    """

    kind: str
    job: Callable[[Schedule, datetime, User], Job]
    name: Callable[[Schedule], str]  # as lists show it
    url: Callable[[Schedule], str]  # the page of what it runs
    may_change: Callable[[User, Schedule], bool]
    subject: Callable[[Schedule], str]  # what notices of its runs are about (`console.notices.subjects`)
    rule_url: Callable[[Schedule], str]  # where its rule is changed
    noun: str  # "query"
    name_field: str  # the lookup that a search by name uses: "query__name"
    # Relations that `job` and `name` read, fetched for all schedules at once.
    related: tuple[str, ...] = ()
    # Called in the same transaction once the job has a number; the slot is None for a run by hand.
    started: Callable[[Schedule, Slot | None, Job], Any] = _nothing


_runners: dict[str, Runner] = {}


def register(runner: Runner) -> None:
    _runners[runner.kind] = runner


def get(schedule: Schedule) -> Runner:
    return _runners[schedule.kind]


def named(text: str) -> Q:
    """Schedules of whatever kind whose name holds `text`."""
    found = Q()
    for runner in _runners.values():
        found |= Q(**{f"{runner.name_field}__icontains": text})
    return found


def related() -> tuple[str, ...]:
    """What `select_related` has to fetch so that no runner asks the database for each schedule anew."""
    return tuple(sorted({name for runner in _runners.values() for name in runner.related}))
