"""What has to happen without anybody asking: forgotten jobs are rung again, old results removed."""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q
from django.dispatch import Signal
from django.utils import timezone

from console.workbench import results
from console.workbench.jobs import ring
from console.workbench.models import Job, Slot

FORGOTTEN = timedelta(seconds=60)
turned = Signal()  # sent at every turn of the watch, by which others see that it lives
SLOTS_KEPT = 100  # of each schedule, however old: a year of a monthly one is worth seeing
STRAY_SECONDS = 86_400  # longer than any worker is between writing a result and naming it


def ring_again() -> int:
    """Rings for jobs whose worker died (lease over) and those the queue seems to have lost. Returns how many."""
    now = timezone.now()
    died = Q(lease_until__lt=now) & (Q(rung_at=None) | Q(rung_at__lt=F("lease_until")))
    lost = (Q(lease_until=None) | Q(lease_until__lt=now)) & Q(rung_at__lt=now - FORGOTTEN)
    waiting = Job.objects.unfinished().filter(died | lost).values_list("pk", flat=True)
    for job_id in waiting:
        ring(job_id)
    return len(waiting)


def remove_old_results() -> int:
    """Removes results older than RESULT_DAYS, except those an unfinished export still reads."""
    before = timezone.now() - timedelta(days=settings.RESULT_DAYS)
    old = Job.objects.filter(status__in=Job.FINAL, finished_at__lt=before).exclude(result_path="")
    in_use = Job.objects.unfinished().exclude(source=None).values("source_id")
    removed = 0
    for job in old.exclude(pk__in=in_use):
        results.remove(job)
        removed += 1
    return removed


def remove_old_slots() -> int:
    """Removes slots older than SLOT_DAYS, except those that wait and each schedule's newest."""
    before = timezone.now() - timedelta(days=settings.SLOT_DAYS)
    old = Slot.objects.filter(time__lt=before).exclude(state=Slot.State.QUEUED)
    removed = 0
    for schedule in old.order_by().values_list("schedule", flat=True).distinct():
        mine = Slot.objects.filter(schedule=schedule).order_by("-time").values_list("time", flat=True)
        newest = list(mine[SLOTS_KEPT - 1 : SLOTS_KEPT])
        if newest:
            removed += old.filter(schedule=schedule, time__lt=newest[0]).delete()[0]
    return removed


def remove_strays() -> int:
    """Removes what no job names: a worker died, or lost its claim, before its result was whole and in the row."""
    before = time.time() - STRAY_SECONDS
    found = [path for path in results.files() if path.stat().st_mtime < before]
    names = [path.name for path in found]
    named = set(Job.objects.filter(result_path__in=names).values_list("result_path", flat=True))
    strays = [path for path in found if path.name not in named]
    for path in strays:
        results.delete(path)
    return len(strays)
