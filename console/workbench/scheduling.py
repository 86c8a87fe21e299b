"""What people do with schedules: set the rule, pause, resume, run now, run missed slots.

Who may do it is the pages' question (`permissions.require_schedule`); running now is anybody's, as Run is.
A rule that can't be read raises `schedules.CronError`, everything else `ScheduleRefused`.
"""

from datetime import date, datetime

from console.accounts.models import User
from console.workbench.models import Job, Query, Schedule, ScheduleQuerySet, Slot


class ScheduleRefused(Exception):
    """What was asked can't be done; `str(error)` says why and what to do. `field` is the form's, where it has one
    ("zone", "delay", "starts_on", "ends_on", "start", "end")."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def schedules_of(kind: str | None = None) -> ScheduleQuerySet:
    """All that have a rule, with what a list shows of each (query, owner, last job) fetched."""
    raise NotImplementedError


def set_rule(
    target: Query | Schedule,
    cron: str,
    zone: str,
    delay: int,
    user: User,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Schedule | None:
    """Gives a query its schedule, or changes one. `cron` is five fields, "@daily", "@hourly" or "" for None.

    None keeps the schedule's row and so its history, and returns it; for a query without one it returns None.
    The slots of the old rule whose time has come but which have not started are skipped, and say so.
    """
    raise NotImplementedError


def pause(schedule: Schedule, user: User | None, reason: str = "") -> Schedule:
    """Starts nothing more until `resume`. What goes on is not stopped, what waits in the queue is skipped."""
    raise NotImplementedError


def resume(schedule: Schedule, user: User) -> Schedule:
    """Goes on with the next slot, and with no failures counted. What came due meanwhile is listed as skipped."""
    raise NotImplementedError


def run_now(schedule: Schedule, user: User) -> Job:
    """A run beside the slots, at once, for this moment's time. Refused while the last run is going."""
    raise NotImplementedError


def backfill(schedule: Schedule, start: datetime, end: datetime, user: User) -> list[Slot]:
    """Queues every slot of start <= time < end that has not run, oldest first, to run one after the other.

    Those from before the schedule existed are made. Refused where nothing is left to run, or too much.
    """
    raise NotImplementedError


def backfill_slots(schedule: Schedule, slots: list[int], user: User) -> list[Slot]:
    """The same for chosen slots of `offered`, by their ids."""
    raise NotImplementedError
