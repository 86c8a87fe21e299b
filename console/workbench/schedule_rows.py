"""What the list of schedules shows of each, in a few statements whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from console.accounts.models import User
from console.workbench import runners, timeline
from console.workbench.models import Job, Schedule, ScheduleQuerySet, Slot

FAILING = Q(failures__gt=0) | Q(last_job__status=Job.Status.ERROR)
PAUSED = Q(paused_at__isnull=False)
FILTERS = {"all": ("All", Q()), "paused": ("Paused", PAUSED), "failing": ("Failing", FAILING)}


@dataclass(frozen=True)
class Row:
    schedule: Schedule
    name: str
    url: str  # of what it runs
    noun: str
    changeable: bool
    lateness: timedelta | None  # of the last slot that was fired
    missed: int  # slots that nobody has made up for
    starts: tuple[datetime, ...]  # in the next 24 hours
    begin: datetime


def counts(found: ScheduleQuerySet) -> dict[str, int]:
    """How many each filter leaves."""
    return dict(
        found.aggregate(**{key: Count("pk", filter=rule or None) for key, (_, rule) in FILTERS.items()})
    )


def matching(found: ScheduleQuerySet, chosen: str, text: str) -> QuerySet[Schedule]:
    """What runs next is first; what does not run is last."""
    if text:
        found = found.filter(
            runners.named(text)
            | Q(cron__icontains=text)
            | Q(owner__name__icontains=text)
            | Q(owner__email__icontains=text)
        )
    return found.filter(FILTERS[chosen][1]).order_by(F("due_at").asc(nulls_last=True), "id")


def rows(schedules: Sequence[Schedule], user: User) -> list[Row]:
    late, missed = _lateness(schedules), _missed(schedules)
    begin, now = timeline.begin_of(timezone.now()), timezone.now()
    return [
        Row(
            schedule,
            runners.get(schedule).name(schedule),
            runners.get(schedule).url(schedule),
            runners.get(schedule).noun,
            runners.get(schedule).may_change(user, schedule),
            late.get(schedule.pk),
            missed.get(schedule.pk, 0),
            _starts(schedule, begin, now),
            begin,
        )
        for schedule in schedules
    ]


def _starts(schedule: Schedule, begin: datetime, now: datetime) -> tuple[datetime, ...]:
    if schedule.due_at is None or schedule.due_at >= begin + timeline.HOURS * timeline.HOUR:
        return ()
    return tuple(at for at in timeline.starts(timeline.Rhythm.of(schedule), begin) if at >= now)


def _lateness(schedules: Sequence[Schedule]) -> dict[int, timedelta | None]:
    fired = Slot.objects.filter(schedule=OuterRef("pk"), fired_at__isnull=False, backfill=False)
    ids = Schedule.objects.filter(pk__in=[schedule.pk for schedule in schedules])
    newest = ids.annotate(newest=Subquery(fired.order_by("-time").values("pk")[:1])).values("newest")
    return {slot.schedule_id: slot.lateness for slot in Slot.objects.filter(pk__in=newest)}


def _missed(schedules: Sequence[Schedule]) -> dict[int, int]:
    found = Slot.objects.filter(schedule__in=schedules, state=Slot.State.MISSED)
    return dict(found.order_by().values_list("schedule").annotate(n=Count("pk")))
